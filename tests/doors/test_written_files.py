"""One rule for every file that a command writes where a person named it."""

from __future__ import annotations

import errno
import os
import stat
import threading
from pathlib import Path

import pytest
from tests.conftest import LAST_RESORT

from wharfinger.access.planning.plan import is_script
from wharfinger.cli.files import Output
from wharfinger.core.errors import Conflict, Invalid, WharfingerError

OURS = b"-- Wharfinger access plan 1\n"


def written(file: Path, *, force: bool = False) -> None:
    Output(file, "The script", is_script, force=force).write(b"new")


def test_a_new_file_is_written_whole_and_nothing_else(tmp_path: Path) -> None:
    written(tmp_path / "plan.sql")

    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {"plan.sql": b"new"}


@pytest.mark.parametrize("content", [OURS, b""])
def test_what_we_wrote_before_and_an_empty_file_are_replaced_with_their_mode(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "plan.sql"
    file.write_bytes(content)
    file.chmod(0o640)
    written(file)

    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"new", 0o640)


def test_a_file_of_somebody_else_is_a_conflict_unless_it_is_to_be_replaced(tmp_path: Path) -> None:
    file = tmp_path / "thesis.txt"
    file.write_bytes(b"years of work")
    with pytest.raises(Conflict) as caught:
        written(file)

    assert (caught.value.subject, caught.value.fields) == (str(file), ("force",))
    assert file.read_bytes() == b"years of work"
    written(file, force=True)
    assert file.read_bytes() == b"new"


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "there")
    with pytest.raises(Conflict):
        written(tmp_path / "link")
    written(tmp_path / "link", force=True)

    assert (tmp_path / "there").read_bytes() == b"new"
    assert (tmp_path / "link").is_symlink()


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("name", ["none/plan.sql", "folder", "nowhere"])
def test_a_missing_folder_a_folder_and_a_dead_link_are_invalid_before_the_work(
    tmp_path: Path, name: str, force: bool
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "nowhere").symlink_to(tmp_path / "missing")
    with pytest.raises(Invalid) as caught:
        Output(tmp_path / name, "The script", is_script, force=force)

    assert name in caught.value.subject
    assert sorted(one.name for one in tmp_path.iterdir()) == ["folder", "nowhere"]


def test_a_file_that_appears_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    output = Output(tmp_path / "plan.sql", "The script", is_script)
    (tmp_path / "plan.sql").write_bytes(b"of another program")

    with pytest.raises(Conflict):
        output.write(b"new")
    assert [one.read_bytes() for one in tmp_path.iterdir()] == [b"of another program"]


def test_a_disk_that_is_full_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / "plan.sql").write_bytes(OURS)
    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(WharfingerError) as caught:
        written(tmp_path / "plan.sql")
    assert caught.value.why == os.strerror(errno.ENOSPC)
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {"plan.sql": OURS}


def test_a_pipe_is_written_to_as_it_is(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_bytes()), daemon=True)
    reader.start()
    written(tmp_path / "pipe")
    reader.join(LAST_RESORT)

    assert read == [b"new"]
    assert (tmp_path / "pipe").is_fifo()
