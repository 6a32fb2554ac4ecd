"""Rights: what a grant opens, and how it reads back (redshift-facts §4.2, §4.3, §4.5)."""

# ruff: noqa: E501 — a case stands on one line where it can

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from tests.sandbox.warehouse import Session, SqlError, Warehouse, unique

PASSWORD = "Abcdef12"


@dataclass
class House:
    """A schema with a table and a view, an ordinary user, its group and its role."""

    admin: Session
    warehouse: Warehouse
    schema: str
    user: str
    group: str
    role: str

    def as_user(self) -> Any:
        return self.warehouse.session(self.user)

    def run(self, *statements: str) -> list[tuple[Any, ...]]:
        return self.admin.run(*[self.filled(statement) for statement in statements])

    def filled(self, sql: str) -> str:
        return sql.format(s=self.schema, user=self.user, group=self.group, role=self.role)


@pytest.fixture
def house(warehouse: Warehouse) -> Iterator[House]:
    with warehouse.session() as admin:
        house = House(admin, warehouse, unique("house"), unique("guest"), unique("club"), unique("duty"))
        house.run(
            "create schema {s}", "create table {s}.t (a int, b varchar(5))", "insert into {s}.t values (1, 'x')",
            "create view {s}.v as select a from {s}.t", "create user {user} password '" + PASSWORD + "'",
            "create group {group} with user {user}", "create role {role}", "grant role {role} to {user}",
        )  # fmt: skip
        yield house


GRANTEES = ["{user}", "group {group}", "role {role}", "public"]


@pytest.mark.parametrize("grantee", GRANTEES)
def test_usage_and_select_are_both_needed(house: House, grantee: str) -> None:
    with house.as_user() as guest:
        assert guest.refusal(f"select * from {house.schema}.t") == f"permission denied for schema {house.schema}"
        house.run("grant usage on schema {s} to " + grantee)
        assert guest.refusal(f"select * from {house.schema}.t") == "permission denied for relation t"
        house.run("grant select on {s}.t to " + grantee)
        assert guest.run(f"select a from {house.schema}.t") == [(1,)]
        house.run("revoke usage on schema {s} from " + grantee)
        assert guest.refusal(f"select * from {house.schema}.t") == f"permission denied for schema {house.schema}"


@pytest.mark.parametrize("grantee", GRANTEES)
def test_a_grant_reads_back_as_given(house: House, grantee: str) -> None:
    house.run(
        "grant select, insert, update, delete, references, drop, alter, truncate on {s}.t to " + grantee,
        "grant usage, create on schema {s} to " + grantee,
    )
    kind = grantee.split()[0] if " " in grantee or grantee == "public" else "user"
    name = house.filled(grantee.split()[-1])
    rights = house.run(
        "select privilege_type, admin_option from svv_relation_privileges"
        f" where namespace_name = '{{s}}' and relation_name = 't' and identity_type = '{kind}' and identity_name = '{name}'"
    )
    assert sorted(rights) == sorted(
        (right, False) for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "REFERENCES", "DROP", "ALTER", "TRUNCATE")
    )
    scopes = house.run(
        f"select privilege_type, privilege_scope from svv_schema_privileges where namespace_name = '{{s}}' and identity_name = '{name}'"
    )
    assert sorted(scopes) == [("CREATE", "SCHEMA"), ("USAGE", "SCHEMA")]
    shown = house.run("show grants on table {s}.t")
    assert len(shown) == 8
    expected = {"group": ("role", f"/{name}"), "public": ("public", "public")}.get(kind, (kind, name))
    assert {(row[7], row[6]) for row in shown} == {expected}
    house.run("revoke all on {s}.t from " + grantee)
    assert house.run("select 1 from svv_relation_privileges where namespace_name = '{s}' and relation_name = 't'") == []


@pytest.mark.parametrize(
    ("right", "statement"),
    [
        ("select", "select * from {s}.t"),
        ("insert", "insert into {s}.t values (2, 'y')"),
        ("select, update", "update {s}.t set a = 3 where a > 0"),
        ("select, delete", "delete from {s}.t where a > 0"),
        ("truncate", "truncate {s}.t"),
        ("drop", "drop table {s}.t cascade"),
    ],
)
def test_each_right_opens_its_statement_and_no_other(house: House, right: str, statement: str) -> None:
    house.run("grant usage on schema {s} to {user}")
    with house.as_user() as guest:
        sql = house.filled(statement)
        assert guest.refusal(sql) in ("permission denied for relation t", "must be owner of relation t")
        house.run(f"grant {right} on {{s}}.t to {{user}}")
        guest.run(sql)


def test_all_tables_in_a_schema_are_those_there_now_views_too(house: House) -> None:
    house.run("grant usage on schema {s} to group {group}", "grant select on all tables in schema {s} to group {group}")
    house.run("create table {s}.later (a int)")
    with house.as_user() as guest:
        guest.run(f"select * from {house.schema}.t", f"select * from {house.schema}.v")
        assert guest.refusal(f"select * from {house.schema}.later") == "permission denied for relation later"


