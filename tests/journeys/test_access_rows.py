"""Every row of the privilege views is in the spec that `inspect` writes, or in a note of `inspect` and of `verify`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.journeys.access_world import World

KINDS = ("user", "group", "role")

SETTING = (
    "create schema rows_{x}",
    "create table rows_{x}.t (n int, m int)",
    "create table rows_{x}.u (n int)",
    "create view rows_{x}.v as select n from rows_{x}.t",
    "create function rows_{x}.f(int) returns int stable as 'select $1' language sql",
    "create procedure rows_{x}.p(a int) as 'begin null; end' language plpgsql",
    "create user maker_{x} password disable",
    "create user user_{x} password disable createdb connection limit 5 valid until '2030-01-01' session timeout 600",
    "alter user user_{x} syslog access unrestricted",
    "alter user user_{x} set search_path to rows_{x}",
    "alter user user_{x} set statement_timeout to 9000",
    "create group group_{x} user user_{x}",
    "create role role_{x}",
    "create role above_{x}",
)
"""Things to grant on and to, with a user that has every option."""


def grants() -> Iterator[str]:
    """Every form of GRANT that the sandbox knows, to every kind of grantee."""
    grantees = ("user_{x}", "group group_{x}", "role role_{x}", "public")
    objects = {
        "table rows_{x}.t": "select, insert, update, delete, references, drop, alter, truncate",
        "table rows_{x}.v": "select",
        "schema rows_{x}": "usage, create",
        "database dev": "create, temp",
        "function rows_{x}.f(int)": "execute",
        "procedure rows_{x}.p(int)": "execute",
    }
    for on, privileges in objects.items():
        yield from (f"grant {privileges} on {on} to {one}" for one in grantees)
        yield f"grant {privileges} on {on} to maker_{{x}} with grant option"
    for one in grantees:
        yield f"grant select (n), update (n) on rows_{{x}}.u to {one}"
        for where in ("in schema rows_{x} ", ""):
            for what in ("select, insert on tables", "execute on functions"):
                yield f"alter default privileges for user maker_{{x}} {where}grant {what} to {one}"
    default = "alter default privileges for user maker_{x} in schema rows_{x}"
    yield f"{default} grant delete on tables to user_{{x}} with grant option"
    for one in ("user_{x}", "role role_{x}"):
        yield f"grant select, update for tables in schema rows_{{x}} to {one}"
        yield f"grant usage for schemas in database dev to {one}"
        yield f"grant execute for functions in schema rows_{{x}} to {one}"
    yield "grant select for tables in database dev to user_{x} with grant option"
    yield "grant insert for tables in schema rows_{x} to user_{x} with grant option"
    yield "grant role role_{x} to user_{x} with admin option"
    yield "grant role role_{x} to role above_{x}"
    yield "grant role above_{x} to maker_{x}"
    yield "grant role sys:monitor to user_{x}"
    yield "grant role sys:operator to role above_{x}"
    yield "grant create user, access system table to role role_{x}"
    yield "grant select on svv_table_info to group group_{x}"


LANGUAGES = (
    'grant usage on language plpgsql to "user_{x}", "g/group_{x}", "r/role_{x}"',
    'grant usage on language plpgsql to "maker_{x}" with grant option',
)
"""Granted in the engine itself: the dialect has no rights on languages. PUBLIC has this one there anyway."""

VIEWS = {
    "svv_relation_privileges": "table",
    "svv_column_privileges": "column",
    "svv_schema_privileges": "schema",
    "svv_database_privileges": "database",
    "svv_function_privileges": "function",
    "svv_default_privileges": "default",
    "svv_language_privileges": "language",
    "svv_ml_model_privileges": "model",
    "svv_iam_privileges": "iam",
    "svv_user_grants": "role of a user",
    "svv_role_grants": "role of a role",
    "svv_system_privileges": "system privilege",
}
"""Every view of privileges in docs/redshift-facts.md §4.5, and what its rows are about."""

EXCEPTIONS = {
    "what PUBLIC reads in system schemas": lambda row: (
        row.get("identity_type") == "public" and str(row.get("namespace_name")) in ("pg_catalog", "information_schema")
    ),
    "system privileges of Redshift's own roles": lambda row: (
        str(row.get("identity_name")).startswith("sys:") and "system_privilege" in row
    ),
    "Redshift's own roles in each other": lambda row: (
        str(row.get("role_name")).startswith("sys:") and "granted_role_name" in row
    ),
}
"""Rows without entry and note, each with its reason. Owners have no rows: only explicit grants are listed (§4.5.11)."""


@dataclass
class Account:
    """A spec, and notes by what they are about."""

    spec: dict[str, Any]
    notes: dict[str, list[str]] = field(default_factory=dict)

    def noted(self, about: str, *words: str) -> bool:
        """Whether one note about it has all the words."""
        return any(all(word in text for word in words) for text in self.notes.get(about, []))

    def granted(self, to: str, privilege: str, *on: str, future: str | None = None) -> bool:
        """Whether a grant of the spec is to this grantee and has the privilege on one of these objects."""
        return any(
            grant["to"] == to
            and privilege in grant["privileges"]
            and grant["on"] in on
            and (future is None or future in grant.get("future", []))
            and (future is not None or grant.get("existing", True))
            for grant in self.spec["grants"]
        )


@pytest.fixture
def rows(world: World) -> Iterator[dict[str, list[dict[str, Any]]]]:
    """The rows of each view, in a warehouse with every kind of grant."""
    world.boss(*SETTING)
    world.boss(*grants())
    world.engine(*LANGUAGES)
    found: dict[str, list[dict[str, Any]]] = {}
    admin = world.sandbox.ready["admin"]
    with world.signed_in(admin["user"], admin["password"]) as connection:
        for view in VIEWS:
            cursor = connection.execute(f"select * from {view}".encode())
            names = [column.name for column in cursor.description or ()]
            found[view] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    yield found
    world.boss("revoke create on database dev from public")  # other tests of this process rely on it
    world.engine(*(grant.replace("grant ", "revoke ", 1).replace(" to ", " from ").replace(" with grant option", "")
                   for grant in LANGUAGES))  # fmt: skip


def accounted(row: dict[str, Any], view: str, account: Account) -> bool:
    """Whether the spec or a note has the row."""
    name, kind = row.get("identity_name", row.get("grantee_name")), row.get("identity_type", row.get("grantee_type"))
    to = "PUBLIC" if kind == "public" else f"{kind} {name}"
    privilege = str(row.get("privilege_type", "")).lower()
    schema = row.get("namespace_name", row.get("schema_name"))
    option = not row.get("admin_option") or account.noted(to, "WITH GRANT OPTION", privilege)
    match VIEWS[view]:
        case "table":
            table = f"{schema}.{row['relation_name']}"
            held = account.granted(to, privilege, f"table {table}", f"schema {schema}")
            return option and (held or account.noted(to, "holds", privilege, f"table dev.{table}"))
        case "column":
            return account.noted(to, f"{privilege} on column {schema}.{row['relation_name']}.{row['column_name']}")
        case "schema" | "database" if row["privilege_scope"] not in ("SCHEMA", "DATABASE"):
            scope = row["privilege_scope"].lower()
            place = f"schema {schema}" if schema else "database dev"
            held = scope == "tables" and account.granted(to, privilege, place, future="*")
            return option and (held or account.noted(to, f"{privilege} on all {scope} of {place}"))
        case "schema" | "database":
            place = f"schema {schema}" if schema else f"database {row['database_name']}"
            there = f"schema dev.{schema}" if schema else place
            return option and (account.granted(to, privilege, place) or account.noted(to, "holds", privilege, there))
        case "function":
            name = f"{schema}.{row['function_name']}({row['argument_types']})"
            held = account.granted(to, privilege, f"function {name}", f"procedure {name}")
            return option and (held or account.noted(to, "holds", privilege, f"dev.{name}"))
        case "default":
            objects = {"RELATION": "tables", "FUNCTION": "functions"}[row["object_type"]]
            place = f"schema {schema}" if schema else "database dev"
            held = objects == "tables" and account.granted(to, privilege, place, future=row["owner_name"])
            words = f"{privilege} on {objects} that {row['owner_name']} will make in {place}"
            return option and (held or account.noted(to, words))
        case "language":
            return option and account.noted(to, "usage", f"language {row['language_name']}")
        case "role of a user":
            user, role = f"user {row['user_name']}", row["role_name"]
            member = row["user_name"] in account.spec["roles"].get(role, {}).get("members", [])
            admin = not row["admin_option"] or account.noted(user, "WITH ADMIN OPTION", role)
            return admin and (member or account.noted(user, "own role", role))
        case "role of a role":
            holder, role = f"role {row['role_name']}", row["granted_role_name"]
            member = holder in account.spec["roles"].get(role, {}).get("members", [])
            return member or account.noted(holder, "own role", role)
        case "system privilege":
            return account.noted(to, "system privileges", row["system_privilege"])
    return False


def unaccounted(rows: dict[str, list[dict[str, Any]]], account: Account) -> list[str]:
    never = set(re.split(", | and ", " and ".join(account.notes.get("superusers", [""]))))
    return [
        f"{view}: {row}"
        for view, found in rows.items()
        for row in found
        if not any(excepted(row) for excepted in EXCEPTIONS.values())
        and row.get("identity_name", row.get("grantee_name", row.get("user_name"))) not in never
        and not accounted(row, view, account)
    ]


def test_every_row_is_in_the_inspected_spec_or_in_a_note(world: World, rows: dict[str, list[dict[str, Any]]]) -> None:
    text = world.cli("access", "inspect", "admin").out
    spec = YAML(typ="safe").load(text)
    notes: dict[str, list[str]] = {}
    abouts = [f"{kind} {name}" for kind in KINDS for name in spec[f"{kind}s"]]
    for line in (line.removeprefix("# ") for line in text.splitlines() if line.startswith("# ")):
        about = next((one for one in [*abouts, "PUBLIC", "superusers"] if line.startswith(f"{one} ")), "")
        notes.setdefault(about, []).append(line.removeprefix(about).strip())
    for view in set(VIEWS) - {"svv_ml_model_privileges", "svv_iam_privileges"}:  # the sandbox has neither
        assert rows[view], view

    assert unaccounted(rows, Account(spec, notes)) == []


def test_verify_walks_every_row_too(world: World, rows: dict[str, list[dict[str, Any]]]) -> None:
    spec = world.folder / "found.yml"
    spec.write_text(world.cli("access", "inspect", "admin").out)
    answer = world.cli("access", "verify", "admin", spec, "--json")
    assert (answer.code, answer.document["steps"]) == (0, [])

    notes: dict[str, list[str]] = {}
    for note in answer.document["notes"]:
        notes.setdefault(note["about"], []).append(note["text"])
    assert unaccounted(rows, Account(YAML(typ="safe").load(spec.read_text()), notes)) == []
    user = world.own("user user_{x}")
    for option in ("CREATEDB", "CONNECTION LIMIT 5", "VALID UNTIL 2030", "SESSION TIMEOUT 600",
                   "SYSLOG ACCESS UNRESTRICTED", "SET statement_timeout"):  # fmt: skip
        assert Account({}, notes).noted(user, option), option


@pytest.mark.usefixtures("rows")
def test_what_a_spec_does_not_declare_is_said_to_be_not_compared(world: World) -> None:
    spec = world.spec("users: {user_{x}: {credentials: password}}\nroles: {above_{x}: {}}\n")
    answer = world.cli("access", "verify", "admin", spec, "--json")
    notes = {note["about"]: note["text"] for note in answer.document["notes"] if note["about"] == "not declared"}
    for one in ("maker_{x}", "group group_{x}", "role role_{x}"):
        assert world.own(one) in notes["not declared"]
    texts = [f"{note['about']} {note['text']}" for note in answer.document["notes"]]
    for start in ("user user_{x} is in group group_{x}, which the spec does not declare",
                  "user user_{x} holds role role_{x}, which the spec does not declare",
                  "role above_{x} holds role role_{x}, which the spec does not declare"):  # fmt: skip
        assert any(text.startswith(world.own(start)) for text in texts), start
