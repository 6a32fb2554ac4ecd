"""What `access apply` runs, whether it is given a plan or a spec, and what the audit log says when it is stopped."""

from __future__ import annotations

import io
import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import LAST_RESORT, wait_until
from tests.journeys.access_world import World
from tests.sandbox.front import engine

from wharfinger.app import open_app
from wharfinger.core.events import Event

TEAM = "groups: {team_{x}: {}}\n"
BOTH_DATABASES = """
groups: {half_{x}: {}}
grants:
  - {to: group half_{x}, on: schema raw_{x}, privileges: [usage]}
  - {to: group half_{x}, on: schema marketing.half_{x}, privileges: [usage]}
"""


def groups(world: World) -> int:
    """How many groups of this world there are."""
    return int(world.boss("select count(*) from pg_group where groname like '%{x}'")[0][0])


def last_event(world: World) -> Event:
    return open_app(world.folder / "home").audit.events(limit=1)[0]


def plans(world: World) -> list[dict[str, Any]]:
    return list(world.cli("access", "plans", "admin", "--json").document["plans"])


def test_a_spec_is_planned_and_applied_in_one_go(world: World) -> None:
    spec = world.spec("users: {alice_{x}: {credentials: password}}\n" + TEAM)
    answer = world.cli("access", "apply", "admin", spec, "--yes", "--json", "--credentials-file", world.credentials)

    assert (answer.code, answer.document["applied"], answer.document["of"]) == (0, 2, 2)
    assert answer.document["users"] == [world.own("alice_{x}")]
    assert world.ask("alice_{x}", "select 1") == [(1,)]
    (kept,) = plans(world)
    assert (kept["source"], kept["purpose"], kept["steps"], kept["destructive"]) == (str(spec), "spec", 2, 0)
    again = world.cli("access", "apply", "admin", spec, "--yes", "--json")
    assert (again.code, again.document) == (0, {"applied": 0, "of": 0})


def test_a_spec_comes_from_stdin_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(world.own("version: 1\n" + TEAM)))
    answer = world.cli("access", "apply", "admin", "-", "--yes", "--json")
    assert (answer.code, answer.document) == (0, {"applied": 1, "of": 1})


def test_a_spec_is_not_applied_unasked_in_a_pipe(world: World) -> None:
    answer = world.cli("access", "apply", "admin", world.spec(TEAM), "--json")
    assert (answer.code, answer.error["kind"]) == (2, "invalid")
    assert groups(world) == 0


def test_a_name_that_is_a_plan_and_a_file_is_refused_and_changes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(world.folder)
    plan = world.plan(world.spec(TEAM))
    (world.folder / plan["plan"]).write_text("version: 1\n")
    answer = world.apply(plan)
    assert (answer.code, answer.error["kind"], answer.error["subject"]) == (2, "invalid", plan["plan"])
    assert groups(world) == 0

    as_file = world.cli("access", "apply", "admin", f"./{plan['plan']}", "--yes", "--json")
    assert (as_file.code, as_file.document) == (0, {"applied": 0, "of": 0})
    (world.folder / plan["plan"]).unlink()
    assert world.apply(plan).document == {"applied": 1, "of": 1}


@pytest.mark.parametrize(("name", "kind"), [("none", "not_found"), ("none.yml", "invalid"), ("no/such", "invalid")])
def test_a_name_that_is_neither_is_an_error(world: World, name: str, kind: str) -> None:
    answer = world.cli("access", "apply", "admin", name, "--yes", "--json")
    assert (answer.code, answer.error["kind"], answer.error["subject"]) == (2, kind, name)


