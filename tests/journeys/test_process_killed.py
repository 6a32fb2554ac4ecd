"""Processing that is stopped, killed, or asked for twice, each as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.command_line import Run
from tests.conftest import Sandbox, wait_until
from tests.journeys.tiny_schema import TinySchema, tiny_schema
from tests.journeys.warehouse import Warehouse

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def warehouse(sandbox: Sandbox, home: Path) -> Iterator[Warehouse]:
    made = Warehouse(sandbox, home)
    yield made
    made.close()


@pytest.fixture
def schema(warehouse: Warehouse, cli: Run) -> Iterator[TinySchema]:
    """Quick tables, and a slow one that is a unit alone."""
    with tiny_schema(warehouse) as schema:
        for name in ("quick1", "quick2", "quick3"):
            schema.table(name)
        schema.slow("slow")
        assert cli("tables", "refresh", "admin").code == 0
        assert cli("tables", "select", "admin", f"{schema.name}.quick*", f"{schema.name}.slow").code == 0
        yield schema


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts the command line as a process of its own."""
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
    out, _ = process.communicate(timeout=60)
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
    names = ("quick1", "quick2", "quick3", "slow")
    return Counter(name for text in texts for name in names if f'"{schema.name}"."{name}"' in text)


def states(warehouse: Warehouse) -> dict[str, str]:
    """How the profiles stand in the store, at this moment."""
    connection = warehouse.connection("admin").id
    known = warehouse.app.jobs.statuses(connection)
    return {name.name: state.status for (name, kind), state in known.items() if kind == "profile"}


def wait_for_the_slow_one(warehouse: Warehouse, schema: TinySchema) -> None:
    done = {"quick1": "completed", "quick2": "completed", "quick3": "completed", "slow": "running"}
    wait_until(lambda: schema.waiting() == 1 and states(warehouse) == done, otherwise=lambda: str(states(warehouse)))


def goes_on(warehouse: Warehouse, schema: TinySchema, cli: Run) -> None:
    """Asserts that processing again does what is left, and nothing else."""
    before = measured(warehouse, schema)
    schema.let_go()
    answer = cli("process", "admin", "--json")
    assert answer.code == 0, answer
    assert statuses(answer.document, "profile") == {
        "quick1": "skipped", "quick2": "skipped", "quick3": "skipped", "slow": "completed",
    }  # fmt: skip
    assert measured(warehouse, schema) - before == Counter(slow=1)
    assert workers() == []


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
    assert statuses(document, "profile") == {
        "quick1": "completed", "quick2": "completed", "quick3": "completed", "slow": "queued",
    }  # fmt: skip
    assert document["statements"] == len(warehouse.calls())
    assert [call["status"] for call in warehouse.calls() if "slow" in call["sql"] and "count(*)" in call["sql"]] == [
        "ABORTED"
    ]
    assert schema.waiting() == 0
    assert workers() == []
    goes_on(warehouse, schema, cli)


def test_a_killed_process_leaves_nothing_running_and_the_next_one_goes_on(
    warehouse: Warehouse, schema: TinySchema, cli: Run, start: Start
) -> None:
    warehouse.forget_calls()
    process = start("process", "admin")
    wait_for_the_slow_one(warehouse, schema)
    process.kill()
    wait_until(lambda: workers() == [] and schema.waiting() == 0)
    assert states(warehouse)["slow"] == "queued"
    goes_on(warehouse, schema, cli)


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
    assert measured(warehouse, schema) == Counter(quick1=1, quick2=1, quick3=1, slow=2)
    # What the dead worker had sent and not yet seen to run, it could tell nobody: at most its unit's two statements.
    assert 0 <= len(warehouse.calls()) - document["statements"] <= 2
    assert workers() == []


@pytest.mark.slow
def test_when_both_are_killed_at_once_the_next_process_goes_on(
    warehouse: Warehouse, schema: TinySchema, cli: Run, start: Start
) -> None:
    warehouse.forget_calls()
    process = start("process", "admin")
    wait_for_the_slow_one(warehouse, schema)
    (pid,) = workers()
    os.kill(pid, signal.SIGKILL)
    process.kill()
    process.wait()
    goes_on(warehouse, schema, cli)


def test_two_at_once_do_the_work_once(warehouse: Warehouse, schema: TinySchema, start: Start) -> None:
    from wharfinger.store.models import RunUnit

    warehouse.forget_calls()
    first = start("process", "admin")
    wait_for_the_slow_one(warehouse, schema)
    second = start("process", "admin")
    wait_until(lambda: RunUnit.objects.filter(unit__kind="profile", unit__status="running").count() == 2)
    schema.let_go()
    for process in (first, second):
        code, document = ended(process)
        assert code == 0
        assert statuses(document, "profile")["slow"] == statuses(document, "describe")["slow"] == "completed"
    assert measured(warehouse, schema) == Counter(quick1=1, quick2=1, quick3=1, slow=1)
    assert workers() == []
