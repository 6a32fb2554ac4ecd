"""Errors of this computer are reported as errors with a next step: a full disk, a missing right, a damaged file."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import pytest
from tests.command_line import Run

from wharfinger.core.computer import trouble_of


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError(errno.ENOSPC, "x", "/somewhere"), "unavailable"),
        (OSError(errno.EROFS, "x", b"/somewhere"), "refused"),
        (PermissionError(errno.EACCES, "x", "/somewhere"), "refused"),
        (sqlite3.OperationalError("database or disk is full"), "unavailable"),
        (sqlite3.OperationalError("attempt to write a readonly database"), "refused"),
        (sqlite3.OperationalError("no such table: x"), None),
        (sqlite3.DatabaseError(), "conflict"),
        (FileNotFoundError(errno.ENOENT, "x", "/somewhere"), None),
        (OSError(errno.ENAMETOOLONG, "x", "/somewhere"), "invalid"),
        (OSError(errno.ELOOP, "x", "/somewhere"), "invalid"),
        (ValueError("disk is full"), None),
    ],
)
def test_what_the_computer_refuses_is_no_bug(error: Exception, kind: str | None, tmp_path: Path) -> None:
    trouble = trouble_of(error, tmp_path)

    assert (trouble.kind if trouble else None) == kind
    if trouble and isinstance(error, OSError):
        assert trouble.subject == "/somewhere"


@pytest.mark.parametrize(
    ("hint", "free", "flags", "why"),
    [
        ("disk I/O error", 0, 0, errno.ENOSPC),
        ("disk I/O error", 1, 0, errno.EIO),
        ("unable to open database file", 1, os.ST_RDONLY, errno.EROFS),
        ("unable to open database file", 1, 0, errno.EACCES),
    ],
)
def test_what_sqlite_only_hints_at_is_looked_up(
    hint: str, free: int, flags: int, why: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = os.statvfs_result((4096, 4096, 100, free, free, 0, 0, 0, flags, 255))
    monkeypatch.setattr(os, "statvfs", lambda _: disk)
    trouble = trouble_of(sqlite3.OperationalError(hint), tmp_path)

    assert trouble is not None
    assert (trouble.subject, trouble.why) == (str(tmp_path), os.strerror(why))


def test_a_home_that_cannot_be_written_is_refused_in_words(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    cli("connection", "list")

    def refuse(*_arguments: object, **_named: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system", "/the/store")

    monkeypatch.setattr("wharfinger.store.sqlcipher.files.prepare", refuse)
    answer = cli("connection", "list", "--json")

    assert (answer.code, answer.error["kind"], answer.error["subject"]) == (3, "refused", "/the/store")
