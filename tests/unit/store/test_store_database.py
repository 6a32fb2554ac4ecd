"""The encrypted store: who can read its files, and what happens when keys or versions do not fit."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest
from tests.conftest import LAST_RESORT

from wharfinger import store
from wharfinger.core.errors import Conflict, Invalid, Refused, Unavailable
from wharfinger.core.events import Event
from wharfinger.core.whole_files import write_whole
from wharfinger.store.audit import AuditLog
from wharfinger.store.home import prepare_home
from wharfinger.store.sqlcipher import files

KEY, OTHER_KEY = b"\x01" * 32, b"\x02" * 32
MARK = "a-word-that-must-not-lie-readable"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return prepare_home(tmp_path / "home")


def record(subject: str) -> None:
    AuditLog().begin(Event("test:record", subject))


def subjects() -> list[str]:
    return [event.subject for event in AuditLog().events()]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_nothing_written_is_readable_in_the_files(home: Path) -> None:
    store.open_database(home, KEY)
    record(MARK)
    written = sorted(home.iterdir())

    assert subjects() == [MARK]
    assert {file.name for file in written} >= {"wharfinger.db", "wharfinger.db-wal"}
    for file in written:
        content = file.read_bytes()
        assert MARK.encode() not in content
        assert b"CREATE TABLE" not in content
        assert not content.startswith(b"SQLite format 3")


def test_the_file_is_sealed_with_sqlciphers_own_full_settings(home: Path) -> None:
    store.open_database(home, KEY)
    connection = files.connect(home / "wharfinger.db")
    settings = {row[0] for row in connection.execute("pragma cipher_settings")}
    options = {row[0] for row in connection.execute("pragma compile_options")}
    connection.close()

    assert "PRAGMA cipher_use_hmac = 1;" in settings  # a changed page is noticed
    assert "PRAGMA cipher_page_size = 4096;" in settings
    assert "PRAGMA cipher_plaintext_header_size = 0;" in settings
    assert "TEMP_STORE=2" in options  # what is sorted never goes to a file in clear


def test_a_library_without_encryption_is_not_written_with(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "dbapi2", sqlite3)
    with pytest.raises(RuntimeError, match="no SQLCipher"):
        store.open_database(home, KEY)

    assert (home / "wharfinger.db").read_bytes() == b""


def test_home_and_files_are_the_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        home = prepare_home(tmp_path / "deep" / "home")
        store.open_database(home, KEY)
        record(MARK)
        write_whole(home / "written", b"x")
    finally:
        os.umask(before)

    assert mode(home) == 0o700
    assert {mode(file) for file in home.iterdir()} == {0o600}


def test_a_home_that_others_may_enter_is_closed_to_them(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir(mode=0o755)

    assert mode(prepare_home(tmp_path / "home")) == 0o700


def test_a_folder_of_other_things_that_others_may_enter_is_left_open_and_refused(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir(mode=0o755)
    (tmp_path / "home" / "theirs").write_text("")

    with pytest.raises(Refused, match="other files"):
        prepare_home(tmp_path / "home")

    assert mode(tmp_path / "home") == 0o755


def test_a_home_of_ours_that_was_opened_to_others_is_closed_again(home: Path) -> None:
    (home / "keyring.json").write_text("")
    home.chmod(0o755)

    assert mode(prepare_home(home)) == 0o700


def test_a_home_that_is_a_file_is_invalid_with_a_next_step(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")

    with pytest.raises(Invalid) as caught:
        prepare_home(tmp_path / "home")

    assert (caught.value.next_step, caught.value.fields) == ("Choose another folder", ("home",))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder of somebody else")
def test_a_home_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    os.chown(tmp_path / "home", 12345, 12345)

    with pytest.raises(Refused, match="12345"):
        prepare_home(tmp_path / "home")


def test_a_wrong_key_is_a_conflict_and_changes_nothing(home: Path) -> None:
    store.open_database(home, KEY)
    record("kept")
    store.close_database()
    before = (home / "wharfinger.db").read_bytes()

    with pytest.raises(Conflict) as caught:
        store.open_database(home, OTHER_KEY)

    assert "backup" in caught.value.next_step
    assert (home / "wharfinger.db").read_bytes() == before
    assert subjects() == ["kept"]


def test_a_file_that_is_no_database_is_a_conflict_and_left_alone(home: Path) -> None:
    (home / "wharfinger.db").write_bytes(b"not a database" * 1000)

    with pytest.raises(Conflict):
        store.open_database(home, KEY)

    assert (home / "wharfinger.db").read_bytes() == b"not a database" * 1000


def test_a_store_of_a_newer_version_is_a_conflict(home: Path) -> None:
    from django.db import connection

    store.open_database(home, KEY)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into django_migrations (app, name, applied) values ('store', '9999_later', '2030-01-01')"
        )

    with pytest.raises(Conflict, match="9999_later"):
        store.open_database(home, KEY)


def test_threads_follow_to_another_home(home: Path, tmp_path: Path) -> None:
    other = prepare_home(tmp_path / "other")
    seen: dict[str, list[str]] = {}
    moved, looked = threading.Event(), threading.Event()

    def look() -> None:
        seen["first"] = subjects()
        looked.set()
        moved.wait(LAST_RESORT)
        seen["second"] = subjects()
        store.close_database()

    store.open_database(home, KEY)
    record("here")
    thread = threading.Thread(target=look)
    thread.start()
    looked.wait(LAST_RESORT)
    store.open_database(other, OTHER_KEY)
    record("there")
    moved.set()
    thread.join()

    assert seen == {"first": ["here"], "second": ["there"]}


def test_reopening_finds_what_was_written(home: Path, tmp_path: Path) -> None:
    store.open_database(home, KEY)
    record("first")
    store.open_database(prepare_home(tmp_path / "other"), OTHER_KEY)
    assert subjects() == []
    store.open_database(home, KEY)

    assert subjects() == ["first"]


def test_a_store_that_stays_locked_is_unavailable(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.open_database(home, KEY)
    store.close_database()
    other = files.connect(home / "wharfinger.db", isolation_level=None)
    other.execute("pragma locking_mode = exclusive")
    other.execute("begin exclusive")
    monkeypatch.setattr(files, "WAIT_SECONDS", 0)

    with pytest.raises(Unavailable, match="busy"):
        store.open_database(home, KEY)
    other.close()


WRITER = textwrap.dedent("""
    import sys
    from pathlib import Path
    from wharfinger import store
    from wharfinger.core.events import Event
    from wharfinger.store.audit import AuditLog
    store.open_database(Path(sys.argv[1]), b"\\x01" * 32)
    for n in range(int(sys.argv[3])):
        AuditLog().begin(Event("test:record", f"{sys.argv[2]} {n}"))
