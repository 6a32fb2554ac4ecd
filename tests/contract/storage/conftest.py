"""Each implementation of the storage port in turn, and child processes on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contract.storage.storages import STORAGES, Child, Start, open_storage

from wharfinger.core.storage import Storage


@pytest.fixture(params=STORAGES)
def implementation(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "place"


@pytest.fixture
def storage(implementation: str, folder: Path) -> Iterator[Storage]:
    opened = open_storage(implementation, folder)
    yield opened
    opened.close()


@pytest.fixture
def start(implementation: str, folder: Path, storage: Storage) -> Iterator[Start]:
    """Starts child processes on the test's storage."""
    started: list[Child] = []

    def one(*arguments: str) -> Child:
        started.append(Child(implementation, folder, *arguments))
        return started[-1]

    yield one
    for child in started:
        child.kill()
