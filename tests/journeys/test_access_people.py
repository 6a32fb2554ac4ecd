"""Passwords and people: where passwords go, how they are changed, the script for another client, and leaving."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from tests.conftest import wait_until
from tests.journeys.access_world import World
from tests.sandbox.front import own

from wharfinger.cli.credentials import CredentialsFile
from wharfinger.core.errors import Conflict
from wharfinger.core.secret import Secret
from wharfinger.core.session import EndUnknown

ALICE = "users: {alice_{x}: {credentials: password}}\n"


def test_a_new_password_logs_in_and_the_old_one_no_more(world: World) -> None:
    world.put_in_place(world.spec(ALICE))
    old = world.password("alice_{x}")
    assert world.ask("alice_{x}", "select current_user") == [(world.own("alice_{x}"),)]

    answer = world.cli("access", "rotate", "admin", world.own("ALICE_{x}"), "--json",
                       "--credentials-file", world.credentials)  # fmt: skip

    assert (answer.code, answer.document["user"]) == (0, world.own("alice_{x}"))
    assert world.password("alice_{x}") != old
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        world.ask("alice_{x}", "select 1", old)
    assert world.ask("alice_{x}", "select 1") == [(1,)]


def test_a_password_stands_in_no_statement_plan_log_or_answer(world: World) -> None:
    plan = world.plan(world.spec(ALICE))
    answer = world.apply(plan)
    rotated = world.cli("access", "rotate", "admin", world.own("alice_{x}"), "--json",
                        "--credentials-file", world.credentials)  # fmt: skip
    from wharfinger.app import open_app

    password = world.password("alice_{x}")
    app = open_app(world.folder / "home")
    events = [f"{event.action} {event.subject} {event.detail}" for event in app.audit.events()]
    history = world.boss("select query_text from sys_query_history where query_text like '%alice_{x}%'")
    seen = json.dumps([plan, answer.document, rotated.document, events, history, answer.err, rotated.err])
    assert password not in seen
    assert any("access:rotate admin user" in event for event in events)
    assert any("access:apply admin plan" in event for event in events)
    assert re.search(r"md5[0-9a-f]{32}", json.dumps([plan, answer.document, rotated.document, events])) is None


def test_a_rotation_that_fails_leaves_the_file_as_it_was(world: World) -> None:
    world.put_in_place(world.spec(ALICE))
    before = world.credentials.read_bytes()
    world.engine("call pg_internal.wf_ensure_iam_user('IAM:analyst')")
    for user, kind, code in (("nobody_{x}", "not_found", 2), ("IAM:analyst", "invalid", 2)):
        answer = world.cli("access", "rotate", "admin", world.own(user), "--json",
                           "--credentials-file", world.credentials)  # fmt: skip
        assert (answer.code, answer.error["kind"]) == (code, kind)
    assert world.credentials.read_bytes() == before


class CutsTheLine(CredentialsFile):
    """Keeps passwords, and cuts the connection to AWS before anything is sent."""

    def __init__(self, world: World) -> None:
        super().__init__(world.credentials)
        self._world = world
        self.users_before: list[tuple[object, ...]] = []

    def keep(self, passwords: Mapping[str, Secret]) -> None:
        super().keep(passwords)
        self.users_before = self._world.boss("select count(*) from pg_user where usename = 'alice_{x}'")
        faults = [{"operation": "BatchExecuteStatement", "kind": "drop_connection"}]
        own(self._world.sandbox, "PUT", "faults", faults)


def test_a_password_is_safe_before_it_is_sent_and_stays_when_nobody_knows_what_became_of_it(
    data_api_world: World,
) -> None:
    from wharfinger.app import open_app

    world = data_api_world
    plan = world.plan(world.spec(ALICE))
    keeper = CutsTheLine(world)
    try:
        app = open_app(world.folder / "home")
        admin = app.connections.get("admin")
        applied = app.access.apply(admin, app.access.get(admin, plan["plan"]), keeper)
    finally:
        own(world.sandbox, "DELETE", "faults")
    assert keeper.users_before == [(0,)]
    assert isinstance(applied.error, EndUnknown)
    assert applied.applied == 0
    event = app.audit.events(limit=1)[0]
    assert (event.action, event.outcome) == ("access:apply", "unknown")
    assert event.detail == f"plan {plan['plan']}: 0 of 1 step; outcome in dev unknown"
    wait_until(lambda: world.boss("select count(*) from pg_user where usename = 'alice_{x}'") == [(1,)])
    assert world.ask("alice_{x}", "select 1") == [(1,)]
    assert world.differences(world.spec(ALICE)) == []


def test_a_rotation_with_an_unknown_end_is_recorded_and_keeps_the_password(data_api_world: World) -> None:
    from wharfinger.app import open_app

    world = data_api_world
    world.put_in_place(world.spec(ALICE))
    old = world.password("alice_{x}")
    app = open_app(world.folder / "home")
    try:
        with pytest.raises(EndUnknown):
            app.access.rotate(app.connections.get("admin"), world.own("alice_{x}"), CutsTheLine(world))
    finally:
        own(world.sandbox, "DELETE", "faults")
    event = app.audit.events(limit=1)[0]
    assert (event.action, event.outcome, event.detail) == ("access:rotate", "unknown", world.own("user alice_{x}"))
    new = world.password("alice_{x}")
    assert new != old

    def signs_in() -> bool:
        try:
            return world.ask("alice_{x}", "select 1", new) == [(1,)]
        except psycopg.OperationalError:
            return False

    wait_until(signs_in)


def test_of_two_who_apply_one_plan_at_once_one_finds_it_done(world: World) -> None:
    from wharfinger.app import open_app

    plan = world.plan(world.spec(ALICE))
    app = open_app(world.folder / "home")
    admin = app.connections.get("admin")
    kept = app.access.get(admin, plan["plan"])

    def apply(_: int) -> str:
        try:
            return str(app.access.apply(admin, kept, CredentialsFile(world.credentials)).applied)
        except Conflict as conflict:
            return conflict.kind

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(apply, range(2))) == ["1", "conflict"]
    assert world.ask("alice_{x}", "select 1") == [(1,)]


def test_without_a_terminal_passwords_need_a_file_and_nothing_is_sent_before(world: World) -> None:
    plan = world.plan(world.spec(ALICE))
    for more in (["--json"], []):
        answer = world.cli("access", "apply", "admin", plan["plan"], "--yes", *more)
        assert answer.code == 2
        assert "--credentials-file" in answer.out + answer.err
        answer = world.cli("access", "rotate", "admin", world.own("alice_{x}"), *more)
        assert answer.code == 2
    assert world.boss("select count(*) from pg_user where usename = 'alice_{x}'") == [(0,)]


def test_without_yes_nothing_happens_in_a_pipe(world: World) -> None:
    plan = world.plan(world.spec(ALICE))
    answer = world.cli("access", "apply", "admin", plan["plan"], "--json", "--credentials-file", world.credentials)
    assert (answer.code, answer.error["kind"]) == (2, "invalid")
    assert "--yes" in answer.error["next_step"]
    assert not world.credentials.exists()


def test_a_credentials_file_keeps_what_it_has_of_others_and_takes_the_newest_of_a_user(world: World) -> None:
    other = {"users": {"somebody": {"password": "Els3where"}}}
    world.credentials.write_text(json.dumps(other))
    world.credentials.chmod(0o600)
    world.put_in_place(world.spec(ALICE))
    users = json.loads(world.credentials.read_text())["users"]
    assert users["somebody"] == other["users"]["somebody"]
    assert set(users) == {"somebody", world.own("alice_{x}")}
    assert stat.S_IMODE(world.credentials.stat().st_mode) == 0o600

    old = world.password("alice_{x}")
    world.boss("drop user alice_{x}")
    again = world.apply(world.plan(world.spec(ALICE)))
    assert again.code == 0
    assert f"had passwords of {world.own('alice_{x}')} already" in again.err
    assert world.password("alice_{x}") != old
    assert world.ask("alice_{x}", "select 1") == [(1,)]
    assert json.loads(world.credentials.read_text())["users"]["somebody"] == other["users"]["somebody"]


@pytest.mark.parametrize(
    "content",
    [
        "not json",
        '{"users": {"a": {"password": 1}}}',
        '{"users": {}, "more": 1}',
        '{"users": ' + "9" * 5000 + "}",
        "[" * 100_000,
        '{"users": {"a": {"password": "x", "host": "y"}}}',
    ],
)
def test_a_file_that_is_another_is_not_touched(world: World, content: str) -> None:
    plan = world.plan(world.spec("users: {u_{x}: {credentials: password}}"))
    world.credentials.write_text(content)
    answer = world.apply(plan)
    assert answer.error["kind"] == "conflict"
    assert world.credentials.read_text() == content
    assert world.boss("select count(*) from pg_user where usename = 'u_{x}'") == [(0,)]


@pytest.mark.parametrize("content", ["", '{"users": {}}'])
def test_a_file_that_others_could_read_is_its_owners_alone_once_it_holds_a_password(world: World, content: str) -> None:
    world.credentials.write_text(content)
    world.credentials.chmod(0o644)
    world.put_in_place(world.spec(ALICE))
    assert stat.S_IMODE(world.credentials.stat().st_mode) == 0o600
    assert world.ask("alice_{x}", "select 1") == [(1,)]


def test_a_link_or_a_missing_folder_takes_no_passwords(world: World) -> None:
    plan = world.plan(world.spec("users: {u_{x}: {credentials: password}}"))
    target = world.folder / "elsewhere.json"
    target.write_text('{"users": {}}')
    target.chmod(0o600)
    link = world.folder / "link.json"
    link.symlink_to(target)
    assert world.apply(plan, "--credentials-file", link).error["kind"] == "invalid"
    missing = world.folder / "none" / "c.json"
    assert world.apply(plan, "--credentials-file", missing).error["kind"] == "invalid"


def test_the_script_does_by_hand_what_apply_does(world: World) -> None:
    world.raw_data()
    world.boss("create schema half_{x}", database="marketing")
    spec = world.spec(
        """
