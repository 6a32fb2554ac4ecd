"""Fixtures: an engine in the test process, a wire connection and the name of a table."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from tests.conftest import Sandbox
from tests.sandbox.data_api import OwnEngine
from tests.sandbox.front import database
from tests.sandbox.warehouse import Warehouse


@pytest.fixture(scope="session")
def own_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnEngine]:
    engine = OwnEngine(tmp_path_factory.mktemp("engine"))
    yield engine
    engine.stop()


@pytest.fixture(scope="session")
def warehouse(own_engine: OwnEngine) -> Warehouse:
    """The same engine, queried in Redshift's SQL over psycopg."""
    return Warehouse(own_engine.engine.socket_dir)


@pytest.fixture
def connection(sandbox: Sandbox) -> Iterator[psycopg.Connection[Any]]:
    """A wire connection as awsuser."""
    with database(sandbox) as connection:
        yield connection


@pytest.fixture
def table(sandbox: Sandbox) -> Iterator[str]:
    """The name of a table that does not exist yet; it is dropped after the test."""
    name = f"public.w_{uuid.uuid4().hex[:12]}"
    yield name
    with database(sandbox) as connection:
        connection.execute(f"drop table if exists {name}".encode())
