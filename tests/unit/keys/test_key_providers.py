"""The places of the master key: a file that only its owner can read, and places by name."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from wharfinger.adapters.keys.local_file import LocalKeyFile
from wharfinger.adapters.keys.providers import provider_named, providers_of
from wharfinger.core.errors import Conflict, Invalid, Refused
from wharfinger.core.secret import Secret
from wharfinger.keys.keyring import DATABASE_KEY, Keyring
from wharfinger.keys.model import MasterKey
from wharfinger.store.home import prepare_home
from wharfinger.store.home_storage import KeyringFile


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return prepare_home(tmp_path / "home")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_key_file_that_others_can_get_at_is_refused(home: Path, mode: int) -> None:
    Keyring(KeyringFile(home), providers_of(home)).key(DATABASE_KEY)
    (home / "master.key").chmod(mode)

    with pytest.raises(Refused, match=f"{mode:04o}") as caught:
        Keyring(KeyringFile(home), providers_of(home)).key(DATABASE_KEY)

    assert "chmod 600" in caught.value.next_step


def test_a_key_file_that_is_a_link_is_refused(home: Path) -> None:
    Keyring(KeyringFile(home), providers_of(home)).key(DATABASE_KEY)
    (home / "master.key").rename(home / "real.key")
    (home / "master.key").symlink_to(home / "real.key")

    with pytest.raises(Refused):
        Keyring(KeyringFile(home), providers_of(home)).key(DATABASE_KEY)


@pytest.mark.parametrize("make", [Path.mkdir, lambda file: os.mkfifo(file, 0o600)], ids=["folder", "pipe"])
def test_what_is_no_plain_file_is_refused_and_not_waited_for(home: Path, make: Callable[[Path], object]) -> None:
    Keyring(KeyringFile(home), providers_of(home)).key(DATABASE_KEY)
    (home / "master.key").unlink()
    make(home / "master.key")

    with pytest.raises(Refused, match="not a plain file"):
        Keyring(KeyringFile(home), providers_of(home)).key(DATABASE_KEY)


@pytest.mark.parametrize("content", ["", "secret", "{}", '{"key": "AA==", "id": "1", "store": "1", "created_at": "x"}'])
def test_a_key_file_with_other_content_is_a_conflict_that_does_not_repeat_it(home: Path, content: str) -> None:
    Keyring(KeyringFile(home), providers_of(home)).key(DATABASE_KEY)
    (home / "master.key").write_text(content)

    with pytest.raises(Conflict) as caught:
        Keyring(KeyringFile(home), providers_of(home)).key(DATABASE_KEY)

    assert "secret" not in str(caught.value)


def test_a_key_file_is_never_overwritten(home: Path) -> None:
    file = LocalKeyFile(home / "master.key")
    file.save(MasterKey.fresh("one"))

    with pytest.raises(Conflict):
        file.save(MasterKey.fresh("two"))

    kept = file.load()
    assert kept is not None
    assert kept.store == "one"
    assert [path.name for path in home.iterdir()] == ["master.key"]


def test_a_master_key_does_not_print_itself() -> None:
    master = MasterKey.fresh("one")

    assert repr(master) == f"MasterKey(store='one', id={master.id!r})"
    assert base64.b64encode(master.key).decode() not in f"{master} {master.to_text()}"


def test_a_master_key_survives_its_own_text() -> None:
    master = MasterKey.fresh("one")

    assert MasterKey.from_text(master.to_text(), where="here") == master
    with pytest.raises(Conflict, match="here"):
        MasterKey.from_text(Secret("{}"), where="here")


@pytest.mark.parametrize("name", ["", "aws", "aws-secretsmanager:", "keyring", "aws-kms:x", "LOCAL"])
def test_an_unknown_place_for_the_master_key_is_invalid(home: Path, name: str) -> None:
    with pytest.raises(Invalid, match="local and aws-secretsmanager"):
        provider_named(name, home)
