"""The tree in the store: new and gone tables after refreshes, what selecting stores and deselecting deletes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.unit.scripted import Answer, PlainSealer, ScriptedSession

from wharfinger.catalog.model import Column, ForeignKey, Keys, Signal, Signature, Size, Table
from wharfinger.catalog.ports import Lock
from wharfinger.catalog.reader import Relation
from wharfinger.catalog.service import CatalogService
from wharfinger.catalog.store import CatalogStore
from wharfinger.catalog.store_kept import KeptStore
from wharfinger.connections.model import Connection, Secrets
from wharfinger.core.acting import LOCAL, Acts
from wharfinger.core.errors import Invalid, NotFound, Refused
from wharfinger.core.names import TableName
from wharfinger.core.session import Session, Statement, Stopped, Usage
from wharfinger.core.verbs import call
from wharfinger.describing.store import DescriptionStore
from wharfinger.personal.store import ChoiceStore
from wharfinger.profiling.model import ColumnProfile, TableProfile
from wharfinger.profiling.store import ProfileStore
from wharfinger.store import close_database, open_database, prepare_home
from wharfinger.store.audit import AuditLog
from wharfinger.store.home import locked

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SIGNED = Signature("c1", Signal("svv_table_info", "1/2/3/4"))


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    from wharfinger.connections.store import ConnectionStore

    open_database(prepare_home(tmp_path / "home"), b"\x01" * 32)
    unsaved = Connection("shop", "cluster", "demo", "us-east-1", "dev")
    yield ConnectionStore(PlainSealer()).add(unsaved, Secrets())
    close_database()


def name(table: str, schema: str = "s", database: str = "dev") -> TableName:
    return TableName(database, schema, table)


def refresh(
    connection: Connection, *tables: str, database: str = "dev", unread: tuple[str, ...] = ()
) -> tuple[list[str], list[str]]:
    """One refresh that sees these tables of schema `s`; what it says is new and gone."""
    store = CatalogStore()
    number = store.begin(connection.id)
    store.mark_seen(connection.id, database, number, iter(Relation(("s", one), "table") for one in tables))
    new, gone = store.finish(connection.id, number, unread)
    return [one.name for one in new], [one.name for one in gone]


def states(connection: Connection) -> dict[str, str]:
    return {entry.name.name: entry.state for entry in CatalogStore().entries(connection.id)}


def details(table: str, signature: Signature = SIGNED, columns: tuple[Column, ...] = ()) -> Table:
    return Table(name(table), "table", columns=columns, signature=signature, read_at=NOW)


def select(connection: Connection, *tables: str) -> None:
    CatalogStore().set_selected(connection.id, [name(one) for one in tables], selected=True)


def test_a_refresh_says_what_is_new_and_what_is_gone(connection: Connection) -> None:
    assert refresh(connection, "a", "b") == (["a", "b"], [])
    assert states(connection) == {"a": "new", "b": "new"}

    assert refresh(connection, "a", "c") == (["c"], ["b"])
    assert states(connection) == {"a": "ok", "b": "gone", "c": "new"}


def test_a_vanished_table_that_nobody_selected_is_forgotten_at_the_next_refresh(connection: Connection) -> None:
    refresh(connection, "a", "b")
    refresh(connection, "a")
    refresh(connection, "a")

    assert states(connection) == {"a": "ok"}


def test_a_selected_table_stays_when_it_vanishes_and_is_itself_when_it_is_back(connection: Connection) -> None:
    refresh(connection, "a")
    select(connection, "a")
    CatalogStore().save(connection.id, [replace(details("a"), owner="loader")])
    before = CatalogStore().selected(connection.id)[0]

    assert refresh(connection) == ([], ["a"])
    assert refresh(connection) == ([], [])
    assert states(connection) == {"a": "gone"}
    assert refresh(connection, "a") == ([], [])
    assert CatalogStore().selected(connection.id) == [before]


def test_tables_of_a_database_that_was_not_read_stay_as_they_were(connection: Connection) -> None:
    refresh(connection, "a", database="marketing")

    assert refresh(connection, "b", unread=("marketing",)) == (["b"], [])
    assert states(connection) == {"b": "new", "a": "new"}


def test_what_an_unfinished_refresh_came_upon_is_still_new(connection: Connection) -> None:
    refresh(connection, "a")
    store = CatalogStore()
    store.mark_seen(connection.id, "dev", store.begin(connection.id), iter([Relation(("s", "b"), "table")]))

    assert refresh(connection, "a", "b") == (["b"], [])


def test_ten_thousand_tables_are_kept_in_small_steps(connection: Connection) -> None:
    held: list[int] = []

    def relations() -> Iterator[Relation]:
        for number in range(10_000):
            held.append(number)
            yield Relation((f"schema{number % 50}", f"table{number}"), "table")

    store = CatalogStore()
    assert store.mark_seen(connection.id, "dev", store.begin(connection.id), relations()) == 10_000
    assert sum(1 for _ in store.entries(connection.id)) == 10_000


def test_details_come_back_as_they_were_kept(connection: Connection) -> None:
    refresh(connection, "a", "b")
    select(connection, "a")
    full = Table(
        name("a"), "table", "changed", owner="loader", comment='Orders, "all"',
        columns=(Column("id", "bigint", 1, False, "Its id"), Column("ü", "numeric(12,2)", 3)),
        keys=Keys(("id",), (("ü", "id"),), (ForeignKey(("ü",), name("b"), ("x",)),)),
        size=Size(10**12, 8, 5), dist_style="KEY(id)", sort_key="id",
        signature=SIGNED, read_at=NOW,
    )  # fmt: skip
    CatalogStore().save(connection.id, [full])

    assert CatalogStore().selected(connection.id, "dev") == [full]
    assert CatalogStore().selected(connection.id, "marketing") == []


def test_details_of_a_table_that_is_not_selected_are_not_kept(connection: Connection) -> None:
    refresh(connection, "a")
    CatalogStore().save(connection.id, [details("a")])
    select(connection, "a")

    assert CatalogStore().selected(connection.id)[0].signature is None


def test_deselecting_forgets_all_but_the_name(connection: Connection) -> None:
    refresh(connection, "a")
    select(connection, "a")
    CatalogStore().save(connection.id, [replace(details("a"), state="changed")])
    CatalogStore().set_selected(connection.id, [name("a")], selected=False)
    assert states(connection) == {"a": "ok"}

    select(connection, "a")
    assert CatalogStore().selected(connection.id) == [Table(name("a"), "table", "ok")]


def test_a_processed_table_is_neither_new_nor_changed_and_keeps_its_signature(connection: Connection) -> None:
    refresh(connection, "a")
    select(connection, "a")
    CatalogStore().save(connection.id, [replace(details("a"), state="changed")])
    CatalogStore().mark_processed(connection.id, {name("a"): SIGNED})
    CatalogStore().save(connection.id, [details("a", Signature("c2", SIGNED.signal))])

    table = CatalogStore().selected(connection.id)[0]
    assert (table.state, table.processed) == ("ok", SIGNED)


def test_a_new_table_is_not_new_any_more_once_it_was_processed(connection: Connection) -> None:
    refresh(connection, "a")
    select(connection, "a")
    CatalogStore().save(connection.id, [replace(details("a"), state="new")])
    CatalogStore().mark_processed(connection.id, {name("a"): SIGNED})

    assert states(connection) == {"a": "ok"}


def test_a_profile_comes_back_with_its_values_sealed_to_its_row(connection: Connection) -> None:
    refresh(connection, "a", "b")
    select(connection, "a")
    columns = (ColumnProfile("n", 1, "-1.5", "NaN", 3), ColumnProfile("t", 0, samples=("", "a b", "ü"), masked=True))
    profile = TableProfile(name("a"), 7, columns, "full", SIGNED, NOW)
    store = ProfileStore(PlainSealer())

    assert store.save(connection.id, profile)
    assert not store.save(connection.id, replace(profile, table=name("b")))
    assert store.get(connection.id, name("a")) == profile
    assert store.get(connection.id, name("b")) is None
    bare = store.known(connection.id)[name("a")]
    assert (bare.rows, [one.samples for one in bare.columns]) == (7, [(), ()])
    store.forget(connection.id, [name("a")])
    assert store.get(connection.id, name("a")) is None


class Known:
    """One connection, found by its name."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def get(self, name: str) -> Connection:
        assert name == self.connection.name
        return self.connection