schemas: [Script_{x}, '"Odd ""{x}"" one"']
users: {"o'neil_{x}": {credentials: password}}
groups: {team_{x}: {members: ["o'neil_{x}"]}}
grants:
  - {to: group team_{x}, on: schema raw_{x}, privileges: [usage, select]}
  - {to: group team_{x}, on: 'schema "Odd ""{x}"" one"', privileges: [usage]}
  - {to: group team_{x}, on: schema marketing.half_{x}, privileges: [usage]}
"""
    )
    file = world.folder / "plan.sql"
    planned = world.cli("access", "plan", "admin", spec, "--json", "--sql", file)
    script = file.read_text()
    assert planned.document["plan"] in script
    placeholder = re.search(r"'<password of [^\n]*>'", script)
    assert placeholder is not None
    assert placeholder[0] == world.own("'<password of o''neil_{x}>'")
    filled = script.replace(placeholder[0], "'By-h4nd-only'")

    admin = world.sandbox.ready["admin"]
    sections = re.split(r"(?m)^-- Signed in to database (\w+) as a superuser:$", filled)
    assert [sections[index] for index in (1, 3)] == ["dev", "marketing"]
    for database, text in zip(sections[1::2], sections[2::2], strict=True):
        with world.signed_in(admin["user"], admin["password"], database) as connection:
            psycopg.ClientCursor(connection).execute(text.encode())

    assert world.differences(spec) == []
    assert world.ask("o'neil_{x}", "select count(*) from raw_{x}.charges", "By-h4nd-only") == [(1,)]


def test_a_user_leaves_with_all_it_owns_and_holds_in_two_databases(world: World) -> None:
    world.raw_data()
    world.put_in_place(
        world.spec(
            """
