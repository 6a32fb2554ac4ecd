"""Processing that is stopped, killed, or requested twice, each in its own process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.command_line import Run
from tests.conftest import LAST_RESORT, wait_until
from tests.journeys.tiny_schema import TinySchema, tiny_schema
from tests.journeys.warehouse import Warehouse

from wharfinger.core.errors import NotFound

Start = Callable[..., "subprocess.Popen[bytes]"]

QUICK = ("quick1", "quick2", "quick3", "quick4", "quick5")
"""Beside a slow one too many tables for a run without a worker."""


@pytest.fixture
def schema(warehouse: Warehouse, cli: Run) -> Iterator[TinySchema]:
    """Quick tables, and a slow one that is a unit alone."""
    with tiny_schema(warehouse) as schema:
        for name in QUICK:
            schema.table(name)
        schema.slow("slow")
        assert cli("tables", "refresh", "admin").code == 0
        assert cli("tables", "select", "admin", f"{schema.name}.quick*", f"{schema.name}.slow").code == 0
        yield schema


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts the command line in its own process."""
    started: list[subprocess.Popen[bytes]] = []

    def one(*arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "wharfinger.cli", *arguments, "--json"]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE))
        return started[-1]

    yield one
    for process in started:
        process.kill()
        process.communicate()


def ended(process: subprocess.Popen[bytes]) -> tuple[int, dict[str, Any]]:
    out, _ = process.communicate(timeout=LAST_RESORT)
    return process.returncode, json.loads(out)


def statuses(document: dict[str, Any], kind: str) -> dict[str, str]:
    return {one["name"]: one[kind]["status"] for one in document["tables"]}


def workers() -> list[int]:
    """The workers of the home that live."""
    from wharfinger.jobs.store_processes import ProcessStore

    return [one.pid for one in ProcessStore().all() if one.role == "worker" and runs(one.pid)]


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def measured(warehouse: Warehouse, schema: TinySchema) -> Counter[str]:
    """How many statements measured each table, by the call log."""
    texts = [call["sql"] for call in warehouse.calls() if "count(*)" in call["sql"]]
    return Counter(name for text in texts for name in (*QUICK, "slow") if f'"{schema.name}"."{name}"' in text)


def states(warehouse: Warehouse) -> dict[str, str]:
    """How the profiles stand in the store, at this moment."""
    connection = warehouse.connection("admin").id
    known = warehouse.app.jobs.statuses(connection)
    return {name.name: state.status for (name, kind), state in known.items() if kind == "profile"}


def wait_for_the_slow_one(warehouse: Warehouse, schema: TinySchema) -> None:
    done = {**dict.fromkeys(QUICK, "completed"), "slow": "running"}
    wait_until(lambda: schema.waiting() == 1 and states(warehouse) == done, otherwise=lambda: str(states(warehouse)))


def resumes(warehouse: Warehouse, schema: TinySchema, cli: Run) -> None:
    """Asserts that processing again does what is left, and nothing else."""
    before = measured(warehouse, schema)
    schema.let_go()
    answer = cli("process", "admin", "--json")
    assert answer.code == 0, answer
    assert statuses(answer.document, "profile") == {**dict.fromkeys(QUICK, "skipped"), "slow": "completed"}
    assert measured(warehouse, schema) - before == Counter(slow=1)
    assert workers() == []


def acts() -> list[tuple[str, str]]:
    """What the audit log says of processing, the newest first."""
    from wharfinger.store.models import AuditEvent

    events = AuditEvent.objects.filter(action__startswith="process:").order_by("-id")
    return [(event.action, event.outcome) for event in events]


def test_ctrl_c_cancels_in_the_warehouse_and_gives_back_what_was_begun(
    warehouse: Warehouse, schema: TinySchema, cli: Run, start: Start
) -> None:
    warehouse.forget_calls()
    process = start("process", "admin")
    wait_for_the_slow_one(warehouse, schema)
    process.send_signal(signal.SIGINT)
    code, document = ended(process)
    assert code == 130
    assert document["complete"] is False
    assert statuses(document, "profile") == {**dict.fromkeys(QUICK, "completed"), "slow": "queued"}
    assert document["statements"] == len(warehouse.calls())
    assert [call["status"] for call in warehouse.calls() if "slow" in call["sql"] and "count(*)" in call["sql"]] == [
        "ABORTED"
    ]
    assert schema.waiting() == 0
    assert workers() == []
    assert acts() == [("process:cancel", "done"), ("process:start", "done")]
    resumes(warehouse, schema, cli)


def test_a_killed_process_leaves_nothing_running_and_the_next_one_resumes(
    warehouse: Warehouse, schema: TinySchema, cli: Run, start: Start
) -> None:
    warehouse.forget_calls()
    process = start("process", "admin")
    wait_for_the_slow_one(warehouse, schema)
    process.kill()
    wait_until(lambda: workers() == [] and schema.waiting() == 0)
    assert states(warehouse)["slow"] == "queued"
    resumes(warehouse, schema, cli)


