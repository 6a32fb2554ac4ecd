"""With each change signal: an unchanged table is not profiled again, a changed one is.

The servers are scripted: no sandbox has every signal, and none is too old for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.unit.scripted import Answer, PlainSealer, ScriptedSession

from wharfinger.catalog.model import SignalName
from wharfinger.catalog.service import CatalogService
from wharfinger.catalog.store import CatalogStore
from wharfinger.catalog.store_kept import KeptStore
from wharfinger.connections.model import Connection, Secrets
from wharfinger.connections.store import ConnectionStore
from wharfinger.core.acting import LOCAL, Acts
from wharfinger.core.errors import NotFound, Refused
from wharfinger.core.session import Session, Statement, Usage
from wharfinger.describing.store import DescriptionStore
from wharfinger.personal.store import ChoiceStore
from wharfinger.profiling.due import ProfileOptions
from wharfinger.profiling.service import ProfileService
from wharfinger.profiling.store import ProfileStore
from wharfinger.store import close_database, open_database, prepare_home
from wharfinger.store.audit import AuditLog

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
NO_RIGHT = Refused("No right", why="permission denied")
ONCE, LATER = "2026-11-20 10:00:00", "2026-11-20 11:00:00"


class Server:
    """A database with the tables a and b; `wrote` says when each was last written."""

    def __init__(self, signal: SignalName) -> None:
        self.signal = signal
        self.wrote = {"a": ONCE, "b": ONCE}
        self.columns = {"a": "integer", "b": "integer"}
        self.sent: list[Statement] = []

    def answer(self, statement: Statement) -> Answer:
        self.sent.append(statement)
        answers: dict[str, Answer] = {
            "relations": [(place, "s", name, "r", "me", None, 0) for place, name in enumerate("ab")],
            "columns": [("s", name, 1, "n", kind, False, None) for name, kind in self.columns.items()],
            "table info": self._info(),
            "writes": self._writes(),
            "show tables": self._shown(),
            "profile": [(str(place), "1", "1", "7", "7") for place in range(statement.sql.count(" union all ") + 1)],
        }
        return answers.get(statement.label, [])

    def _info(self) -> Answer:
        if self.signal != "svv_table_info":
            return NO_RIGHT
        return [("s", name, place, at, "1", 1, "", "") for place, (name, at) in enumerate(self.counts().items())]

    def counts(self) -> dict[str, str]:
        return {name: str(100 + (at == LATER)) for name, at in self.wrote.items()}

    def _writes(self) -> Answer:
        if self.signal != "sys_query_detail":
            return NotFound("No such view")
        return [(place, at, 1) for place, at in enumerate(self.wrote.values())]

    def _shown(self) -> Answer:
        known = self.signal == "last_modified_time"
        return [(name, at if known else None) for name, at in self.wrote.items()]


class World:
    """A connection to a scripted server, and a clock that the test sets."""

    def __init__(self, connection: Connection, server: Server) -> None:
        self.server = server
        self.now = NOW
        self._connection = connection
        kept = KeptStore(PlainSealer(), DescriptionStore(PlainSealer()), ChoiceStore())
        self.catalog = CatalogService(
            CatalogStore(), self.open, Acts(LOCAL, AuditLog()), lambda *_: nullcontext(), kept
        )
        self.profiles = ProfileService(self, self.catalog, ProfileStore(PlainSealer()), now=lambda: self.now)
        self.catalog.refresh(connection, Usage())
        self.catalog.select(connection, ["s.*"], Usage())

    def open(self, connection: Connection, usage: Usage, *, database: str | None = None) -> Session:  # noqa: ARG002
        return ScriptedSession(self.server.answer, columns=("table_name", "last_modified_time"))

    def process(self) -> list[str]:
        """Profile what is due after a new reading; returns the tables that profiling statements read."""
        tables = self.catalog.read_selected(self._connection, Usage()).tables
        self.server.sent.clear()
        due = [
            verdict.table for verdict in self.profiles.due(self._connection, tables, ProfileOptions()) if verdict.due
        ]
        for unit in self.profiles.plan_units(self._connection, due, "basic"):
            assert self.profiles.profile_unit(self._connection, unit.tables, "basic", Usage()) == {}
        return [name for name in "ab" for one in self.server.sent if f'"s"."{name}"' in one.sql]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    open_database(prepare_home(tmp_path / "home"), b"\x01" * 32)
    yield ConnectionStore(PlainSealer()).add(Connection("shop", "cluster", "demo", "us-east-1", "dev"), Secrets())
    close_database()


SIGNALS: list[SignalName] = ["svv_table_info", "sys_query_detail", "last_modified_time"]


@pytest.mark.parametrize("signal", SIGNALS)
def test_with_each_signal_only_what_changed_is_profiled(connection: Connection, signal: SignalName) -> None:
    world = World(connection, Server(signal))

    assert world.process() == ["a", "b"]
    assert world.process() == []
    assert world.catalog.refresh(world._connection, Usage()).changed == ()

    world.server.wrote["b"] = LATER
    assert [name.name for name in world.catalog.refresh(world._connection, Usage()).changed] == ["b"]
    assert world.process() == ["b"]
    assert world.process() == []
    signatures = [table.signature for table in world.catalog.selected(connection)]
    assert {signature.signal.name for signature in signatures if signature} == {signal}


def test_without_any_signal_age_decides(connection: Connection) -> None:
    world = World(connection, Server("age"))

    assert world.process() == ["a", "b"]
    world.now = NOW + timedelta(days=6)
    assert world.process() == []
    world.now = NOW + timedelta(days=7)
    assert world.process() == ["a", "b"]
    assert world.process() == []


@pytest.mark.parametrize("signal", [*SIGNALS, "age"])
def test_with_each_signal_another_column_type_is_a_change(connection: Connection, signal: SignalName) -> None:
    world = World(connection, Server(signal))
    world.process()
    world.server.columns["a"] = "bigint"

    assert [name.name for name in world.catalog.refresh(world._connection, Usage()).changed] == ["a"]
    assert world.process() == ["a"]