users:
  leaver_{x}: {credentials: password, search_path: [raw_{x}]}
  heir_{x}:   {credentials: password}
groups: {team_{x}: {members: [leaver_{x}, heir_{x}]}}
roles: {reads_{x}: {members: [leaver_{x}]}}
grants:
  - {to: user leaver_{x}, on: schema raw_{x}, privileges: [usage, create]}
  - {to: user leaver_{x}, on: table raw_{x}.charges, privileges: [select, insert]}
  - {to: user leaver_{x}, on: database dev, privileges: [create, temp]}
  - {to: user leaver_{x}, on: schema raw_{x}, privileges: [select], future: [heir_{x}], existing: false}
  - {to: group team_{x}, on: schema raw_{x}, privileges: [select], future: [leaver_{x}], existing: false}
  - {to: user leaver_{x}, on: database marketing, privileges: [create]}
"""
        )
    )
    world.ask("leaver_{x}", "create schema mine_{x}")
    world.ask("leaver_{x}", "create table mine_{x}.t as select 1 as n")
    world.ask("leaver_{x}", "create view mine_{x}.v as select n from mine_{x}.t")
    world.ask("leaver_{x}", "create view mine_{x}.late as select n from mine_{x}.t with no schema binding")
    world.ask("leaver_{x}", "create function mine_{x}.f(int) returns int stable as 'select $1' language sql")
    world.ask("leaver_{x}", "create procedure mine_{x}.p(a int) as 'begin null; end' language plpgsql")
    world.ask("leaver_{x}", "create schema theirs_{x}", database="marketing")
    world.ask("leaver_{x}", "create table theirs_{x}.t as select 2 as n", database="marketing")
    world.boss(
        "grant update (amount) on raw_{x}.charges to leaver_{x}",
        "grant select for tables in schema raw_{x} to leaver_{x}",
        "alter default privileges for user leaver_{x} grant execute on functions to group team_{x}",
        "alter default privileges for user leaver_{x} in schema raw_{x} grant select on tables to public",
    )

    unowned = world.cli("access", "remove", "admin", world.own("leaver_{x}"), "--json")
    assert (unowned.code, unowned.error["kind"]) == (2, "invalid")
    assert "--new-owner" in unowned.error["next_step"]
    answer = world.cli("access", "remove", "admin", world.own("LEAVER_{x}"), "--json",
                       "--new-owner", world.own("heir_{x}"))  # fmt: skip
    assert answer.code == 0, answer
    steps = answer.document["steps"]
    assert all(step["destructive"] for step in steps)
    assert steps[-1]["sql"] == world.own('drop user "leaver_{x}"')
    assert {step["database"] for step in steps} == {"dev", "marketing"}
    applied = world.apply(answer.document)

    assert applied.code == 0, applied
    assert world.boss("select count(*) from pg_user where usename = 'leaver_{x}'") == [(0,)]
    owners = dict(
        world.boss(
            "select c.relname, u.usename from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " join pg_user u on u.usesysid = c.relowner where n.nspname = 'mine_{x}'"
        )
    )
    assert owners == dict.fromkeys(("t", "v", "late"), world.own("heir_{x}"))
    assert world.ask("heir_{x}", "select n from theirs_{x}.t", database="marketing") == [(2,)]
    assert world.ask("heir_{x}", "select mine_{x}.f(4)") == [(4,)]
    assert world.cli("access", "remove", "admin", world.own("leaver_{x}"), "--json").error["kind"] == "not_found"


def test_a_user_that_owns_nothing_needs_no_heir(world: World) -> None:
    world.put_in_place(world.spec(ALICE))
    plan = world.cli("access", "remove", "admin", world.own("alice_{x}"), "--json").document
    assert [step["sql"] for step in plan["steps"]] == [world.own('drop user "alice_{x}"')]
    world.ask("alice_{x}", "create table public.hers_{x} (n int)")
    late = world.apply(plan)
    assert late.error["kind"] in ("conflict", "invalid")
    assert world.boss("select count(*) from pg_user where usename = 'alice_{x}'") == [(1,)]
    mend = world.cli("access", "remove", "admin", world.own("alice_{x}"), "--json", "--new-owner", "awsuser").document
    assert world.apply(mend).code == 0
    world.boss("drop table public.hers_{x}")
