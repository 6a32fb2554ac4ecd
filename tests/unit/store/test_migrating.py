"""Before the tables of a store with data are changed it is copied; after a failure the store is as it was."""

from __future__ import annotations

import contextlib
import stat
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import LAST_RESORT

from wharfinger import store
from wharfinger.core.errors import Failed, Unavailable
from wharfinger.core.events import Event
from wharfinger.store import migrating
from wharfinger.store.audit import AuditLog
from wharfinger.store.home import prepare_home
from wharfinger.store.sqlcipher import files

KEY = b"\x01" * 32
Later = Callable[..., None]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield prepare_home(tmp_path / "home")
    store.close_database()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """Makes this version one with later migrations: SQL statements, or functions that raise, by their names."""
    from django.db import migrations
    from django.db.migrations.loader import MigrationLoader

    store.setup()
    known = migrating._known()
    load = MigrationLoader.load_disk

    def make(**wanted: str | Callable[..., None]) -> None:
        def load_more(self: MigrationLoader) -> None:
            load(self)
            before = max(known)
            for name, does in wanted.items():
                operation = migrations.RunSQL(does) if isinstance(does, str) else migrations.RunPython(does)
                made = type("Migration", (migrations.Migration,), {"operations": [operation]})(name, "store")
                made.dependencies = [("store", before)]
                self.disk_migrations["store", name] = made
                before = name

        monkeypatch.setattr(MigrationLoader, "load_disk", load_more)
        monkeypatch.setattr(migrating, "_known", lambda: known | set(wanted))

    return make


def filled(home: Path) -> None:
    store.open_database(home, KEY)
    AuditLog().begin(Event("keys:move", "before the migration"))


def subjects() -> list[str]:
    return [event.subject for event in AuditLog().events()]


def copies(home: Path) -> list[str]:
    return sorted(file.name for file in home.iterdir() if ".before-" in file.name)


def read(file: Path, statement: str) -> list[Any]:
    """The answer of a database file that is opened beside the store."""
    files.prepare(file, KEY)
    with contextlib.closing(files.connect(file)) as connection:
        return list(connection.execute(statement).fetchall())


def fail(*_: object) -> None:
    raise ZeroDivisionError("a value of a table")


def test_a_new_home_gets_no_copy(home: Path) -> None:
    store.open_database(home, KEY)

    assert copies(home) == []


def test_a_store_with_data_is_copied_before_its_tables_change(home: Path, later: Later) -> None:
    filled(home)
    later(**{"9001_first": "create table one (x integer)", "9002_second": "create table two (x integer)"})
    store.open_database(home, KEY)

    assert copies(home) == ["wharfinger.db.before-9001"]
    copy = home / copies(home)[0]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert not copy.read_bytes().startswith(b"SQLite format 3")
    assert b"before the migration" not in copy.read_bytes()
    assert read(copy, "select subject from store_auditevent") == [("before the migration",)]
    assert read(copy, "select name from django_migrations where name > '9'") == []
    assert subjects() == ["before the migration"]
    assert migrating.pending() == []


def test_a_store_that_is_up_to_date_is_not_copied(home: Path) -> None:
    filled(home)
    store.open_database(home, KEY)

    assert copies(home) == []


def test_the_last_two_copies_are_kept(home: Path, later: Later) -> None:
    filled(home)
    wanted: dict[str, str] = {}
    for number in (9001, 9002, 9003):
        wanted[f"{number}_later"] = f"create table t{number} (x integer)"
        later(**wanted)
        store.open_database(home, KEY)

    assert copies(home) == ["wharfinger.db.before-9002", "wharfinger.db.before-9003"]


def test_a_failing_migration_leaves_the_store_as_it_was(home: Path, later: Later) -> None:
    filled(home)
    later(**{"9001_good": "create table one (x integer)", "9002_bad": fail})
    with pytest.raises(Failed) as caught:
        store.open_database(home, KEY)

    assert "ZeroDivisionError" in caught.value.why
    assert "wharfinger.db.before-9001" in caught.value.why
    assert "value of a table" not in str(caught.value)
    names = [name for (name,) in read(home / "wharfinger.db", "select name from django_migrations")]
    tables = [name for (name,) in read(home / "wharfinger.db", "select name from sqlite_master")]
    assert max(names) < "9"
    assert "one" not in tables
    assert subjects() == ["before the migration"]
    assert copies(home) == ["wharfinger.db.before-9001"]