def service(
    databases: dict[str, dict[str, Answer]],
    sessions: list[ScriptedSession],
    lock: Lock = lambda *_: nullcontext(),
) -> CatalogService:
    """A catalog over scripted databases; a database that is not in the script refuses the login."""

    def answer(database: str, statement: Statement) -> Answer:
        return databases[database].get(statement.label, []) if database in databases else Refused("No login", why="no")

    def open_session(_: Connection, usage: Usage, *, database: str | None = None) -> Session:
        session = ScriptedSession(lambda statement: answer(database or "dev", statement), database or "dev")
        sessions.append(session)
        return session

    return CatalogService(
        CatalogStore(),
        open_session,
        Acts(LOCAL, AuditLog()),
        lock,
        KeptStore(PlainSealer(), DescriptionStore(PlainSealer()), ChoiceStore()),
        [ProfileStore(PlainSealer()).forget],
    )


DEV: dict[str, Answer] = {
    "databases": [("dev", "local"), ("marketing", "local"), ("lent", "shared"), ("template1", "local")],
    "relations": [(1, "s", "a", "r", "me", None, 0), (2, "s", "b", "v", "me", None, 0)],
}


def test_a_database_that_refuses_the_login_becomes_a_note(connection: Connection) -> None:
    found = service({"dev": DEV}, []).refresh(connection, Usage())

    assert (found.databases, found.tables) == (1, 2)
    assert any(note.startswith("marketing: cannot be read: no") for note in found.notes)
    assert any(note.startswith("lent: not read: a shared database") for note in found.notes)
    assert not any("template1" in note for note in found.notes)


