"""Users, groups, roles: made, changed, dropped, with Redshift's obstacles and words (redshift-facts §4.1)."""

# ruff: noqa: E501 — a case stands on one line where it can

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.sandbox.warehouse import Session, SqlError, Warehouse, unique

PASSWORD = "Abcdef12"


@pytest.fixture
def admin(warehouse: Warehouse) -> Iterator[Session]:
    with warehouse.session() as session:
        yield session


def test_users_groups_and_their_members_show_in_the_catalog(admin: Session) -> None:
    alice, group = unique("alice"), unique("team")
    admin.run(f"create group {group}", f"create user {alice} password '{PASSWORD}' createdb in group {group}")
    assert admin.tag == "CREATE USER"
    assert admin.run(f"select usecreatedb, usesuper, usecatupd, passwd from pg_user where usename = '{alice}'") == [
        (True, False, False, "********")
    ]
    ((number, members),) = admin.run(
        f"select usesysid, grolist from pg_user, pg_group where usename = '{alice}' and groname = '{group}'"
    )
    assert members == [number]
    admin.run(f"alter group {group} drop user {alice}")
    assert admin.value(f"select grolist from pg_group where groname = '{group}'") is None
    admin.run(
        f"alter group {group} add user {alice}",
        f"alter group {group} add user {alice}",
        f"alter group {group} rename to {group}x",
    )
    assert admin.value(f"select grolist from pg_group where groname = '{group}x'") == [number]


def test_a_quoted_user_name_keeps_its_case_and_any_sign(admin: Session) -> None:
    name = unique("We\"ird 'Na.me")
    quoted = '"' + name.replace('"', '""') + '"'
    admin.run(f"create user {quoted} password '{PASSWORD}'")
    assert admin.value("select count(*) from pg_user where usename = '" + name.replace("'", "''") + "'") == 1
    admin.run(f"alter user {quoted} nocreatedb", f"drop user {quoted}")


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("create user {user} password 'Abcdef12'", 'user "{user}" already exists'),
        ("create group {group}", 'group "{group}" already exists'),
        ("create role {role}", 'role "{role}" already exists'),
        ("create role {user}", 'user "{user}" already exists'),
        ("create user {role} password 'Abcdef12'", 'role "{role}" already exists'),
        ("drop user no_such", 'user "no_such" does not exist'),
        ("drop group no_such", 'group "no_such" does not exist'),
        ("drop role no_such", 'role "no_such" does not exist'),
        ("alter group {group} add user no_such", 'user "no_such" does not exist'),
        ("create user {user}x password 'Abcdef12' in group no_such", 'group "no_such" does not exist'),
        ("grant select on pg_catalog.svv_table_info to no_such", 'user "no_such" does not exist'),
        ("grant usage on schema public to group no_such", 'group "no_such" does not exist'),
        ("grant usage on schema public to no_such", 'user "no_such" does not exist'),
        ("grant role no_such to {user}", 'role "no_such" does not exist'),
        ("drop user rdsdb", "must be superuser to drop superusers"),
        ("drop user awsuser", "current user cannot be dropped"),
    ],
)
def test_a_statement_about_identities_is_refused_in_redshifts_words(admin: Session, sql: str, words: str) -> None:
    names = {"user": unique("u"), "group": unique("g"), "role": unique("r")}
    admin.run(
        f"create user {names['user']} password '{PASSWORD}'",
        f"create group {names['group']}",
        f"create role {names['role']}",
    )
    assert admin.refusal(sql.format(**names)) == words.format(**names)


def test_drop_user_if_exists_passes_over_a_missing_one(admin: Session) -> None:
    user = unique("u")
    admin.run(f"create user {user} password '{PASSWORD}'", f"drop user if exists no_such, {user}")
    assert admin.value(f"select count(*) from pg_user where usename = '{user}'") == 0


def test_a_statement_about_identities_is_part_of_its_transaction(admin: Session) -> None:
    user = unique("u")
    admin.run("begin", f"create user {user} password '{PASSWORD}'", "rollback")
    assert admin.value(f"select count(*) from pg_user where usename = '{user}'") == 0


@pytest.mark.parametrize(
    ("leftover", "undo", "obstacle"),
    [
        ("create schema {user}_s authorization {user}", "drop schema {user}_s", "owns some object"),
        ("create table public.{user}_t (a int); alter table public.{user}_t owner to {user}", "drop table public.{user}_t",
         "owns some object"),
        ("grant usage on schema public to {user}", "revoke usage on schema public from {user}", "has a privilege on some object"),
        ("grant create on database dev to {user}", "revoke create on database dev from {user}", "has a privilege on some object"),
        ("alter default privileges for user {user} grant select on tables to public",
         "alter default privileges for user {user} revoke select on tables from public", "has a privilege on some object"),
        ("alter default privileges grant select on tables to {user}", "alter default privileges revoke select on tables from {user}",
         "has a privilege on some object"),
        ("grant select on svv_table_info to {user}", "revoke select on svv_table_info from {user}", "has a privilege on some object"),
    ],
)  # fmt: skip
def test_drop_user_names_its_obstacle(admin: Session, leftover: str, undo: str, obstacle: str) -> None:
    user = unique("leaver")
    admin.run(f"create user {user} password '{PASSWORD}'", *leftover.format(user=user).split("; "))
    with pytest.raises(SqlError) as refused:
        admin.run(f"drop user {user}")
    assert (refused.value.sqlstate, str(refused.value)) == (
        "55006", f'user "{user}" can\'t be dropped because the user {obstacle}',
    )  # fmt: skip
    admin.run(undo.format(user=user), f"drop user {user}")


