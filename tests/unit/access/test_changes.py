from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from wharfinger.access.model import (
    DefaultRight,
    Grantee,
    Member,
    Object,
    OtherRight,
    Right,
    RoleMember,
    Schema,
    ScopedRight,
    State,
    User,
)
from wharfinger.access.planning.changes import Change, additions, apply, blocking_rights, difference
from wharfinger.access.planning.steps import steps
from wharfinger.access.state.managed import manageable, restricted

USERS = ["alice", "bob", "IAM:Carol", 'say "hi"', "select"]
GROUPS = ["team", "ops"]
ROLES = ["reader", "writer"]
SCHEMAS = [Schema("dev", "raw"), Schema("dev", "Odd \\ one"), Schema("marketing", "raw")]

user_grantees = st.sampled_from([Grantee("user", name) for name in USERS])
grantees = st.one_of(
    user_grantees,
    st.sampled_from([Grantee("group", name) for name in GROUPS]),
    st.sampled_from([Grantee("role", name) for name in ROLES]),
)
objects = st.sampled_from(
    [
        Object("database", "dev"),
        Object("schema", "dev", "raw"),
        Object("schema", "marketing", "raw"),
        *(Object("table", schema.database, schema.name, name) for schema in SCHEMAS for name in ("a", "b", 'c"d')),
        Object("function", "dev", "raw", "total(integer)"),
    ]
)
schemas = st.sampled_from(SCHEMAS)
privileges = st.sampled_from(["select", "usage", "insert"])
rights = st.builds(Right, grantees, privileges, objects)
defaults = st.builds(
    lambda grantee, privilege, creator, schema: DefaultRight(grantee, privilege, creator, schema.database, schema.name),
    grantees, privileges, st.sampled_from(USERS), schemas,
)  # fmt: skip
scoped = st.builds(
    lambda grantee, privilege, schema: ScopedRight(grantee, privilege, schema.database, schema.name),
    st.sampled_from([Grantee("role", name) for name in ROLES]), privileges, schemas,
)  # fmt: skip
others = st.builds(
    lambda grantee, privilege, schema, table: OtherRight(
        "column", grantee, privilege, schema.database, schema.name, table, "c"
    ),
    grantees, privileges, schemas, st.sampled_from(["a", "b"]),
)  # fmt: skip


@st.composite
def states(draw: st.DrawFn) -> State:
    paths = st.sampled_from([None, ("raw",), ("raw", "public")])
    return State(
        users=frozenset(User(name, draw(paths)) for name in draw(st.sets(st.sampled_from(USERS)))),
        groups=frozenset(draw(st.sets(st.sampled_from(GROUPS)))),
        roles=frozenset(draw(st.sets(st.sampled_from(ROLES)))),
        schemas=frozenset(draw(st.sets(schemas))),
        members=frozenset(draw(st.sets(st.builds(Member, st.sampled_from(GROUPS), st.sampled_from(USERS))))),
        role_members=frozenset(draw(st.sets(st.builds(RoleMember, st.sampled_from(ROLES), user_grantees)))),
        rights=frozenset(draw(st.sets(rights, max_size=8))),
        defaults=frozenset(draw(st.sets(defaults, max_size=4))),
        scoped=frozenset(draw(st.sets(scoped, max_size=4))),
        others=frozenset(draw(st.sets(others, max_size=4))),
    )


def sane(state: State) -> State:
    """A desired state has declared grantees only; the spec's reader ensures that."""
    return replace(restricted(state, state), others=frozenset())


def expected(after: State, wanted: State) -> State:
    """A user that declares no search_path keeps the one it has."""
    kept = {user.name: user.search_path for user in after.users}
    users = frozenset(
        replace(user, search_path=kept[user.name]) if user.search_path is None else user for user in wanted.users
    )
    return replace(wanted, users=users, others=after.others)


@settings(max_examples=100)
@given(states(), states())
def test_applying_the_difference_leads_from_one_state_to_the_other(current: State, other: State) -> None:
    wanted = sane(other)
    after = apply(difference(current, wanted), current)
    assert current.others - after.others == set(blocking_rights(current, wanted))
    assert restricted(after, wanted) == expected(restricted(after, wanted), wanted)
    assert difference(after, wanted) == ()


@given(states())
def test_a_state_differs_from_itself_in_nothing(state: State) -> None:
    wanted = sane(state)
    assert difference(wanted, wanted) == ()
    assert difference(state, wanted) == tuple(
        Change("remove", one)
        for one in sorted(one for one in state.members - wanted.members if one.group in wanted.groups)
    )


@settings(max_examples=100)
@given(states(), states())
def test_only_declared_names_are_changed(current: State, other: State) -> None:
    wanted = sane(other)
    declared = {"user": {user.name for user in wanted.users}, "group": wanted.groups, "role": wanted.roles}
    for change in difference(current, wanted):
        match change.item:
            case User():
                assert change.item.name in declared["user"]
            case Member():
                assert change.item.group in declared["group"]
            case RoleMember():
                assert change.item.role in declared["role"]
            case Right() | DefaultRight() | ScopedRight() | OtherRight():
                assert change.item.grantee.name in declared[change.item.grantee.kind]


