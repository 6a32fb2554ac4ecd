"""The live state as a spec: a plan made from it has no steps."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from wharfinger.access.model import (
    DefaultRight,
    Grantee,
    Inventory,
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
from wharfinger.access.planning.changes import difference
from wharfinger.access.spec.desired import desired_state
from wharfinger.access.spec.from_state import inspected
from wharfinger.access.spec.parse import parse_spec
from wharfinger.access.state.live import Live
from wharfinger.access.state.managed import SIGNED_IN_TEXT, SUPERUSERS_TEXT, manageable
from wharfinger.documents.access import SpecDocument

SPEC = TypeAdapter(SpecDocument)
USERS = ["alice", "IAM:Carol", 'say "hi"', " blank ", "role x", "yes", "1", "Ünïcode\n", "me", "boss"]
GROUPS = ["team", "group g", 'o"ps', "null"]
ROLES = ["reader", "a:b", "# no comment"]
SCHEMAS = [
    Schema("dev", "raw"),
    Schema("dev", 'Odd "one" \\.'),
    Schema("marketing", "raw"),
    Schema("dev", "lake", True),
]
TABLES = [
    Object("table", schema.database, schema.name, name) for schema in SCHEMAS[:3] for name in ("a", 'c"d', "Order", "*")
]
FUNCTIONS = [
    Object("function", "dev", "raw", "total(integer, character varying)"),
    Object("function", "dev", "raw", 'we(ird"()'),
    Object("procedure", "dev", "raw", "load()"),
]

ROLE_MEMBERS = [
    *(RoleMember(role, Grantee("user", name)) for role in ROLES for name in USERS),
    # Each holds only those before it: Redshift allows no circles.
    *(RoleMember(role, Grantee("role", held)) for place, role in enumerate(ROLES) for held in ROLES[:place]),
]

managed_users = st.sampled_from([name for name in USERS if name not in ("me", "boss")])
grantees = st.one_of(
    st.sampled_from([Grantee("user", name) for name in USERS]),
    st.sampled_from([Grantee("group", name) for name in GROUPS]),
    st.sampled_from([Grantee("role", name) for name in ROLES]),
)
place = st.sampled_from(SCHEMAS[:3])
on_tables = st.sampled_from(["select", "insert", "alter", "drop"])
rights = st.one_of(
    st.builds(Right, grantees, on_tables, st.sampled_from(TABLES)),
    st.builds(Right, grantees, st.sampled_from(["usage", "create", "alter"]), place.map(
        lambda schema: Object("schema", schema.database, schema.name))),
    st.builds(Right, grantees, st.just("usage"), st.just(Object("schema", "dev", "lake"))),
    st.builds(Right, grantees, st.sampled_from(["create", "temp"]), st.sampled_from(
        [Object("database", "dev"), Object("database", "marketing")])),
    st.builds(Right, grantees, st.just("execute"), st.sampled_from(FUNCTIONS)),
    st.builds(Right, grantees, st.just("select"), st.just(Object("table", "dev", "pg_catalog", "svv_table_info"))),
    st.builds(Right, grantees, st.just("select"), st.just(Object("table", "dev", "pg_catalog", "pg_class"))),
)  # fmt: skip
whole = st.builds(
    lambda grantee, privilege, schema: [
        Right(grantee, privilege, one) for one in TABLES if (one.database, one.schema) == (schema.database, schema.name)
    ],
    grantees, on_tables, place,
)  # fmt: skip
defaults = st.builds(
    lambda grantee, privilege, creator, schema: DefaultRight(grantee, privilege, creator, schema.database, schema.name),
    grantees.filter(lambda one: one.kind != "role"), st.sampled_from(["select", "insert"]), st.sampled_from(USERS),
    place,
).filter(lambda one: one.grantee != Grantee("user", one.creator))  # fmt: skip
scoped = st.builds(
    lambda role, privilege, schema: ScopedRight(Grantee("role", role), privilege, schema.database, schema.name),
    st.sampled_from(ROLES), st.sampled_from(["select", "delete"]), place,
)  # fmt: skip


@st.composite
def lives(draw: st.DrawFn) -> Live:
    paths = st.sampled_from([None, ("raw",), ("$user", "public", 'Odd "one"')])
    users = [User(name, draw(paths), superuser=name == "boss") for name in USERS]
    owners = {table: draw(st.sampled_from(USERS)) for table in TABLES}
    held = [*draw(st.lists(rights, max_size=8)), *(one for some in draw(st.lists(whole, max_size=3)) for one in some)]
    state = State(
        users=frozenset(users),
        groups=frozenset(GROUPS),
        roles=frozenset(ROLES),
        schemas=frozenset(SCHEMAS),
        members=frozenset(draw(st.sets(st.builds(Member, st.sampled_from(GROUPS), st.sampled_from(USERS))))),
        role_members=frozenset(draw(st.sets(st.sampled_from(ROLE_MEMBERS)))),
        rights=frozenset(one for one in held if owners.get(one.on) != one.grantee.name or one.grantee.kind != "user"),
        defaults=frozenset(draw(st.sets(defaults, max_size=5))),
        scoped=frozenset(draw(st.sets(scoped, max_size=4))),
        others=frozenset(
            {OtherRight("default", Grantee("group", "team"), "select", "dev", objects="tables", creator="alice")}
        ),
    )  # fmt: skip
    inventory = Inventory(
        databases=frozenset({"dev", "marketing"}),
        schemas=frozenset(SCHEMAS),
        tables=frozenset(TABLES),
        functions=frozenset(FUNCTIONS),
        owners=owners,
    )
    return Live("me", state, inventory)


@settings(max_examples=60)
@given(lives())
def test_what_is_there_planned_again_asks_for_nothing(live: Live) -> None:
    found = inspected(live, "dev")
    assert SPEC.validate_python(found.spec, strict=True, extra="forbid") == found.spec
    for text in (found.yaml(), json.dumps(found.spec)):
        spec = parse_spec(text)
        target, _ = desired_state(spec, live.inventory, live.state, database="dev", target_kind="cluster")
        assert difference(manageable(live.state, live.user), target) == ()
        assert {user.name for user in target.users} == set(USERS) - {"me", "boss"}


def test_the_document_of_seed_and_what_it_cannot_say() -> None:
    team = Grantee("group", "transformer")
    raw = [Object("table", "dev", "raw_stripe", name) for name in ("charges", "refunds")]
    state = State(
        users=frozenset({User("alice", ("analytics", "public")), User("loader"), User("awsuser", superuser=True)}),
        groups=frozenset({"transformer"}),
        schemas=frozenset({Schema("dev", "raw_stripe"), Schema("dev", "analytics")}),
        members=frozenset({Member("transformer", "alice")}),
        rights=frozenset(
            {
                Right(team, "usage", Object("schema", "dev", "raw_stripe")),
                *(Right(team, "select", table) for table in raw),
                Right(team, "create", Object("database", "dev")),
                Right(Grantee("user", "alice"), "insert", raw[0]),
            }
        ),
        defaults=frozenset({DefaultRight(team, "select", "loader", "dev", "raw_stripe")}),
        others=frozenset({OtherRight("column", team, "select", "dev", "analytics", "kpi", "value")}),
    )
    live = Live("awsuser", state, Inventory(frozenset({"dev"}), tables=frozenset(raw)))
    assert inspected(live, "dev").yaml() == (
        "# group transformer holds select on column analytics.kpi.value, which no spec can express; "
        "it stays unchanged\n"
        "# superusers awsuser may do everything, whatever a spec says, and no spec manages them\n"
        "version: 1\n"
        "schemas: [analytics, raw_stripe]\n"
        "users:\n"
        "  alice: {credentials: password, search_path: [analytics, public]}\n"
        "  loader: {credentials: password}\n"
        "groups:\n"
        "  transformer: {members: [alice]}\n"
        "roles: {}\n"
        "grants:\n"
        "- {to: group transformer, on: database dev, privileges: [create]}\n"
        "- {to: group transformer, on: schema raw_stripe, privileges: [select, usage], future: [loader]}\n"
        "- {to: user alice, on: table raw_stripe.charges, privileges: [insert]}\n"
    )


def test_the_user_that_signed_in_is_noted_as_such_and_not_as_a_superuser() -> None:
    state = State(users=frozenset({User("me"), User("boss", superuser=True)}))
    live = Live("me", state, Inventory(frozenset({"dev"})))
    assert [(note.about, note.text) for note in inspected(live, "dev").notes] == [
        ("superusers", SUPERUSERS_TEXT.format("boss")),
        ("user me", SIGNED_IN_TEXT),
    ]