def test_a_migration_that_failed_can_be_tried_again(home: Path, later: Later) -> None:
    filled(home)
    later(**{"9001_bad": fail})
    with pytest.raises(Failed):
        store.open_database(home, KEY)
    AuditLog().begin(Event("keys:move", "meanwhile"))
    later(**{"9001_bad": "create table one (x integer)"})
    store.open_database(home, KEY)

    assert subjects() == ["meanwhile", "before the migration"]
    assert len(read(home / "wharfinger.db.before-9001", "select 1 from store_auditevent")) == 2


def test_a_store_that_somebody_else_writes_to_is_busy_and_unchanged(
    home: Path, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import connections

    filled(home)
    monkeypatch.setitem(connections.settings["default"]["OPTIONS"], "timeout", 0)
    with contextlib.closing(files.connect(home / "wharfinger.db", isolation_level=None)) as other:
        other.execute("begin immediate")
        later(**{"9001_later": "create table one (x integer)"})
        with pytest.raises(Unavailable, match="busy"):
            store.open_database(home, KEY)
        other.execute("rollback")
    store.open_database(home, KEY)

    assert subjects() == ["before the migration"]


KILLED = textwrap.dedent("""
    import os, sys
    from pathlib import Path
    from wharfinger.store.sqlcipher import files
    files.prepare(Path(sys.argv[1]), b"\\x01" * 32)
    files.sync = lambda path: os.kill(os.getpid(), 9)
    files.copy(Path(sys.argv[1]), Path(sys.argv[2]))
""")


def test_a_copy_that_is_cut_off_leaves_the_earlier_one(home: Path, tmp_path: Path) -> None:
    filled(home)
    copy = home / "wharfinger.db.before-9001"
    copy.write_bytes(b"an earlier copy")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(home / "wharfinger.db"), str(copy)], check=False, timeout=LAST_RESORT
    )

    assert killed.returncode == -9
    assert copy.read_bytes() == b"an earlier copy"
    files.copy(home / "wharfinger.db", copy)
    assert read(copy, "select subject from store_auditevent") == [("before the migration",)]


def test_a_copy_holds_what_is_still_in_the_journal(home: Path) -> None:
    filled(home)
    assert (home / "wharfinger.db-wal").stat().st_size > 0
    files.copy(home / "wharfinger.db", home / "copy")

    assert read(home / "copy", "select subject from store_auditevent") == [("before the migration",)]


def test_of_two_that_open_a_store_at_once_one_migrates(home: Path, later: Later) -> None:
    filled(home)
    later(**{"9001_once": "create table one (x integer)"})
    errors: list[BaseException] = []
    both = threading.Barrier(2)

    def open_it() -> None:
        both.wait(LAST_RESORT)
        try:
            store.open_database(home, KEY)
        except BaseException as error:  # noqa: BLE001 - the test asserts that there is none
            errors.append(error)
        store.close_database()

    threads = [threading.Thread(target=open_it) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert migrating.pending() == []


def test_a_durable_transaction_waits_for_the_disk_and_others_do_not(home: Path) -> None:
    from django.db import connection

    def synchronous() -> int:
        with connection.cursor() as cursor:
            return int(cursor.execute("pragma synchronous").fetchone()[0])

    store.open_database(home, KEY)
    with store.exclusive():
        assert synchronous() == 1
    with store.durable():
        assert synchronous() == 2
    assert synchronous() == 1


def test_an_event_cannot_be_recorded_in_a_transaction_that_may_be_rolled_back(home: Path) -> None:
    store.open_database(home, KEY)
    number = AuditLog().begin(Event("keys:move", "there"))
    with store.exclusive():
        with pytest.raises(RuntimeError):
            AuditLog().begin(Event("keys:move", "lost"))
        with pytest.raises(RuntimeError):
            AuditLog().end(number, "done", "")

    assert [(event.subject, event.outcome) for event in AuditLog().events()] == [("there", "begun")]