@given(states(), states())
def test_what_is_taken_away_comes_first_and_only_that_destroys(current: State, other: State) -> None:
    changes = difference(current, sane(other))
    verbs = [change.verb for change in changes]
    assert verbs == sorted(verbs, key=lambda verb: verb != "remove")
    tables = frozenset(right.on for right in other.rights if right.on.kind == "table")
    made = steps(changes, database="dev", tables=tables)
    assert [step.destructive for step in made] == sorted((step.destructive for step in made), reverse=True)
    assert bool(made) == bool(changes)


@settings(max_examples=100)
@given(states(), states())
def test_additions_take_nothing_away_and_need_no_second_time(current: State, other: State) -> None:
    desired = sane(other)
    changes = additions(current, desired)
    after = apply(changes, current)
    made = steps(changes, database="dev", tables=frozenset())
    assert not any(step.destructive for step in made)
    for name in ("groups", "roles", "schemas", "members", "role_members", "rights", "defaults", "scoped", "others"):
        assert getattr(after, name) >= getattr(current, name)
        assert name == "others" or getattr(after, name) >= getattr(desired, name)
    assert {user for user in after.users if user in current.users} == current.users
    assert additions(after, desired) == ()


def test_what_is_never_managed_is_neither_a_member_nor_a_grantee_nor_a_user() -> None:
    boss, me = User("boss", superuser=True), User("me")
    on = Object("schema", "dev", "raw")
    state = State(
        users=frozenset({boss, me, User("alice"), User("rdsdb", superuser=True)}),
        groups=frozenset({"team"}),
        members=frozenset(Member("team", name) for name in ("boss", "me", "alice")),
        role_members=frozenset(RoleMember("r", Grantee("user", name)) for name in ("boss", "alice")),
        rights=frozenset(
            [
                *(Right(Grantee("user", name), "usage", on) for name in ("boss", "me", "alice")),
                Right(Grantee("user", "alice"), "select", Object("table", "dev", "pg_catalog", "pg_class")),
                Right(Grantee("user", "alice"), "select", Object("table", "dev", "pg_catalog", "stl_query")),
            ]
        ),
    )
    left = manageable(state, "me")
    assert [user.name for user in left.users] == ["alice"]
    assert {one.user for one in left.members} == {"alice"}
    assert {one.grantee.name for one in left.role_members} == {"alice"}
    assert {(one.grantee.name, one.on.name) for one in left.rights} == {("alice", ""), ("alice", "stl_query")}


def test_a_right_on_a_column_goes_before_the_same_right_on_its_table_comes() -> None:
    team = Grantee("group", "team")
    orders = Object("table", "dev", "raw", "orders")
    column = OtherRight("column", team, "select", "dev", "raw", "orders", 'to"tal')
    now = State(groups=frozenset({"team"}), others=frozenset({column, replace(column, privilege="update")}))
    wanted = State(groups=frozenset({"team"}), rights=frozenset({Right(team, "select", orders)}))
    made = steps(difference(now, wanted), database="dev", tables=frozenset({orders}))
    assert [step.sql for step in made] == [
        'revoke select ("to""tal") on table "raw"."orders" from group "team"',
        'grant select on table "raw"."orders" to group "team"',
    ]


def test_rights_on_every_table_of_a_schema_are_one_statement() -> None:
    tables = frozenset(Object("table", "dev", "raw", name) for name in ("a", "b", "c"))
    team = Grantee("group", "team")
    wanted = State(groups=frozenset({"team"}), rights=frozenset(Right(team, "select", table) for table in tables))
    now = State(groups=frozenset({"team"}))
    made = steps(difference(now, wanted), database="dev", tables=tables)
    assert [step.sql for step in made] == ['grant select on all tables in schema "raw" to group "team"']


def test_rights_on_some_tables_name_them() -> None:
    tables = frozenset(Object("table", "dev", "raw", name) for name in ("a", "b", "c"))
    team = Grantee("group", "team")
    some = [Object("table", "dev", "raw", "a"), Object("table", "dev", "raw", "c")]
    wanted = State(
        groups=frozenset({"team"}),
        rights=frozenset(Right(team, privilege, table) for table in some for privilege in ("select", "insert")),
    )
    made = steps(difference(State(groups=frozenset({"team"})), wanted), database="dev", tables=tables)
    assert [step.sql for step in made] == ['grant insert, select on table "raw"."a", "raw"."c" to group "team"']


def test_a_new_user_gets_a_placeholder_that_takes_the_digest() -> None:
    wanted = State(users=frozenset({User("al'***'ice", ("raw",), "password")}))
    create, path = steps(difference(State(), wanted), database="dev", tables=frozenset())
    assert create.sql == """create user "al'***'ice" password '***'"""
    assert create.with_digest("md5abc") == """create user "al'***'ice" password 'md5abc'"""
    assert create.password_for == "al'***'ice"
    assert path.sql == """alter user "al'***'ice" set search_path to "raw\""""
