"""The difference between two states, as typed changes in a safe order. Pure, and its own inverse's mirror."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from wharfinger.access.model import (
    SYSTEM_RELATIONS,
    SYSTEM_USERS,
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
from wharfinger.core.names import is_system_schema

Item = User | Schema | Member | RoleMember | Right | DefaultRight | ScopedRight | OtherRight
Verb = Literal["add", "remove", "set"]


@dataclass(frozen=True, slots=True)
class NewGroup:
    """A group to make."""

    name: str


@dataclass(frozen=True, slots=True)
class NewRole:
    """A role to make."""

    name: str


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to add, to remove, or (a user's search_path) to set."""

    verb: Verb
    item: Item | NewGroup | NewRole


@dataclass(frozen=True, slots=True)
class Managed:
    """The declared names; nothing else is ever changed."""

    users: frozenset[str]
    groups: frozenset[str]
    roles: frozenset[str]

    @classmethod
    def of(cls, wanted: State) -> Managed:
        """What a desired state declares."""
        return cls(frozenset(user.name for user in wanted.users), wanted.groups, wanted.roles)

    def holds(self, right: Right | DefaultRight | ScopedRight | OtherRight) -> bool:
        """Whether the right is one of a declared grantee."""
        declared = {"user": self.users, "group": self.groups, "role": self.roles}
        return right.grantee.name in declared.get(right.grantee.kind, ())


def manageable(state: State, ourselves: str) -> State:
    """`state` without what is never managed: superusers, Redshift's own users, and the user we sign in as.

    They stay in the groups and roles they are in, and keep what they hold; so do rights that `can_be_said` denies.
    """
    beyond = {user.name for user in state.users if user.superuser} | {ourselves} | SYSTEM_USERS
    grantees = {Grantee("user", name) for name in beyond}
    return replace(
        state,
        users=frozenset(user for user in state.users if user.name not in beyond),
        members=frozenset(one for one in state.members if one.user not in beyond),
        role_members=frozenset(one for one in state.role_members if one.grantee not in grantees),
        rights=frozenset(one for one in state.rights if one.grantee not in grantees and can_be_said(one)),
        defaults=frozenset(one for one in state.defaults if one.grantee not in grantees),
        scoped=frozenset(one for one in state.scoped if one.grantee not in grantees),
        others=frozenset(one for one in state.others if one.grantee not in grantees),
    )


def can_be_said(right: Right) -> bool:
    """Whether a spec can ask for it: of system schemas only that a system view may be read (redshift-facts §4.4)."""
    one = right.on
    if not one.schema or not is_system_schema(one.schema):
        return True
    return one.schema == "pg_catalog" and one.name.startswith(SYSTEM_RELATIONS) and right.privilege == "select"


Order = TypeVar("Order", Member, RoleMember, Right, DefaultRight, ScopedRight, OtherRight)
Held = TypeVar("Held", Right, DefaultRight, ScopedRight)


def difference(current: State, wanted: State) -> tuple[Change, ...]:
    """The changes that lead from `current` to `wanted`, for the names that `wanted` declares.

    Order: what is taken away first (rights on columns too that stand in the way of one on their table), then users,
    groups, roles, memberships, search paths, schemas, rights from the outer object to the inner, rights on what is
    still to come. A user, group, role or schema is never removed here.
    """
    managed = Managed.of(wanted)
    return (
        *_removed(current.defaults, wanted.defaults, managed),
        *_removed(current.scoped, wanted.scoped, managed),
        *(Change("remove", one) for one in sorted(in_the_way(current, wanted))),
        *reversed(_removed(current.rights, wanted.rights, managed)),
        *_left(current, wanted, managed),
        *_made(current, wanted),
        *_added(current.members, wanted.members),
        *_added(current.role_members, wanted.role_members),
        *_paths(current, wanted),
        *(Change("add", schema) for schema in sorted(wanted.schemas - current.schemas)),
        *_granted(current.rights, wanted.rights),
        *_granted(current.scoped, wanted.scoped),
        *_granted(current.defaults, wanted.defaults),
    )


def in_the_way(current: State, wanted: State) -> list[OtherRight]:
    """Rights on columns of a table on which the same right is wanted whole; Redshift refuses both (§4.2)."""
    missing = {(right.grantee, right.privilege, right.on) for right in wanted.rights - current.rights}
    return [
        one
        for one in current.others
        if one.kind == "column"
        and (one.grantee, one.privilege, Object("table", one.database, one.schema, one.table)) in missing
    ]


