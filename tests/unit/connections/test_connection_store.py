"""Connections in the store: their names, and removed connections."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.described_home import Home

from wharfinger.connections.model import Connection, Secrets
from wharfinger.core.errors import Conflict, NotFound
from wharfinger.core.secret import Secret
from wharfinger.core.verbs import call

OTHER = Connection("other", "workgroup", "demo", "us-east-1", "dev")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_the_name_changes_and_the_id_and_secrets_stay(home: Home) -> None:
    store = home.app.parts.saved
    secrets = Secrets(password=Secret("hunter2"))
    saved = store.add(replace(OTHER, sign_in="password", user="u"), secrets)
    renamed = store.rename(saved, "another")

    assert renamed == replace(saved, name="another")
    assert store.get("another") == renamed
    assert store.by_id(saved.id) == renamed
    assert store.secrets(renamed) == secrets


@pytest.mark.parametrize("name", ["shop", "other"])
def test_a_name_that_is_taken_stays_where_it_is(home: Home, name: str) -> None:
    store = home.app.parts.saved
    saved = store.add(OTHER, Secrets())
    with pytest.raises(Conflict) as caught:
        store.rename(saved, name)

    assert caught.value.fields == ("new_name",)
    assert [one.name for one in store.all()] == ["other", "shop"]


@pytest.mark.parametrize(
    "ask",
    [
        lambda home, gone: home.app.connections.rename(gone, "again"),
        lambda home, gone: home.app.connections.test(gone),
        lambda home, gone: home.app.connections.by_id(gone.id),
    ],
)
def test_a_connection_that_was_removed_meanwhile_is_not_found(
    home: Home, ask: Callable[[Home, Connection], object]
) -> None:
    gone = home.shop
    home.app.connections.remove(gone)
    with pytest.raises(NotFound) as caught:
        ask(home, gone)

    assert caught.value.call == call("connection:list")


def test_a_name_that_nobody_has_is_told_with_those_there_are(home: Home) -> None:
    with pytest.raises(NotFound) as caught:
        home.app.connections.get("shpo")
    assert caught.value.why == "there are: shop"

    home.app.connections.remove(home.shop)
    with pytest.raises(NotFound) as caught:
        home.app.connections.get("shpo")
    assert caught.value.call == call("connection:add", name="shpo")