def test_the_own_database_must_answer_and_what_was_known_stays(connection: Connection) -> None:
    service({"dev": DEV}, []).refresh(connection, Usage())

    with pytest.raises(Refused):
        service({}, []).refresh(connection, Usage())
    assert states(connection) == {"a": "new", "b": "new"}


def test_selecting_reads_the_details_of_what_is_newly_selected(connection: Connection) -> None:
    sessions: list[ScriptedSession] = []
    catalog = service({"dev": {**DEV, "columns": [("s", "a", 1, "id", "bigint", True, None)]}}, sessions)
    catalog.refresh(connection, Usage())
    sessions.clear()

    first = catalog.select(connection, ["s.*"], Usage())
    again = catalog.select(connection, ["s.a"], Usage())

    assert (first.selected, first.matched, again.selected, again.matched) == (2, 2, 2, 1)
    assert [len(session.sent) for session in sessions] == [6]
    assert [column.name for column in catalog.table(connection, "s.a").columns] == ["id"]


def test_a_selected_table_is_new_at_one_refresh_only(connection: Connection) -> None:
    catalog = service({"dev": DEV}, [])
    catalog.refresh(connection, Usage())
    catalog.select(connection, ["s.*"], Usage())
    assert states(connection) == {"a": "new", "b": "new"}
    catalog.refresh(connection, Usage())
    assert states(connection) == {"a": "ok", "b": "ok"}


def test_a_vanished_table_is_selected_by_no_pattern(connection: Connection) -> None:
    databases = {"dev": dict(DEV)}
    catalog = service(databases, [])
    catalog.refresh(connection, Usage())
    databases["dev"]["relations"] = [(2, "s", "b", "v", "me", None, 0)]
    catalog.refresh(connection, Usage())

    assert catalog.select(connection, ["s.*"], Usage()).matched == 1
    with pytest.raises(NotFound, match="No table matches"):
        catalog.select(connection, ["s.a"], Usage())


def test_a_table_that_is_there_but_not_selected_is_named_with_the_cure(connection: Connection) -> None:
    catalog = service({"dev": DEV}, [])
    catalog.refresh(connection, Usage())
    catalog.select(connection, ["s.a"], Usage())

    with pytest.raises(NotFound, match="Table not selected") as caught:
        catalog.table(connection, "s.b")
    assert caught.value.call == call("tables:select", connection="shop", patterns="dev.s.b")
    with pytest.raises(NotFound, match="similar names"):
        catalog.table(connection, "s.aa")
    catalog.select(connection, ["s.b"], Usage())
    with pytest.raises(Invalid, match="2 of the selected"):
        catalog.table(connection, "s.*")


def test_a_selected_table_that_vanished_meanwhile_is_marked_gone(connection: Connection) -> None:
    sessions: list[ScriptedSession] = []
    databases = {"dev": dict(DEV)}
    catalog = service(databases, sessions)
    catalog.refresh(connection, Usage())
    catalog.select(connection, ["s.*"], Usage())
    databases["dev"]["relations"] = [(2, "s", "b", "v", "me", None, 0)]
    read = catalog.read_selected(connection, Usage()).tables

    assert [table.name.name for table in read] == ["b"]
    assert states(connection) == {"a": "gone", "b": "new"}


def test_who_waits_for_the_reading_of_another_process_can_be_stopped(connection: Connection, tmp_path: Path) -> None:
    sessions: list[ScriptedSession] = []
    catalog = service({"dev": DEV}, sessions, lambda name, stop: locked(tmp_path, name, stop))
    usage = Usage()
    usage.stop.set()
    with locked(tmp_path, f"catalog-{connection.id}"):
        for waiting in (catalog.read_selected, catalog.refresh):
            with pytest.raises(Stopped):
                waiting(connection, usage)

    assert sessions == []


def test_a_database_that_cannot_be_read_anew_is_a_note_unless_it_is_the_own(connection: Connection) -> None:
    databases = {"dev": {**DEV, "databases": [("dev", "local"), ("other", "local")]}, "other": DEV}
    catalog = service(databases, [])
    catalog.refresh(connection, Usage())
    catalog.select(connection, ["*.s.*"], Usage())
    del databases["other"]
    reread = catalog.read_selected(connection, Usage())

    assert {table.name.database for table in reread.tables} == {"dev"}
    assert (reread.unread, reread.notes) == ({"other"}, ("other: cannot be read: no",))
    assert len(catalog.selected(connection)) == 4
    del databases["dev"]
    with pytest.raises(Refused):
        catalog.read_selected(connection, Usage())


def test_deselecting_forgets_the_profile_too(connection: Connection) -> None:
    catalog = service({"dev": DEV}, [])
    catalog.refresh(connection, Usage())
    catalog.select(connection, ["s.a"], Usage())
    profiles = ProfileStore(PlainSealer())
    profiles.save(connection.id, TableProfile(name("a"), 7, (), "basic", SIGNED, NOW))

    assert catalog.deselect(connection, ["s.*"]).selected == 0
    assert profiles.known(connection.id) == {}