def apply(changes: Iterable[Change], state: State) -> State:
    """The state after `changes`: what the database would be, for tests and for showing a plan's outcome."""
    for change in changes:
        state = _applied(change, state)
    return state


def restricted(state: State, wanted: State) -> State:
    """`state` without what `wanted` does not declare, and without other schemas; what a digest should cover."""
    managed = Managed.of(wanted)
    return State(
        users=frozenset(user for user in state.users if user.name in managed.users),
        groups=state.groups & managed.groups,
        roles=state.roles & managed.roles,
        schemas=state.schemas & wanted.schemas,
        members=frozenset(member for member in state.members if member.group in managed.groups),
        role_members=frozenset(member for member in state.role_members if member.role in managed.roles),
        rights=frozenset(right for right in state.rights if managed.holds(right)),
        defaults=frozenset(right for right in state.defaults if managed.holds(right)),
        scoped=frozenset(right for right in state.scoped if managed.holds(right)),
        others=frozenset(right for right in state.others if managed.holds(right)),
    )


def _removed(current: frozenset[Held], wanted: frozenset[Held], managed: Managed) -> list[Change]:
    extra = [one for one in current - wanted if managed.holds(one)]
    return [Change("remove", one) for one in sorted(extra, key=_outer_first)]


def _granted(current: frozenset[Held], wanted: frozenset[Held]) -> list[Change]:
    return [Change("add", one) for one in sorted(wanted - current, key=_outer_first)]


def _outer_first(right: Right | DefaultRight | ScopedRight) -> tuple[object, ...]:
    """Databases before schemas before tables, and what can share a statement side by side."""
    match right:
        case Right():
            return (right.on.depth, right.on.database, right.on.schema, right.grantee, right.on.name, right.privilege)
        case DefaultRight():
            return (right.database, right.schema, right.grantee, right.creator, right.privilege)
        case ScopedRight():
            return (right.database, right.schema, right.grantee, right.privilege)


def _left(current: State, wanted: State, managed: Managed) -> list[Change]:
    members = [one for one in current.members - wanted.members if one.group in managed.groups]
    holders = [one for one in current.role_members - wanted.role_members if one.role in managed.roles]
    return [*(Change("remove", one) for one in sorted(members)), *(Change("remove", one) for one in sorted(holders))]


def _made(current: State, wanted: State) -> list[Change]:
    existing = {user.name for user in current.users}
    users = [user for user in wanted.users if user.name not in existing]
    return [
        *(Change("add", replace(user, search_path=None)) for user in sorted(users, key=lambda user: user.name)),
        *(Change("add", NewGroup(name)) for name in sorted(wanted.groups - current.groups)),
        *(Change("add", NewRole(name)) for name in sorted(wanted.roles - current.roles)),
    ]


def _paths(current: State, wanted: State) -> list[Change]:
    """A declared user without a search_path leaves the one it has alone; an empty one takes it away."""
    now = {user.name: user.search_path for user in current.users}
    different = [
        user for user in wanted.users if user.search_path is not None and (now.get(user.name) or ()) != user.search_path
    ]
    return [Change("set", user) for user in sorted(different, key=lambda user: user.name)]


def _added(current: frozenset[Order], wanted: frozenset[Order]) -> list[Change]:
    return [Change("add", one) for one in sorted(wanted - current)]


def _applied(change: Change, state: State) -> State:
    item = change.item
    match item:
        case User():
            others = frozenset(user for user in state.users if user.name != item.name)
            return replace(state, users=others | {item})
        case NewGroup():
            return replace(state, groups=state.groups | {item.name})
        case NewRole():
            return replace(state, roles=state.roles | {item.name})
        case Schema():
            return replace(state, schemas=state.schemas | {item})
        case Member():
            return replace(state, members=_with(state.members, item, change.verb))
        case RoleMember():
            return replace(state, role_members=_with(state.role_members, item, change.verb))
        case Right():
            return replace(state, rights=_with(state.rights, item, change.verb))
        case DefaultRight():
            return replace(state, defaults=_with(state.defaults, item, change.verb))
        case ScopedRight():
            return replace(state, scoped=_with(state.scoped, item, change.verb))
        case OtherRight():
            return replace(state, others=_with(state.others, item, change.verb))


def _with(items: frozenset[Order], item: Order, verb: Verb) -> frozenset[Order]:
    return items - {item} if verb == "remove" else items | {item}
