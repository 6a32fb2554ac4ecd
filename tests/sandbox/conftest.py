"""An engine for the tests that need a Data API of their own; a connection and a table over the wire."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from tests.conftest import Sandbox
from tests.sandbox.asking import OwnEngine
from tests.sandbox.front import database
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


@pytest.fixture
def connection(sandbox: Sandbox) -> Iterator[psycopg.Connection[Any]]:
    """awsuser, over the wire port."""
    with database(sandbox) as connection:
        yield connection


@pytest.fixture
def table(sandbox: Sandbox) -> Iterator[str]:
    """The name of a table that is not there yet; what is there at the end is dropped."""
    name = f"public.w_{uuid.uuid4().hex[:12]}"
    yield name
    with database(sandbox) as connection:
        connection.execute(f"drop table if exists {name}".encode())