def test_a_user_with_things_in_another_database_goes_and_they_stay_without_owner(
    warehouse: Warehouse, admin: Session
) -> None:
    user, table = unique("u"), unique("t")
    admin.run(f"create user {user} password '{PASSWORD}'")
    with warehouse.session(user, "marketing") as there:
        there.run(f"create table public.{table} (a int)")
    admin.run(f"drop user {user}", f"create user {user} password '{PASSWORD}'")
    with warehouse.session(database="marketing") as there:
        owner = there.run(
            f"select u.usename from pg_class c left join pg_user u on u.usesysid = c.relowner where relname = '{table}'"
        )
        assert owner == [(None,)]


def test_a_group_with_rights_is_not_dropped(admin: Session) -> None:
    group = unique("g")
    admin.run(f"create group {group}", f"grant usage on schema public to group {group}")
    assert admin.refusal(f"drop group {group}") == (
        f'group "{group}" can\'t be dropped because the group has a privilege on some object'
    )
    admin.run(f"revoke all on schema public from group {group}", f"drop group {group}")


def test_a_granted_role_is_dropped_by_force_only(admin: Session) -> None:
    user, role, schema = unique("u"), unique("r"), unique("s")
    admin.run(
        f"create user {user} password '{PASSWORD}'", f"create role {role}", f"create schema {schema}",
        f"grant role {role} to {user}", f"grant usage on schema {schema} to role {role}",
    )  # fmt: skip
    assert "use FORCE" in admin.refusal(f"drop role {role}")
    admin.run(f"drop role {role} force")
    assert admin.run(f"select 1 from svv_roles where role_name = '{role}'") == []


def test_superusers_have_everybodys_rights_and_those_of_each_other(warehouse: Warehouse, admin: Session) -> None:
    boss, worker, schema = unique("boss"), unique("worker"), unique("s")
    admin.run(f"create user {worker} password '{PASSWORD}'", f"create user {boss} password '{PASSWORD}' createuser")
    with warehouse.session(worker) as session:
        session.run(f"create table public.{schema}_w (a int)", f"insert into public.{schema}_w values (1)")
    admin.run(f"create schema {schema}", f"create table {schema}.t (a int)")
    with warehouse.session(boss, superuser=True) as session:
        session.run(f"insert into {schema}.t select a from public.{schema}_w", f"alter table {schema}.t add b int")
        session.run(
            f"grant select on {schema}.t to {worker}",
            f"drop table public.{schema}_w",
            f"create table {schema}.u (a int)",
        )
        assert session.value("select usesuper from pg_user where usename = current_user") is True
    later = unique("later")
    admin.run(
        f"drop table {schema}.u",
        f"create user {later} password '{PASSWORD}'",
        f"create schema {later} authorization {later}",
    )
    with warehouse.session(boss, superuser=True) as session:
        session.run(f"create table {later}.t (a int)", f"drop schema {later} cascade")
    admin.run(f"alter user {boss} nocreateuser")
    with warehouse.session(boss) as session:
        assert session.refusal(f"select * from {schema}.t") == f"permission denied for schema {schema}"
        assert session.refusal(f"create user x password '{PASSWORD}'") == "must be superuser to create users"