def test_stored_plans_are_listed_the_newest_first_and_only_those_of_the_connection(world: World) -> None:
    assert plans(world) == []
    world.boss("create user bo_{x} password disable", "create group old_{x} user bo_{x}")
    first = world.plan(world.spec("groups: {old_{x}: {}}"))
    second = world.cli("access", "remove", "admin", world.own("bo_{x}"), "--json").document
    world.cli("access", "verify", "admin", world.spec(TEAM), "--json")

    found = plans(world)
    assert [one["plan"] for one in found] == [second["plan"], first["plan"]]
    assert [one["digest"] for one in found] == [second["digest"], first["digest"]]
    assert [(one["purpose"], one["source"]) for one in found] == [
        ("leave", world.own("bo_{x}")),
        ("spec", str(world.folder / "access.yml")),
    ]
    assert [(one["steps"], one["destructive"]) for one in found] == [(2, 2), (1, 1)]
    assert [one["made_at"] for one in found] == sorted((one["made_at"] for one in found), reverse=True)
    table = world.cli("access", "plans", "admin").out.splitlines()
    assert table[0].startswith("PLAN\tMADE (UTC)\tFOR\tSTEPS")
    assert f"remove {world.own('bo_{x}')}" in table[1]
    world.add("other", "--workgroup", world.sandbox.ready["workgroup"]["name"])
    assert world.cli("access", "plans", "other", "--json").document == {"plans": []}


@pytest.mark.parametrize("altered", ["sql", "request"])
def test_a_plan_altered_in_the_store_is_a_conflict_and_its_text_never_runs(world: World, altered: str) -> None:
    plan = world.plan(world.spec(TEAM))
    open_app(world.folder / "home")
    from wharfinger.store.models import AccessPlan

    row = AccessPlan.objects.get(id=plan["plan"])
    if altered == "sql":
        row.content["steps"][0]["sql"] = world.own("create group evil_{x}")
    else:
        row.content["request"]["text"] = world.own("version: 1\ngroups: {evil_{x}: {}}\n")
    row.save()
    answer = world.apply(plan)

    assert (answer.code, answer.error["kind"]) == (3, "conflict")
    assert groups(world) == 0
    event = last_event(world)
    assert (event.action, event.outcome) == ("access:apply", "failed")


@contextmanager
def waits(world: World, tag: str, database: str) -> Iterator[None]:
    """Statements of one kind wait in `database` until the block ends; it begins with nothing waiting."""
    number, name = secrets.randbits(62), f"gate_{secrets.token_hex(4)}"
    body = f"begin perform pg_advisory_xact_lock_shared({number}); end"
    world.engine(
        f"create function public.{name}() returns event_trigger language plpgsql as $${body}$$",
        f"create event trigger {name} on ddl_command_start when tag in ('{tag}') execute function public.{name}()",
        database=database,
    )
    try:
        with engine(world.sandbox, database) as keeper:
            keeper.execute("select pg_advisory_lock(%s)", [number])
            yield
    finally:
        world.engine(f"drop event trigger {name}", f"drop function public.{name}()", database=database)


def waiting(world: World, database: str) -> bool:
    question = (
        f"select count(*) from pg_stat_activity where datname = '{database}' and wait_event = 'advisory'"
        " and backend_type = 'client backend'"
    )
    return world.engine(question) != [(0,)]


@pytest.mark.parametrize(("door", "stop"), [("world", signal.SIGINT), ("data_api_world", signal.SIGTERM)])
def test_stopped_in_the_second_database_the_record_says_what_was_committed(
    door: str, stop: signal.Signals, request: pytest.FixtureRequest
) -> None:
    world: World = request.getfixturevalue(door)
    world.raw_data()
    world.boss("create schema half_{x}", database="marketing")
    spec = world.spec(BOTH_DATABASES)
    plan = world.plan(spec)
    with waits(world, "GRANT", "marketing"):
        process = start(world.folder / "home", "access", "apply", "admin", plan["plan"], "--yes", "--json")
        wait_until(lambda: waiting(world, "marketing") or process.poll() is not None)
        process.send_signal(stop)
        out, _ = process.communicate(timeout=LAST_RESORT)

    assert process.returncode == 130
    assert json.loads(out)["error"]["kind"] == "unavailable"
    event = last_event(world)
    assert (event.action, event.subject, event.outcome) == ("access:apply", "admin", "unknown")
    assert event.detail == f"plan {plan['plan']}: 2 of 3 steps; dev applied, interrupted in marketing"
    rest = world.differences(spec)
    assert rest in ([], [plan["steps"][2]["sql"]])
    world.put_in_place(spec)
    assert last_event(world).outcome == "done"


def start(home: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "wharfinger.cli", "--home", str(home), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        env=dict(os.environ),
    )
