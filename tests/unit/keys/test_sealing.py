"""Sealing: what is sealed opens in its own place, unchanged, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from wharfinger.adapters.keys.providers import providers_of
from wharfinger.core.errors import Conflict, NotFound
from wharfinger.keys.keyring import Keyring
from wharfinger.keys.sealing import Sealer
from wharfinger.store.home import prepare_home
from wharfinger.store.home_storage import KeyringFile


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return prepare_home(tmp_path / "home")


@pytest.fixture
def sealer(home: Path) -> Sealer:
    return Sealer(Keyring(KeyringFile(home), providers_of(home)))


@pytest.mark.parametrize("content", [b"", b"a secret", bytes(range(256)) * 300])
def test_what_is_sealed_opens_again_and_shows_nothing(sealer: Sealer, content: bytes) -> None:
    sealed = sealer.seal("c1", "row", content)

    assert sealer.open("c1", "row", sealed) == content
    assert sealed != sealer.seal("c1", "row", content)
    assert not content or content not in sealed


def test_every_changed_byte_is_noticed(sealer: Sealer) -> None:
    sealed = sealer.seal("c1", "row", b"a secret")

    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(Conflict, match="cannot be opened"):
            sealer.open("c1", "row", bytes(changed))
    for cut in range(len(sealed)):
        with pytest.raises(Conflict):
            sealer.open("c1", "row", sealed[:cut])


@pytest.mark.parametrize(("connection", "row"), [("c1", "other"), ("c2", "row"), ("c1\x00", "row"), ("c1", "row ")])
def test_a_sealed_value_opens_in_its_own_row_only(sealer: Sealer, connection: str, row: str) -> None:
    for name in ("c1", "c2", "c1\x00"):
        sealer.seal(name, "row", b"")
    sealed = sealer.seal("c1", "row", b"a secret")

    with pytest.raises(Conflict):
        sealer.open(connection, row, sealed)


def test_after_forgetting_a_connection_nothing_of_it_opens(sealer: Sealer) -> None:
    sealed = sealer.seal("c1", "row", b"a secret")
    sealer.forget("c1")

    with pytest.raises(NotFound):
        sealer.open("c1", "row", sealed)