def test_default_privileges_hold_for_later_tables_of_that_creator(house: House) -> None:
    loader = unique("loader")
    house.run(
        f"create user {loader} password '{PASSWORD}'", "grant usage on schema {s} to group {group}",
        f"grant create, usage on schema {{s}} to {loader}",
        f"alter default privileges for user {loader} in schema {{s}} grant select on tables to group {{group}}",
    )  # fmt: skip
    with house.warehouse.session(loader) as session:
        session.run(f"create table {house.schema}.loaded as select 7 as a")
    house.run("create table {s}.other (a int)")
    with house.as_user() as guest:
        assert guest.run(f"select a from {house.schema}.loaded") == [(7,)]
        assert guest.refusal(f"select * from {house.schema}.other") == "permission denied for relation other"
    assert house.run("select schema_name, object_type, owner_name, privilege_type, grantee_name, grantee_type, admin_option"
                     " from svv_default_privileges where schema_name = '{s}'") == [
        (house.schema, "RELATION", loader, "SELECT", house.group, "group", False)
    ]  # fmt: skip


def test_scoped_permissions_hold_for_all_tables_whoever_makes_them(house: House) -> None:
    loader = unique("loader")
    house.run(
        f"create user {loader} password '{PASSWORD}'", f"grant create, usage on schema {{s}} to {loader}",
        "grant usage on schema {s} to role {role}", "grant select for tables in schema {s} to role {role}",
    )  # fmt: skip
    with house.warehouse.session(loader) as session:
        session.run(f"create table {house.schema}.loaded as select 7 as a")
    with house.as_user() as guest:
        assert guest.run(f"select a from {house.schema}.loaded union all select a from {house.schema}.v") == [
            (7,),
            (1,),
        ]
    read = ("select privilege_type, identity_name, identity_type, privilege_scope from svv_schema_privileges"
            " where namespace_name = '{s}' and privilege_scope <> 'SCHEMA'")  # fmt: skip
    assert house.run(read) == [("SELECT", house.role, "role", "TABLES")]
    assert house.run("select 1 from svv_relation_privileges where namespace_name = '{s}'") == []
    house.run("grant select on {s}.t to {user}", "revoke select for tables in schema {s} from role {role}")
    with house.as_user() as guest:
        guest.run(f"select * from {house.schema}.t")
        assert guest.refusal(f"select * from {house.schema}.loaded") == "permission denied for relation loaded"
    assert house.run(read) == []


def test_usage_on_all_schemas_of_a_database_holds_for_later_ones(house: House) -> None:
    later = unique("later")
    house.run("grant usage for schemas in database dev to role {role}", f"create schema {later}", f"create table {later}.t (a int)",
              f"grant select on {later}.t to {{user}}")  # fmt: skip
    with house.as_user() as guest:
        assert guest.run(f"select * from {later}.t") == []
    assert house.run(
        "select privilege_type, privilege_scope from svv_database_privileges where identity_name = '{role}'"
    ) == [("USAGE", "SCHEMAS")]
    house.run("revoke usage for schemas in database dev from role {role}")
    with house.as_user() as guest:
        assert guest.refusal(f"select * from {later}.t") == f"permission denied for schema {later}"


def test_column_rights_open_columns(house: House) -> None:
    house.run("grant usage on schema {s} to {user}", "grant select (a) on {s}.t to {user}")
    with house.as_user() as guest:
        assert guest.run(f"select a from {house.schema}.t") == [(1,)]
        assert guest.refusal(f"select b from {house.schema}.t") == "permission denied for relation t"
        assert guest.run(f"select table_name from svv_all_tables where schema_name = '{house.schema}'") == [("t",)]
    assert house.run("select relation_name, column_name, privilege_type, identity_name from svv_column_privileges"
                     " where namespace_name = '{s}'") == [("t", "a", "SELECT", house.user)]  # fmt: skip
    assert [row[2:6] for row in house.run("show column grants on table {s}.t")] == [("t", "a", "COLUMN", "SELECT")]


def test_table_info_opens_by_its_grant(house: House) -> None:
    with house.as_user() as guest:
        assert guest.refusal("select * from svv_table_info") == "permission denied for relation svv_table_info"
        assert guest.value("select has_table_privilege(current_user, 'svv_table_info', 'select')") is False
        house.run("grant select on svv_table_info to {user}")
        guest.run("select * from svv_table_info")
        house.run("revoke select on pg_catalog.svv_table_info from {user}")
        assert guest.refusal("select * from svv_table_info") == "permission denied for relation svv_table_info"


