"""The command line as a fixture, alone and beside a sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.command_line import Run, cli, home
from tests.conftest import Sandbox
from tests.journeys.places import Place

__all__ = ["cli", "home", "place"]


@pytest.fixture
def place(cli: Run, tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The sandbox as the analyst sees it, with the home that `cli` uses."""
    made = Place(cli, tmp_path / "home", sandbox, monkeypatch)
    made.become("analyst")
    return made
