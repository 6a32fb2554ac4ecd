"""profiles.yml is replaced as a whole or not at all, readable by its owner only, with a copy of the former file."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wharfinger.core.errors import Conflict, Invalid, Refused
from wharfinger.dbt.profiles_yml.store import ProfilesFile

NOW = datetime(2026, 11, 21, 12, 30, 5, tzinfo=UTC)


@pytest.fixture
def files() -> ProfilesFile:
    return ProfilesFile(lambda: NOW)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_is_its_owners_alone_and_so_is_its_folder(files: ProfilesFile, tmp_path: Path) -> None:
    path = tmp_path / ".dbt" / "profiles.yml"

    with pytest.raises(Invalid, match="does not exist"):
        files.replace(files.read(path), "a: 1\n")
    assert not path.parent.exists()
    assert files.replace(files.read(path), "a: 1\n", make_folder=True) is None
    assert path.read_text() == "a: 1\n"
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    assert [one.name for one in path.parent.iterdir()] == ["profiles.yml"]


def test_what_was_there_stays_beside_it_byte_for_byte(files: ProfilesFile, tmp_path: Path) -> None:
    path = tmp_path / "profiles.yml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\n")
    path.chmod(0o644)
    copies = [files.replace(files.read(path), f"a: {number}\n") for number in (2, 3)]

    assert [copy.name for copy in copies if copy] == [
        "profiles.yml.20261121T123005Z.bak",
        "profiles.yml.20261121T123005Z-2.bak",
    ]
    assert [copy.read_bytes() for copy in copies if copy] == [b"\xef\xbb\xbfa: 1\r\n", b"a: 2\n"]
    assert [mode(one) for one in (path, *copies) if one] == [0o600] * 3
    assert path.read_text() == "a: 3\n"


def test_a_link_stays_a_link(files: ProfilesFile, tmp_path: Path) -> None:
    real, link = tmp_path / "dotfiles.yml", tmp_path / "profiles.yml"
    real.write_text("a: 1\n")
    link.symlink_to(real)
    files.replace(files.read(link), "a: 2\n")

    assert link.is_symlink()
    assert real.read_text() == "a: 2\n"


def test_somebody_elses_change_is_not_lost(files: ProfilesFile, tmp_path: Path) -> None:
    path = tmp_path / "profiles.yml"
    path.write_text("a: 1\n")
    kept = files.read(path)
    path.write_text("a: theirs\n")

    with pytest.raises(Conflict):
        files.replace(kept, "a: 2\n")
    assert path.read_text() == "a: theirs\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_appeared_meanwhile_is_not_overwritten(files: ProfilesFile, tmp_path: Path) -> None:
    kept = files.read(tmp_path / "profiles.yml")
    (tmp_path / "profiles.yml").write_text("a: theirs\n")
    with pytest.raises(Conflict):
        files.replace(kept, "a: 2\n")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root writes into somebody else's folder")
def test_a_file_stays_its_owners_when_root_writes_it(files: ProfilesFile, tmp_path: Path) -> None:
    path = tmp_path / "profiles.yml"
    path.write_text("a: 1\n")
    os.chown(path, 12345, 54321)
    files.replace(files.read(path), "a: 2\n")
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 54321)


def test_nothing_is_left_of_a_write_that_failed(
    files: ProfilesFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "profiles.yml"
    path.write_text("a: 1\n")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)  # nothing else can fill the disk
    with pytest.raises(Refused, match="No space left"):
        files.replace(files.read(path), "a: 2\n")
    assert path.read_text() == "a: 1\n"
    assert not [one for one in tmp_path.iterdir() if one.name.startswith(".")]


def test_a_folder_in_the_way_is_told(files: ProfilesFile, tmp_path: Path) -> None:
    (tmp_path / "profiles.yml").mkdir()
    with pytest.raises(Refused, match="Cannot read"):
        files.read(tmp_path / "profiles.yml")
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused):
        files.replace(files.read(tmp_path / "file" / "profiles.yml"), "a: 1\n")


def test_another_encoding_is_told_with_its_place(files: ProfilesFile, tmp_path: Path) -> None:
    (tmp_path / "profiles.yml").write_bytes("a: ü\n".encode("latin-1"))
    with pytest.raises(Invalid, match="byte 3"):
        _ = files.read(tmp_path / "profiles.yml").text