@pytest.mark.parametrize(
    "sql",
    [
        "grant select on all tables in schema pg_catalog to group {group}",
        "grant select on all tables in schema information_schema to group {group}",
    ],
)
def test_grants_over_system_schemas_fail(house: House, sql: str) -> None:
    with pytest.raises(SqlError) as refused:
        house.run(sql)
    assert refused.value.sqlstate == "42501"
    assert str(refused.value).startswith("permission denied for relation ")


def test_a_grant_option_is_passed_on(house: House) -> None:
    friend = unique("friend")
    house.run(f"create user {friend} password '{PASSWORD}'", "grant usage on schema {s} to public",
              f"grant select on {{s}}.t to {{user}} with grant option, {friend}")  # fmt: skip
    assert house.run(
        "select identity_name, admin_option from svv_relation_privileges where namespace_name = '{s}' order by admin_option"
    ) == [(friend, False), (house.user, True)]
    with house.as_user() as guest:
        guest.run(f"grant select on {house.schema}.t to group {house.group}")
    with house.warehouse.session(friend) as session:
        session.run(f"grant select on {house.schema}.t to public")
    assert (
        house.run("select 1 from svv_relation_privileges where namespace_name = '{s}' and identity_type = 'public'")
        == []
    )


def test_roles_nest_and_read_back(house: House) -> None:
    outer = unique("outer")
    house.run(f"create role {outer}", f"grant role {outer} to role {{role}}", "grant usage on schema {s} to role " + outer,
              f"grant select on {{s}}.t to role {outer}")  # fmt: skip
    with house.as_user() as guest:
        assert guest.run(f"select a from {house.schema}.t") == [(1,)]
        assert guest.run("select user_name, role_name from svv_user_grants") == [(house.user, house.role)]
    assert house.run("select role_name, granted_role_name from svv_role_grants where role_name = '{role}'") == [
        (house.role, outer)
    ]
    assert "is a member of role" in house.admin.refusal(house.filled(f"grant role {{role}} to role {outer}"))


def test_system_privileges_of_a_role_open_what_they_name(house: House) -> None:
    new = unique("new")
    house.run("grant create user, drop user to role {role}")
    with house.as_user() as guest:
        guest.run(f"create user {new} password '{PASSWORD}'", f"drop user {new}")
        assert (
            guest.refusal(f"create user {new} password '{PASSWORD}' createuser")
            == "must be superuser to create superusers"
        )
    assert sorted(house.run("select system_privilege from svv_system_privileges where identity_name = '{role}'")) == [
        ("CREATE USER",), ("DROP USER",),
    ]  # fmt: skip


def test_others_grants_are_hidden_from_an_ordinary_user(house: House) -> None:
    stranger = unique("stranger")
    house.run(
        f"create user {stranger} password '{PASSWORD}'",
        "grant usage on schema {s} to {user}",
        f"grant usage on schema {{s}} to {stranger}",
    )
    with house.as_user() as guest:
        seen = guest.run(f"select identity_name from svv_schema_privileges where namespace_name = '{house.schema}'")
        assert seen == [(house.user,)]
    house.run("alter user {user} syslog access unrestricted")
    with house.as_user() as guest:
        seen = guest.run(f"select identity_name from svv_schema_privileges where namespace_name = '{house.schema}'")
        assert sorted(seen) == sorted([(house.user,), (stranger,)])


def test_an_ordinary_user_sees_what_it_may_use(house: House) -> None:
    with house.as_user() as guest:
        assert guest.run(f"select 1 from svv_all_tables where schema_name = '{house.schema}'") == []
        assert guest.run(f"select 1 from svv_all_schemas where schema_name = '{house.schema}'") == []
        assert guest.run(f"select 1 from svv_redshift_columns where schema_name = '{house.schema}'") == []
        house.run("grant usage on schema {s} to role {role}", "grant select on {s}.v to role {role}")
        assert guest.run(f"select table_name from svv_all_tables where schema_name = '{house.schema}'") == [("v",)]
        assert [row[2] for row in guest.run(f"show tables from schema {house.schema}")] == ["v"]
        assert guest.run(
            f"select relname from pg_class where relnamespace = '{house.schema}'::regnamespace order by 1"
        ) == [("t",), ("v",)]


def test_the_owner_of_a_late_binding_view_needs_the_base_and_its_reader_does_not(house: House) -> None:
    owner = unique("owner")
    house.run(
        f"create user {owner} password '{PASSWORD}'", f"create schema {owner} authorization {owner}",
        f"grant usage on schema {{s}} to {owner}", f"grant usage on schema {owner} to {{user}}",
    )  # fmt: skip
    with house.warehouse.session(owner) as session:
        session.run(f"create view {owner}.late as select a from {house.schema}.t with no schema binding",
                    f"grant select on {owner}.late to {house.user}")  # fmt: skip
    with house.as_user() as guest:
        assert guest.refusal(f"select * from {owner}.late") == "permission denied for relation t"
        house.run(f"grant select on {{s}}.t to {owner}")
        assert guest.run(f"select * from {owner}.late") == [(1,)]