def test_a_killed_worker_is_replaced_and_only_its_unit_is_done_again(
    warehouse: Warehouse, schema: TinySchema, start: Start
) -> None:
    warehouse.forget_calls()
    process = start("process", "admin")
    wait_for_the_slow_one(warehouse, schema)
    (pid,) = workers()
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: schema.waiting() == 2)
    schema.let_go()
    code, document = ended(process)
    assert code == 0
    assert set(statuses(document, "profile").values()) == set(statuses(document, "describe").values()) == {"completed"}
    assert measured(warehouse, schema) == Counter([*QUICK, "slow", "slow"])
    # What the dead worker had sent and not yet seen to run, it could tell nobody: at most its unit's two statements.
    assert 0 <= len(warehouse.calls()) - document["statements"] <= 2
    assert workers() == []


@pytest.mark.slow
def test_when_both_are_killed_at_once_the_next_process_resumes(
    warehouse: Warehouse, schema: TinySchema, cli: Run, start: Start
) -> None:
    warehouse.forget_calls()
    process = start("process", "admin")
    wait_for_the_slow_one(warehouse, schema)
    (pid,) = workers()
    os.kill(pid, signal.SIGKILL)
    process.kill()
    process.wait()
    resumes(warehouse, schema, cli)


def test_two_at_once_do_the_work_once(warehouse: Warehouse, schema: TinySchema, start: Start) -> None:
    from wharfinger.store.models import RunUnit

    warehouse.forget_calls()
    first = start("process", "admin")
    wait_for_the_slow_one(warehouse, schema)
    second = start("process", "admin")
    wait_until(lambda: RunUnit.objects.filter(unit__kind="profile", unit__ended_at=None).count() == 2)
    schema.let_go()
    for process in (first, second):
        code, document = ended(process)
        assert code == 0
        assert statuses(document, "profile")["slow"] == statuses(document, "describe")["slow"] == "completed"
    assert measured(warehouse, schema) == Counter([*QUICK, "slow"])
    assert workers() == []


def test_a_run_is_cancelled_from_elsewhere_and_its_watcher_ends(
    warehouse: Warehouse, schema: TinySchema, cli: Run, start: Start
) -> None:
    from wharfinger.store.models import Run as Row

    warehouse.forget_calls()
    process = start("process", "admin")
    wait_for_the_slow_one(warehouse, schema)
    processing, connection = warehouse.app.processing, warehouse.connection("admin")
    run = processing.find(connection, Row.objects.get().id)
    assert (run.asked_by, len(run.tables)) == ("local", len(QUICK) + 1)
    processing.cancel(connection, run)
    wait_until(lambda: schema.waiting() == 0)
    code, document = ended(process)
    assert (code, document["complete"], document["run"]) == (130, False, run.id)
    assert statuses(document, "profile") == {**dict.fromkeys(QUICK, "completed"), "slow": "queued"}
    seen = processing.watch(connection, run, threading.Event())
    assert (seen.complete, seen.statements) == (False, document["statements"])
    with pytest.raises(NotFound, match="another connection"):
        processing.find(warehouse.connection("analyst"), run.id)
    resumes(warehouse, schema, cli)


def test_a_killed_small_run_leaves_its_tables_due(
    warehouse: Warehouse, schema: TinySchema, cli: Run, start: Start, home: Path
) -> None:
    assert cli("tables", "deselect", "admin", f"{schema.name}.quick*").code == 0
    warehouse.forget_calls()
    process = start("process", "admin")
    wait_until(lambda: schema.waiting() == 1 and states(warehouse)["slow"] == "running")
    assert workers() == []
    process.kill()
    process.wait()
    schema.let_go()
    answer = cli("process", "admin", "--json")
    assert answer.code == 0, answer
    assert statuses(answer.document, "profile") == statuses(answer.document, "describe") == {"slow": "completed"}
    assert not (home / "jobs.db").exists()


def test_ctrl_c_cancels_a_small_run_in_the_warehouse(
    warehouse: Warehouse, schema: TinySchema, cli: Run, start: Start
) -> None:
    assert cli("tables", "deselect", "admin", f"{schema.name}.quick*").code == 0
    warehouse.forget_calls()
    process = start("process", "admin")
    wait_until(lambda: schema.waiting() == 1 and states(warehouse)["slow"] == "running")
    process.send_signal(signal.SIGINT)
    code, document = ended(process)
    assert (code, document["complete"]) == (130, False)
    assert statuses(document, "profile") == statuses(document, "describe") == {"slow": "queued"}
    assert document["statements"] == len(warehouse.calls())
    assert schema.waiting() == 0
    assert acts() == [("process:cancel", "done"), ("process:start", "done")]
