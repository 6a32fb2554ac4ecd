from __future__ import annotations

import pytest

from wharfinger.access.model import (
    DefaultRight,
    Grantee,
    Inventory,
    Object,
    Right,
    Schema,
    ScopedRight,
    State,
)
from wharfinger.access.spec import parse_spec
from wharfinger.access.wanted import wanted
from wharfinger.connections.model import TargetKind
from wharfinger.core.errors import Invalid

ORDERS = Object("table", "dev", "raw", "orders")
PAYMENTS = Object("table", "dev", "raw", "payments")
TOTAL = Object("function", "dev", "raw", "total(integer)")
INVENTORY = Inventory(
    databases=frozenset({"dev", "marketing"}),
    shared_databases=frozenset({"lent"}),
    schemas=frozenset({Schema("dev", "raw"), Schema("dev", "lake", external=True), Schema("marketing", "mail")}),
    tables=frozenset({ORDERS, PAYMENTS, Object("table", "marketing", "mail", "sent")}),
    functions=frozenset({TOTAL}),
)
TEAM = Grantee("group", "team")


def asked(grant: str, extra: str = "", target: TargetKind = "cluster") -> tuple[State, list[str]]:
    text = f"version: 1\ngroups: {{team: {{}}}}\nroles: {{reader: {{}}}}\n{extra}\ngrants:\n  - {{{grant}}}\n"
    state, notes = wanted(parse_spec(text), INVENTORY, database="dev", target_kind=target, users=["loader"])
    return state, [note.about for note in notes]


def test_rights_on_a_schema_are_its_own_and_those_of_its_tables() -> None:
    state, notes = asked("to: group team, on: schema Raw, privileges: [usage, select]")
    assert state.rights == {
        Right(TEAM, "usage", Object("schema", "dev", "raw")),
        Right(TEAM, "select", ORDERS),
        Right(TEAM, "select", PAYMENTS),
    }
    assert notes == []


def test_future_repeats_a_default_for_each_creator() -> None:
    state, _ = asked("to: group team, on: schema raw, privileges: [usage, select], future: [loader]")
    assert state.defaults == {DefaultRight(TEAM, "select", "loader", "dev", "raw")}


def test_future_for_a_role_is_a_scoped_right_and_nothing_else() -> None:
    state, _ = asked("to: role reader, on: schema raw, privileges: [usage, select], future: [loader]")
    reader = Grantee("role", "reader")
    assert state.scoped == {ScopedRight(reader, "select", "dev", "raw")}
    assert state.rights == {Right(reader, "usage", Object("schema", "dev", "raw"))}
    assert not state.defaults


def test_a_pattern_means_the_tables_that_match() -> None:
    state, _ = asked("to: group team, on: table raw.pay*, privileges: [select]")
    assert state.rights == {Right(TEAM, "select", PAYMENTS)}


def test_a_name_may_reach_into_another_database() -> None:
    state, _ = asked("to: group team, on: schema marketing.mail, privileges: [select]")
    assert state.rights == {Right(TEAM, "select", Object("table", "marketing", "mail", "sent"))}


def test_all_means_what_redshift_lists() -> None:
    state, _ = asked("to: group team, on: table raw.orders, privileges: [all]")
    assert {right.privilege for right in state.rights} == {"select", "insert", "update", "delete", "references", "drop"}


def test_a_function_is_found_by_its_arguments() -> None:
    state, _ = asked("to: group team, on: function raw.total(INTEGER), privileges: [execute]")
    assert state.rights == {Right(TEAM, "execute", TOTAL)}


@pytest.mark.parametrize("schema", ["information_schema", "pg_catalog"])
def test_a_grant_over_a_system_schema_becomes_a_note(schema: str) -> None:
    state, notes = asked(f"to: group team, on: schema {schema}, privileges: [select]")
    assert not state.rights
    assert notes == [f"schema {schema}"]


def test_svv_table_info_is_the_exception_worth_granting() -> None:
    state, notes = asked("to: group team, on: table pg_catalog.svv_table_info, privileges: [select]")
    assert state.rights == {Right(TEAM, "select", Object("table", "dev", "pg_catalog", "svv_table_info"))}
    assert notes == []


def test_an_external_schema_and_a_shared_database_take_usage_only() -> None:
    state, notes = asked("to: group team, on: schema lake, privileges: [usage, select]")
    assert state.rights == {Right(TEAM, "usage", Object("schema", "dev", "lake"))}
    assert notes == ["lake"]
    state, notes = asked("to: group team, on: database lent, privileges: [create]")
    assert state.rights == {Right(TEAM, "usage", Object("database", "lent"))}
    assert notes == ["lent"]


def test_a_declared_schema_may_be_granted_before_it_exists() -> None:
    state, _ = asked("to: group team, on: schema analytics, privileges: [usage]", "schemas: [Analytics, raw]")
    assert state.schemas == {Schema("dev", "analytics"), Schema("dev", "raw")}
    assert state.rights == {Right(TEAM, "usage", Object("schema", "dev", "analytics"))}


@pytest.mark.parametrize(
    ("grant", "why"),
    [
        ("to: group team, on: schema raw_strype, privileges: [usage]", "raw_strype"),
        ("to: group team, on: table raw.nothing, privileges: [select]", "raw.nothing"),
        ("to: group team, on: database nowhere, privileges: [create]", "nowhere"),
        ("to: group team, on: function raw.total(text), privileges: [execute]", "raw.total(text)"),
        ("to: group team, on: schema raw, privileges: [select], future: [nobody]", "nobody"),
    ],
)
def test_what_does_not_exist_is_invalid_with_its_line(grant: str, why: str) -> None:
    with pytest.raises(Invalid) as refusal:
        asked(grant)
    assert refusal.value.subject == "the spec, line 6"
    assert why in refusal.value.why


def test_on_a_workgroup_an_iam_user_is_named_for_its_identity() -> None:
    grant = "to: group team, on: database dev, privileges: [temp]"
    with pytest.raises(Invalid, match="workgroup"):
        asked(grant, "users: {alice: {credentials: iam}}", "workgroup")
    state, _ = asked(grant, "users: {'IAM:alice': {credentials: iam}}", "workgroup")
    assert [user.name for user in state.users] == ["IAM:alice"]
    with pytest.raises(Invalid, match="password"):
        asked(grant, "users: {'IAM:alice': {credentials: password}}")
