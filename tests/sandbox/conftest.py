"""An engine for the tests that need a Data API of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.sandbox.asking import OwnEngine
from tests.sandbox.warehouse import Warehouse


@pytest.fixture(scope="session")
def own_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnEngine]:
    engine = OwnEngine(tmp_path_factory.mktemp("engine"))
    yield engine
    engine.stop()


@pytest.fixture(scope="session")
def warehouse(own_engine: OwnEngine) -> Warehouse:
    """The same engine, asked in Redshift's SQL over psycopg."""
    return Warehouse(own_engine.engine.socket_dir)