""")


def test_two_processes_make_the_store_and_write_without_losing_a_row(home: Path) -> None:
    rows = 40
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(home), name, str(rows)]) for name in ("a", "b")]

    assert [writer.wait(LAST_RESORT) for writer in writers] == [0, 0]

    store.open_database(home, KEY)
    found = [event.subject for event in AuditLog().events(limit=1000)]
    assert sorted(found) == sorted(f"{name} {n}" for name in ("a", "b") for n in range(rows))


def test_the_job_queues_file_opens_through_sqlalchemy_and_is_encrypted_too(home: Path) -> None:
    import sqlalchemy
    from sqlalchemy.pool import QueuePool

    creator = store.jobs_database(home, KEY)
    engine = sqlalchemy.create_engine("sqlite://", creator=creator, poolclass=QueuePool)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("create table t (x text)"))
        connection.execute(sqlalchemy.text("insert into t values (:x)"), {"x": MARK})
    with engine.connect() as connection:
        assert connection.execute(sqlalchemy.text("select x from t")).scalar() == MARK
        assert connection.execute(sqlalchemy.text("pragma journal_mode")).scalar() == "wal"
    engine.dispose()

    assert MARK.encode() not in b"".join(file.read_bytes() for file in home.iterdir())
    with pytest.raises(Conflict):
        store.jobs_database(home, OTHER_KEY)


STEAL = """
import fcntl, sys
with open(sys.argv[1], "rb+") as file:
    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 510, 0x40000002)
"""
"""Takes the lock under which the last one to close SQLite's file removes its journal."""


def test_opening_a_store_anew_does_not_let_go_of_the_locks_this_process_has_on_it(home: Path) -> None:
    store.open_database(home, KEY)
    record("one")
    thief = [sys.executable, "-c", STEAL, str(home / "wharfinger.db")]
    before = subprocess.run(thief, capture_output=True, check=False, timeout=LAST_RESORT)
    files.prepare(home / "wharfinger.db", KEY)
    after = subprocess.run(thief, capture_output=True, check=False, timeout=LAST_RESORT)

    assert b"BlockingIOError" in before.stderr
    assert b"BlockingIOError" in after.stderr


def test_a_file_is_replaced_whole_or_not_at_all(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_whole(home / "file", b"old")
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))

    with pytest.raises(OSError, match="disk full"):
        write_whole(home / "file", b"new")

    assert (home / "file").read_bytes() == b"old"
    assert [file.name for file in home.iterdir()] == ["file"]