def test_a_superuser_acts_as_another_user_and_back(admin: Session) -> None:
    user = unique("u")
    admin.run(f"create user {user} password '{PASSWORD}'", f"set session authorization '{user}'")
    assert admin.value("select current_user") == user
    assert admin.value("select usesuper from pg_user where usename = current_user") is False
    assert admin.refusal(f"create user {user}x password '{PASSWORD}'") == "must be superuser to create users"
    assert admin.refusal("select * from svv_table_info") == "permission denied for relation svv_table_info"
    admin.run("reset session authorization")
    assert admin.value("select current_user") == "awsuser"


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("create user {new} password 'Abcdef12'", "must be superuser to create users"),
        ("create group {new}", "must be superuser to create groups"),
        ("drop group {group}", "must be superuser to drop groups"),
        ("alter group {group} add user {user}", "must be superuser to alter groups"),
        ("alter user awsuser nocreatedb", "permission denied"),
        ("alter user {user} createuser", "permission denied"),
        ("drop user {user}", "must be superuser to drop users"),
        ("create role {new}", "permission denied, CREATE ROLE privilege is needed"),
        ("grant role {role} to {user}", 'permission denied to grant role "{role}"'),
        ("grant select for tables in schema public to {user}", "permission denied to grant scoped permissions"),
        ("grant select on svv_table_info to {user}", "permission denied for relation svv_table_info"),
        ("grant access system table to role {role}", "must be superuser to grant system privileges"),
        ("create schema {new}", "permission denied for database dev"),
        ("create database {new}", "permission denied to create database"),
        ("set session authorization awsuser", "permission denied to set session authorization"),
        ("select * from pg_authid", "permission denied for relation pg_authid"),
        ("alter table public.{table} rename to x", "must be owner of relation {table}"),
        ("drop table public.{table}", "must be owner of relation {table}"),
        ("vacuum sort only public.{table}", "must be owner of relation {table}"),
        ("comment on table public.{table} is 'x'", "must be owner of relation {table}"),
    ],
)
def test_an_ordinary_user_may_not(warehouse: Warehouse, admin: Session, sql: str, words: str) -> None:
    names = {"user": unique("u"), "group": unique("g"), "role": unique("r"), "new": unique("n"), "table": unique("t")}
    admin.run(
        f"create user {names['user']} password '{PASSWORD}'", f"create group {names['group']}",
        f"create role {names['role']}", f"create table public.{names['table']} (a int)",
    )  # fmt: skip
    with warehouse.session(names["user"]) as session:
        assert session.refusal(sql.format(**names)) == words.format(**names)


def test_an_ordinary_user_changes_its_own_password_and_settings(warehouse: Warehouse, admin: Session) -> None:
    user = unique("u")
    admin.run(f"create user {user} password '{PASSWORD}'")
    with warehouse.session(user) as session:
        session.run(f"alter user {user} password 'Newword12'", f'alter user {user} set search_path to a, "B c", public')
        session.run(f"alter user {user} set query_group to 'night'")
    with warehouse.session(user) as session:
        assert session.value("show search_path") == 'a, "b c", public'
        assert session.value("show query_group") == "night"
        assert session.value(f"select useconfig from pg_user where usename = '{user}'") == [
            'search_path=a, "b c", public', "query_group=night",
        ]  # fmt: skip


def test_the_front_door_learns_what_it_needs_to_know(warehouse: Warehouse, admin: Session) -> None:
    user, group = unique("u"), unique("g")
    admin.run(
        f"create group {group}",
        f"create user {user} password 'md5{'0' * 32}' in group {group} connection limit 5 valid until '2030-01-02' session timeout 90",
    )
    with warehouse.engine() as engine:
        ((login,),) = engine.execute("select pg_internal.wf_login(%s)", [user]).fetchall()
        ((missing,),) = engine.execute("select pg_internal.wf_login('no such')").fetchall()
    assert login == {
        "exists": True, "superuser": False, "password_kind": "md5", "digest": f"md5{'0' * 32}", "can_login": True,
        "valid_until": "2030-01-02T00:00:00+00:00", "connection_limit": 5, "session_timeout": 90, "groups": [group],
        "case_sensitive": False,
    }  # fmt: skip
    assert missing == {"exists": False, "superuser": False, "can_login": False}
    with warehouse.session(user) as session:
        session.connection.execute("set search_path to pg_internal")
        assert session.refusal("select wf_login('awsuser')").startswith("permission denied for function")


def test_a_disabled_password_is_not_for_superusers(admin: Session) -> None:
    user = unique("u")
    admin.run(f"create user {user} password disable")
    assert admin.refusal(f"alter user {user} createuser") == "cannot disable password for superuser"


def test_renaming_clears_an_md5_password(warehouse: Warehouse, admin: Session) -> None:
    user = unique("u")
    admin.run(f"create user {user} password '{PASSWORD}'", f"alter user {user} rename to {user}x")
    with warehouse.engine() as engine:
        ((login,),) = engine.execute("select pg_internal.wf_login(%s)", [f"{user}x"]).fetchall()
    assert (login["password_kind"], login["digest"]) == ("none", None)


def test_the_user_of_an_iam_identity_is_made_once_with_publics_rights(warehouse: Warehouse, admin: Session) -> None:
    name = f"IAM:{unique('analyst')}"
    with warehouse.engine() as engine:
        engine.execute("call pg_internal.wf_ensure_iam_user(%s)", [name])
        engine.execute("call pg_internal.wf_ensure_iam_user(%s)", [name])
    assert admin.run(f"select usesuper from pg_user where usename = '{name}'") == [(False,)]
    admin.run(f'grant usage on schema public to "{name}"')
    with warehouse.session(name) as session:
        assert session.value("select current_user") == name
        assert session.refusal("create schema nope") == "permission denied for database dev"
