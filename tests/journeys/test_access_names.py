"""Names and rights of every kind on the real engine, and the state read back as a spec."""

from __future__ import annotations

import json
import uuid
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql
from tests.journeys.access_world import World
from tests.sandbox.front import engine as bare

from wharfinger.app import App, open_app
from wharfinger.core.names import display_part

HOSTILE = [
    'say "hi"', "it's", "a.b", "semi;colon -- and /* more */", "select", "user", "Group", "back\\slash",
    "ünïcödé 東京 🙂",
    "two\nlines", "tab\there", "$1 :name %s {x} ${y}", "role x", " blanks around ", "'***'", "*", "IAM:Carol", "yes",
    "1", "x" * 50,
]  # fmt: skip

letters = st.characters(exclude_categories=("Cs",), exclude_characters="\x00")
names = st.text(letters, min_size=1, max_size=12).filter(lambda text: len(text.encode()) <= 45)


def test_hostile_names_of_users_groups_schemas_and_tables_go_in_and_come_back(world: World) -> None:
    spec = world.folder / "hostile.json"
    spec.write_text(json.dumps(document(world, [f"{name}{world.x}" for name in HOSTILE])))
    plan = world.put_in_place(spec)
    assert len(plan["steps"]) > 6 * len(HOSTILE)
    assert world.differences(spec) == []

    user = f"it's{world.x}"
    assert world.ask(user, "select current_user") == [(user,)]
    with world.signed_in(user) as connection:
        table = sql.Identifier(user, f"Table of {user}")
        connection.execute("set enable_case_sensitive_identifier to true")
        assert connection.execute(sql.SQL("select count(*) from {}").format(table)).fetchone() == (0,)

    inspected = world.cli("access", "inspect", "admin", "--json").document
    again = world.folder / "again.json"
    again.write_text(json.dumps(inspected))
    assert world.differences(again) == []
    found = {name for name in inspected["users"] if name.endswith(world.x)}
    assert found == {fold(f"{name}{world.x}") for name in HOSTILE}


def fold(name: str) -> str:
    return name if name.startswith("IAM:") else name.lower()


def document(world: World, given_names: list[str]) -> dict[str, Any]:
    """A spec with a user, a group, a role and a schema of each name, and tables made in them; each right once."""
    spec: dict[str, Any] = {"version": 1, "schemas": [], "users": {}, "groups": {}, "roles": {}, "grants": []}
    with bare(world.sandbox) as engine:
        for name in given_names:
            schema = name.lower()
            table = sql.Identifier(schema, f"Table of {name}"[:60])
            engine.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))
            engine.execute(sql.SQL("create table {} (n int)").format(table))
    for number, name in enumerate(given_names):
        other = given_names[number - 1]
        schema = display_part(name.lower())
        quoted = '"' + name.replace('"', '""') + '"'
        spec["schemas"].append(schema)
        federated = name.startswith("IAM:")
        path = [name.lower(), "public"]
        spec["users"][name] = {"credentials": "iam" if federated else "password", "search_path": path}
        spec["groups"][name] = {"members": [f"user {quoted}"]}
        role = display_part(f"r {name}"[:40])
        spec["roles"][f"r {name}"[:40]] = {"members": [f"user {quoted}"]}
        maker = '"' + other.replace('"', '""') + '"'
        grants = [
            {"to": f"group {quoted}", "on": f"schema {schema}", "privileges": ["usage", "select"], "future": [maker]},
            {"to": f"user {quoted}", "on": f"table {schema}.*", "privileges": ["insert"]},
            {"to": f"role {role}", "on": f"schema {schema}", "privileges": ["delete"], "future": ["*"]},
        ]
        spec["grants"] += grants
    return spec


@pytest.fixture
def app(world: World) -> App:
    return open_app(world.folder / "home")


class _Nowhere:
    """A keeper that discards passwords."""

    def keep(self, passwords: object) -> None:
        assert passwords

    def take_back(self, users: object) -> None:
        raise AssertionError(users)


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_every_name_survives_quoting_on_the_real_engine(world: World, app: App, data: st.DataObject) -> None:
    drawn = data.draw(st.lists(names, min_size=3, max_size=6, unique_by=lambda name: name.lower()))
    label = uuid.uuid4().hex[:8]
    given_names = list(dict.fromkeys(f"{name}{label}" for name in drawn))
    if len({name.lower() for name in given_names}) < len(given_names):
        return
    text = json.dumps(document(world, given_names))
    plan = app.access.plan(app.connections.get("admin"), text, "spec")
    applied = app.access.apply(app.connections.get("admin"), plan, _Nowhere())
    assert applied.error is None, applied.error
    assert [step.sql for step in app.access.verify(app.connections.get("admin"), text, "spec").steps] == []


