"""The files of a home after the main job: nothing can be read without the key, and no value is unsealed."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.command_line import Run
from tests.conftest import LAST_RESORT
from tests.journeys.warehouse import Warehouse

from wharfinger.store.sqlcipher import files
from wharfinger_sandbox.data.labels import labels

TABLES = ("customers", "b2b_contacts", "api_keys", "orders", "employees", "customer_addresses")
"""Too many for a run without a worker."""


EYE = """
import json, sys, time
from pathlib import Path
home, needles = Path(sys.argv[1]), [bytes.fromhex(one) for one in json.loads(sys.stdin.readline())]
found, seen, workers = set(), set(), 0
while True:
    last = (home.parent / "look a last time").exists()
    for file in [*home.rglob("*"), *Path("/proc").glob("[0-9]*/cmdline")]:
        try:
            content = file.read_bytes() if file.is_file() else b""
        except OSError:
            continue  # it ended or was taken away meanwhile
        if file.name != "cmdline":
            seen.add(file.name)
        elif str(home).encode() in content and file.parent.name != str(Path("/proc/self").resolve().name):
            workers += b"wharfinger.worker" in content
        else:
            continue
        found |= {(file.name, needle.decode()) for needle in needles if needle in content}
    if last:
        print(json.dumps({"found": sorted(found), "seen": sorted(seen), "workers": workers}))
        break
    time.sleep(0.1)
"""
"""Looks at every file of a home, and at the command lines that name it, until the last look is wanted.

A process of its own: to close a database's file in the process that uses it would let go of its locks.
"""


class Eye:
    """Reads the home's files while the block runs."""

    def __init__(self, home: Path, needles: set[str]) -> None:
        self._end = home.parent / "look a last time"
        self._process = subprocess.Popen(
            [sys.executable, "-c", EYE, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._needles = needles
        self.saw: dict[str, Any] = {}

    def __enter__(self) -> Eye:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([needle.encode().hex() for needle in self._needles]) + "\n")
        self._process.stdin.flush()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.touch()
        self.saw = json.loads(self._process.communicate(timeout=LAST_RESORT)[0])


def values(warehouse: Warehouse) -> set[str]:
    """Texts from the tables that are long enough not to occur in Wharfinger's own texts."""
    wanted = [one for one in labels() if one.schema == "raw_shop" and one.table in TABLES]
    found: set[str] = set()
    for one in wanted:
        rows = warehouse.rows(f'select distinct "{one.column}"::text from raw_shop."{one.table}" limit 40')
        found |= {value for (value,) in rows if value is not None and len(value) > 10 and not value.isdigit()}
    return found


def test_no_file_and_no_command_line_can_be_read_while_or_after_processing(warehouse: Warehouse, cli: Run) -> None:
    needles = values(warehouse)
    assert len(needles) > 100
    needles |= {"b2b_contacts", "demo-cluster", "CREATE TABLE", "SQLite format"}
    needles |= {warehouse.sandbox.identity(name)["secret_access_key"] for name in ("admin", "analyst")}
    with Eye(warehouse.home, {*needles, "provider"}) as eye:
        assert cli("tables", "refresh", "admin").code == 0
        assert cli("tables", "select", "admin", *(f"raw_shop.{name}" for name in TABLES)).code == 0
        answer = cli("process", "admin")

    assert answer.code == 0, answer
    assert eye.saw["workers"] > 0
    assert set(eye.saw["seen"]) >= {"wharfinger.db", "wharfinger.db-wal", "jobs.db", "keyring.json", "worker.log"}
    assert eye.saw["found"] == [["keyring.json", "provider"]]  # where the master key is may be read
    assert [needle for needle in needles if needle in answer.out + answer.err] == []


def test_with_the_key_no_value_of_a_table_lies_outside_of_what_is_sealed(warehouse: Warehouse, cli: Run) -> None:
    known = values(warehouse)
    cli("tables", "refresh", "admin")
    cli("tables", "select", "admin", *(f"raw_shop.{name}" for name in TABLES))
    assert cli("process", "admin").code == 0

    clear: list[str] = []
    for name in ("wharfinger.db", "jobs.db"):
        with closing(files.connect(warehouse.home / name)) as connection:
            tables = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")]
            for table in tables:
                rows = connection.execute(f'select * from "{table}"').fetchall()
                clear += [str(cell) for row in rows for cell in row if not isinstance(cell, bytes)]
    everything = "\n".join(clear)
    assert "b2b_contacts" in everything
    assert [value for value in known if value in everything] == []
    shown = cli("show", "admin", "raw_shop.orders", "--json").out
    assert any(value in shown for value in known)
