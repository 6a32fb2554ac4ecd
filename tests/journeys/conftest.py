"""The command line as a fixture, alone and beside a sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.command_line import Run, cli, home
from tests.conftest import Sandbox
from tests.journeys.access_world import World
from tests.journeys.places import Place
from tests.journeys.sweeping import Sweeper, sweeper
from tests.journeys.warehouse import Warehouse

__all__ = ["cli", "data_api_world", "home", "place", "warehouse", "world"]


@pytest.fixture(scope="session")
def broom(shared_sandbox: Sandbox) -> Iterator[Sweeper]:
    """The sweeper of all tests: connecting takes longer than sweeping."""
    with sweeper(shared_sandbox) as one:
        yield one


@pytest.fixture
def sandbox(sandbox: Sandbox, broom: Sweeper) -> Iterator[Sandbox]:
    """The shared sandbox; schemas, users and rights that a test adds are removed after it."""
    before = broom.names()
    yield sandbox
    broom.sweep(before)


@pytest.fixture
def warehouse(sandbox: Sandbox, home: Path) -> Iterator[Warehouse]:
    """The sandbox with the app on `home`, and a connection of the administrator and of the analyst."""
    made = Warehouse(sandbox, home)
    yield made
    made.close()


@pytest.fixture
def place(cli: Run, tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The sandbox as the analyst sees it, with the home that `cli` uses."""
    made = Place(cli, tmp_path / "home", sandbox, monkeypatch)
    made.become("analyst")
    return made


@pytest.fixture
def world(cli: Run, tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> World:
    """The shared sandbox as its administrator sees it through the wire, for access."""
    for name, value in sandbox.env("admin").items():
        monkeypatch.setenv(name, value)
    return World(cli, sandbox, tmp_path, wire=True)


@pytest.fixture
def data_api_world(cli: Run, tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> World:
    """The same, through the Data API."""
    for name, value in sandbox.env("admin").items():
        monkeypatch.setenv(name, value)
    return World(cli, sandbox, tmp_path)