def test_names_of_127_bytes_are_quoted_whole_and_longer_ones_refused(world: World) -> None:
    spec = world.spec("users: {" + "x" * 128 + ": {credentials: password}}")
    answer = world.cli("access", "plan", "admin", spec, "--json")
    assert answer.error["kind"] == "invalid"
    assert "127 bytes" in answer.error["why"]
    plan = world.plan(world.spec("groups: {" + "é" * 63 + ": {}}"))
    assert [step["sql"] for step in plan["steps"]] == ['create group "' + "é" * 63 + '"']


def test_roles_hold_scopes_that_cover_what_anybody_makes_later(world: World) -> None:
    world.raw_data()
    spec = world.spec(
        """
users:
  reader_{x}: {credentials: password}
  maker_{x}:  {credentials: password}
roles: {reads_{x}: {members: [reader_{x}]}}
grants:
  - {to: role reads_{x}, on: schema raw_{x}, privileges: [usage, select], future: ['*']}
  - {to: user maker_{x}, on: schema raw_{x}, privileges: [usage, create]}
"""
    )
    plan = world.put_in_place(spec)
    assert world.own('grant select for tables in schema "raw_{x}" to role "reads_{x}"') in [
        step["sql"] for step in plan["steps"]
    ]
    world.ask("maker_{x}", "create table raw_{x}.late as select 5 as n")
    assert world.ask("reader_{x}", "select n from raw_{x}.late") == [(5,)]
    assert world.ask("reader_{x}", "select count(*) from raw_{x}.charges") == [(1,)]
    assert world.differences(spec) == []
    world.boss("revoke select for tables in schema raw_{x} from role reads_{x}")
    assert len(world.differences(spec)) == 1
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        world.ask("reader_{x}", "select n from raw_{x}.late")


def test_functions_procedures_and_single_system_views_can_be_granted(world: World) -> None:
    world.raw_data()
    world.boss(
        "create function raw_{x}.twice(int, varchar) returns int stable as 'select $1 * 2' language sql",
        "create procedure raw_{x}.load(a int) as 'begin null; end' language plpgsql",
        "revoke execute on function raw_{x}.twice(int, varchar) from public",
        "revoke execute on procedure raw_{x}.load(int) from public",
    )
    spec = world.spec(
        """
users: {alice_{x}: {credentials: password}}
groups: {team_{x}: {members: [alice_{x}]}}
grants:
  - {to: group team_{x}, on: schema raw_{x}, privileges: [usage]}
  - {to: group team_{x}, on: 'function raw_{x}.twice(integer, varchar(10))', privileges: [execute]}
  - {to: user alice_{x}, on: procedure raw_{x}.load(int), privileges: [execute]}
  - {to: group team_{x}, on: table pg_catalog.svv_table_info, privileges: [select]}
"""
    )
    world.put_in_place(spec)
    assert world.differences(spec) == []
    assert world.ask("alice_{x}", "select raw_{x}.twice(4, 'a')") == [(8,)]
    world.ask("alice_{x}", "call raw_{x}.load(1)")
    world.ask("alice_{x}", "select count(*) from svv_table_info")


def test_rights_on_columns_give_way_to_the_whole_table_and_others_are_noted(world: World) -> None:
    world.raw_data()
    world.boss(
        "create group team_{x}",
        "grant select (amount) on raw_{x}.charges to group team_{x}",
        "grant update (amount) on raw_{x}.charges to group team_{x}",
    )
    spec = world.spec(
        "groups: {team_{x}: {}}\ngrants: [{to: group team_{x}, on: table raw_{x}.charges, privileges: [select]}]\n"
    )
    plan = world.plan(spec)
    assert [step["sql"].split(" on ")[0] for step in plan["steps"]] == ['revoke select ("amount")', "grant select"]
    about = {note["about"]: note["text"] for note in plan["notes"]}
    assert "update on column" in about[world.own("group team_{x}")]
    assert world.apply(plan).code == 0
    assert world.differences(spec) == []


def test_what_is_there_is_a_spec_for_people_and_for_machines(world: World) -> None:
    world.raw_data()
    world.boss("create user by_hand_{x} password disable", "create group by_hands_{x} user by_hand_{x}, awsuser")
    world.boss("grant select on all tables in schema raw_{x} to group by_hands_{x}")
    people = world.cli("access", "inspect", "admin")
    machine = world.cli("access", "inspect", "admin", "--json")
    assert (people.code, machine.code) == (0, 0)
    assert world.own("by_hands_{x}: {members: [by_hand_{x}]}") in people.out
    assert world.own("on: schema raw_{x}, privileges: [select]}") in people.out
    assert "awsuser" not in machine.document["users"]
    for name, text in (("people.yml", people.out), ("machine.json", machine.out)):
        file = world.folder / name
        file.write_text(text)
        assert world.differences(file) == []
    assert world.boss(
        "select count(*) from pg_group g, pg_user u where g.groname = 'by_hands_{x}' and u.usename = 'awsuser'"
        " and u.usesysid = any (g.grolist)"
    ) == [(1,)]  # fmt: skip
