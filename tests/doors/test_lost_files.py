"""A file of the home that is lost or replaced is never made anew in silence; a first start that was cut off goes on."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlcipher3.dbapi2 import DatabaseError
from tests.command_line import Run

from wharfinger import store
from wharfinger.adapters.keys.providers import providers_of
from wharfinger.app import JOBS_KEY
from wharfinger.core.computer import trouble_of
from wharfinger.core.errors import Conflict
from wharfinger.core.events import Event
from wharfinger.keys.keyring import DATABASE_KEY, Keyring
from wharfinger.store.audit import AuditLog
from wharfinger.store.home import prepare_home
from wharfinger.store.home_storage import KeyringFile


def lose(file: Path) -> None:
    file.unlink()


def empty(file: Path) -> None:
    file.write_bytes(b"")


def make_a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def link_to_nowhere(file: Path) -> None:
    file.unlink()
    file.symlink_to(file.with_name("nowhere"))


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 3)


def names_and_sizes(folder: Path) -> dict[str, int]:
    return {file.name: file.lstat().st_size for file in folder.iterdir() if not file.name.endswith(".lock")}


@pytest.fixture
def used(cli: Run, home: Path) -> Path:
    """A home that was used once; nothing is stored in it but the store itself."""
    assert cli("connection", "list").code == 0
    store.close_database()
    for rest in home.glob("wharfinger.db-*"):
        rest.unlink()
    return home


@pytest.mark.parametrize("harm", [lose, empty, make_a_folder, link_to_nowhere, cut])
@pytest.mark.parametrize("name", ["wharfinger.db", "keyring.json"])
def test_what_is_lost_or_replaced_is_told_by_its_name_and_nothing_is_made(
    cli: Run, used: Path, name: str, harm: Callable[[Path], None]
) -> None:
    harm(used / name)
    before = names_and_sizes(used)
    answer = cli("connection", "list", "--json")

    assert answer.error["kind"] == "conflict"
    assert name in answer.error["subject"]
    assert "backup" in answer.error["next_step"]
    assert names_and_sizes(used) == before
    assert "Traceback" not in answer.err


def test_a_lost_store_is_a_conflict_that_says_how_to_begin_anew(cli: Run, used: Path) -> None:
    (used / "wharfinger.db").unlink()
    (used / "wharfinger.db.before-0005").write_bytes(b"x")
    answer = cli("connection", "list", "--json")

    assert (answer.code, answer.error["kind"]) == (3, "conflict")
    assert "wharfinger.db.before-0005" in answer.error["why"]
    assert "To begin anew, choose another home folder, or empty this one" in answer.error["next_step"]


def test_the_queue_alone_keeps_a_home_from_being_made_anew(cli: Run, used: Path) -> None:
    for name in ("wharfinger.db", "keyring.json"):
        (used / name).unlink()
    (used / "jobs.db").write_bytes(b"x")

    assert "jobs.db" in cli("connection", "list", "--json").error["why"]
    assert not (used / "keyring.json").exists()


def test_a_first_start_that_was_killed_before_the_store_goes_on(cli: Run, home: Path) -> None:
    Keyring(KeyringFile(prepare_home(home)), providers_of(home)).key(DATABASE_KEY)

    assert cli("connection", "list").code == 0
    assert json.loads((home / "keyring.json").read_text())["store_made"] is True


def test_a_first_start_that_was_killed_before_the_note_goes_on(cli: Run, used: Path) -> None:
    ring = json.loads((used / "keyring.json").read_text())
    (used / "keyring.json").write_text(json.dumps(ring | {"store_made": False}))

    assert cli("connection", "list").code == 0
    (used / "wharfinger.db").unlink()
    assert cli("connection", "list").code == 3


def test_a_keyring_of_an_earlier_build_tells_by_its_keys_that_there_was_a_store(cli: Run, used: Path) -> None:
    Keyring(KeyringFile(used), providers_of(used)).key(JOBS_KEY, make=True)
    ring = json.loads((used / "keyring.json").read_text())
    del ring["store_made"]
    (used / "keyring.json").write_text(json.dumps(ring))
    (used / "wharfinger.db").unlink()

    assert cli("connection", "list").code == 3


def test_files_that_are_linked_to_another_disk_are_followed(cli: Run, used: Path, tmp_path: Path) -> None:
    for name in ("wharfinger.db", "keyring.json"):
        (used / name).rename(tmp_path / name)
        (used / name).symlink_to(tmp_path / name)
    add = ["connection", "add", "shop", "--cluster", "demo", "--region", "us-east-1", "--database", "dev", "--untested"]

    assert cli(*add).code == 0  # it writes a key into the keyring
    assert (used / "keyring.json").is_symlink()
    assert cli("connection", "show", "shop").code == 0


def test_a_moved_master_key_keeps_the_note(used: Path, tmp_path: Path) -> None:
    from tests.unit.keys.test_keyring import ELSEWHERE, Elsewhere

    from wharfinger.adapters.keys.local_file import LocalKeyFile

    places = {"local": LocalKeyFile(used / "master.key"), ELSEWHERE: Elsewhere(tmp_path / "key")}
    Keyring(KeyringFile(used), lambda name, _: places[name]).move(ELSEWHERE)

    assert json.loads((used / "keyring.json").read_text())["store_made"] is True


@pytest.mark.parametrize("content", [b"no database", b"x" * 20_000])
def test_a_damaged_queue_is_to_be_made_again_not_restored(home: Path, content: bytes) -> None:
    folder = prepare_home(home)
    (folder / "jobs.db").write_bytes(content)
    with pytest.raises(Conflict) as caught:
        store.jobs_database(folder, b"\x01" * 32)

    assert caught.value.subject.endswith("jobs.db")
    assert "made again" in caught.value.next_step
    assert "backup" not in caught.value.next_step
    (folder / "jobs.db").unlink()
    store.jobs_database(folder, b"\x01" * 32)().close()


def test_a_queue_that_is_damaged_inside_is_told_from_the_store(home: Path) -> None:
    folder = prepare_home(home)
    engine = create_engine("sqlite://", creator=store.jobs_database(folder, b"\x01" * 32))
    with engine.begin() as connection:
        connection.exec_driver_sql("create table t as select randomblob(50000) as x")
        connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
    engine.dispose()
    content = bytearray((folder / "jobs.db").read_bytes())
    content[-9000:-5000] = b"\x00" * 4000
    (folder / "jobs.db").write_bytes(content)
    with pytest.raises(DatabaseError) as caught, engine.connect() as connection:
        connection.exec_driver_sql("select length(x), x from t").fetchall()
    trouble = trouble_of(caught.value, folder)

    assert trouble is not None
    assert trouble.what == "The job queue is damaged"
    assert "made again" in trouble.next_step


def test_a_full_disk_is_named_whoever_writes(home: Path) -> None:
    """The store through Django, the queue through SQLAlchemy, each with a real refusal of SQLite to grow."""
    folder = prepare_home(home)
    store.open_database(folder, b"\x01" * 32)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("pragma page_count")
        cursor.execute(f"pragma max_page_count = {cursor.fetchone()[0]}")
    large = Event("test:fill", "x" * 1_000_000)
    with pytest.raises(Exception, match="full") as of_store:
        AuditLog().begin(large)
    store.close_database()
    engine = create_engine("sqlite://", creator=store.jobs_database(folder, b"\x01" * 32))
    with engine.connect() as queue:
        queue.exec_driver_sql("pragma max_page_count = 4")
        with pytest.raises(Exception, match="full") as of_queue:
            queue.exec_driver_sql("create table t as select randomblob(50000) as x")
    engine.dispose()
    wrapped = RuntimeError("a step failed")
    wrapped.__cause__ = of_queue.value

    for error in (of_store.value, of_queue.value, wrapped):
        trouble = trouble_of(error, folder)
        assert trouble is not None
        assert (trouble.kind, trouble.why) == ("unavailable", os.strerror(errno.ENOSPC))
        assert "Free some disk space" in trouble.next_step
