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
    User,
)
from wharfinger.access.spec.desired import desired_state
from wharfinger.access.spec.parse import parse_spec
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
    functions=frozenset({TOTAL, Object("procedure", "dev", "raw", "load()")}),
    owners={ORDERS: "loader", PAYMENTS: "other", Object("schema", "dev", "raw"): "loader"},
)
TEAM = Grantee("group", "team")
LIVE = State(users=frozenset({User("loader"), User("Bob"), User("other")}))


def asked(grant: str, extra: str = "", target: TargetKind = "cluster") -> tuple[State, list[str]]:
    text = f"version: 1\ngroups: {{team: {{}}}}\nroles: {{reader: {{}}}}\n{extra}\ngrants:\n  - {{{grant}}}\n"
    state, notes = desired_state(parse_spec(text), INVENTORY, LIVE, database="dev", target_kind=target)
    return state, [note.about for note in notes]


def test_rights_on_a_schema_are_its_own_and_those_of_its_tables() -> None:
    state, notes = asked("to: group team, on: schema Raw, privileges: [usage, select]")
    assert state.rights == {
        Right(TEAM, "usage", Object("schema", "dev", "raw")),
        Right(TEAM, "select", ORDERS),
        Right(TEAM, "select", PAYMENTS),
    }
    assert notes == ["schema raw"]


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
    assert notes == ["schema lake"]
    state, notes = asked("to: group team, on: database lent, privileges: [create]")
    assert state.rights == {Right(TEAM, "usage", Object("database", "lent"))}
    assert notes == ["database lent"]


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
        ("to: group team, on: procedure raw.total(int), privileges: [execute]", "raw.total(int)"),
        ("to: group team, on: database dev, privileges: [usage]", "datashare"),
        ("to: group team, on: schema raw, privileges: [usage], future: [loader]", "privilege on tables"),
        ("to: group team, on: table pg_catalog.stl_query, privileges: [insert]", "read only"),
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


def notes_of(grant: str, extra: str = "") -> list[str]:
    text = f"version: 1\ngroups: {{team: {{}}}}\nroles: {{reader: {{}}}}\n{extra}\ngrants:\n  - {{{grant}}}\n"
    _, notes = desired_state(parse_spec(text), INVENTORY, LIVE, database="dev", target_kind="cluster")
    return [note.text for note in notes]


def test_tables_of_a_creator_who_is_not_named_are_told_to_be_missed() -> None:
    grant = "to: group team, on: schema raw, privileges: [usage, select]"
    (alone,) = notes_of(grant)
    assert "future: [loader, other]" in alone
    (other,) = notes_of(f"{grant}, future: [loader]")
    assert other.startswith("other made tables there too")
    assert notes_of(f"{grant}, future: [loader, other]") == []


def test_only_what_is_to_come_may_be_asked_for() -> None:
    state, _ = asked("to: group team, on: schema raw, privileges: [select], future: [loader], existing: false")
    assert state.defaults == {DefaultRight(TEAM, "select", "loader", "dev", "raw")}
    assert not state.rights


def test_an_owner_is_granted_nothing_on_what_it_owns() -> None:
    grant = "to: user loader, on: schema raw, privileges: [usage, select], future: [loader, other]"
    state, _ = asked(grant, "users: {loader: {credentials: password}}")
    loader = Grantee("user", "loader")
    assert state.rights == {Right(loader, "select", PAYMENTS)}
    assert state.defaults == {DefaultRight(loader, "select", "other", "dev", "raw")}


def test_names_are_taken_in_the_spelling_of_the_warehouse() -> None:
    grant = "to: user BOB, on: schema raw, privileges: [select], future: [LOADER]"
    state, _ = asked(grant, "users: {bob: {credentials: password}}")
    assert [user.name for user in state.users] == ["Bob"]
    assert {right.grantee.name for right in state.rights} == {"Bob"}
    assert {right.creator for right in state.defaults} == {"loader"}


def test_a_procedure_is_named_as_one() -> None:
    state, _ = asked("to: group team, on: procedure raw.load(), privileges: [execute]")
    assert [right.on.kind for right in state.rights] == ["procedure"]


def test_single_system_tables_may_be_opened_in_any_database() -> None:
    state, _ = asked("to: group team, on: table marketing.pg_catalog.stl_query, privileges: [select]")
    assert state.rights == {Right(TEAM, "select", Object("table", "marketing", "pg_catalog", "stl_query"))}


def test_a_pattern_that_matches_nothing_and_a_table_of_an_external_schema_are_told() -> None:
    assert "no table matches" in notes_of("to: group team, on: table raw.zzz*, privileges: [select]")[0]
    assert "external" in notes_of("to: group team, on: table lake.hits, privileges: [select]")[0]


def test_an_unquoted_name_means_the_lower_case_one_where_both_are_there() -> None:
    raw, upper = Schema("dev", "raw"), Schema("dev", "RAW")
    both = Inventory(databases=frozenset({"dev"}), schemas=frozenset({raw, upper}))
    for name, schema in (("raw", "raw"), ("Raw", "raw"), ('"RAW"', "RAW")):
        text = f"version: 1\ngroups: {{g: {{}}}}\ngrants: [{{to: group g, on: 'schema {name}', privileges: [usage]}}]"
        state, _ = desired_state(parse_spec(text), both, LIVE, database="dev", target_kind="cluster")
        assert [right.on.schema for right in state.rights] == [schema]


def test_a_declared_schema_that_is_external_stays_one() -> None:
    state, notes = asked("to: group team, on: schema lake, privileges: [all]", "schemas: [lake]")
    assert {right.privilege for right in state.rights} == {"usage"}
    state, notes = asked("to: group team, on: schema lake, privileges: [select]", "schemas: [lake]")
    assert notes == ["schema lake"]
