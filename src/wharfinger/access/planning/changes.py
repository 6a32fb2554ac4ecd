"""The difference between two states: typed changes, in an order in which Redshift accepts them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from wharfinger.access.model import (
    DefaultRight,
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
from wharfinger.access.state.managed import Managed

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


@dataclass(frozen=True, slots=True, order=True)
class NewPassword:
    """A user that has no password and shall have one."""

    user: str


@dataclass(frozen=True, slots=True, order=True)
class DisabledPassword:
    """A user whose password is to be disabled."""

    user: str


PasswordChange = NewPassword | DisabledPassword


@dataclass(frozen=True, slots=True)
class Change:
    """One item to add or to remove; or, for a user, its search_path or password to set."""

    verb: Verb
    item: Item | NewGroup | NewRole | PasswordChange


Order = TypeVar("Order", Member, RoleMember, Right, DefaultRight, ScopedRight, OtherRight)
Held = TypeVar("Held", Right, DefaultRight, ScopedRight)


def difference(current: State, desired: State, passwords: Iterable[PasswordChange] = ()) -> tuple[Change, ...]:
    """The changes that lead from `current` to `desired`, for the names that `desired` declares.

    `passwords` are changes of the passwords of existing users, which no state shows; see `planning.credentials`.

    Order: removals first (also of passwords, and of rights on columns that block the same right on their table), then
    users, groups, roles, memberships, search paths, new passwords, schemas, rights from the outer object to the inner,
    rights on future tables. A user, group, role or schema is never removed here.
    """
    managed = Managed.of(desired)
    passwords = tuple(passwords)
    return (
        *(Change("set", one) for one in passwords if isinstance(one, DisabledPassword)),
        *_removed(current.defaults, desired.defaults, managed),
        *_removed(current.scoped, desired.scoped, managed),
        *(Change("remove", one) for one in sorted(blocking_rights(current, desired))),
        *reversed(_removed(current.rights, desired.rights, managed)),
        *_left(current, desired, managed),
        *_made(current, desired),
        *_added(current.members, desired.members),
        *_added(current.role_members, desired.role_members),
        *_paths(current, desired),
        *(Change("set", one) for one in passwords if isinstance(one, NewPassword)),
        *(Change("add", schema) for schema in sorted(desired.schemas - current.schemas)),
        *_granted(current.rights, desired.rights),
        *_granted(current.scoped, desired.scoped),
        *_granted(current.defaults, desired.defaults),
    )


def additions(current: State, desired: State) -> tuple[Change, ...]:
    """The changes of `difference` that add something: no right is revoked, no member removed, no search_path reset."""
    return tuple(change for change in difference(current, desired) if change.verb == "add")


def blocking_rights(current: State, desired: State) -> list[OtherRight]:
    """Rights on columns of a table on which the same right is desired; Redshift refuses both together (§4.2)."""
    missing = {(right.grantee, right.privilege, right.on) for right in desired.rights - current.rights}
    return [
        one
        for one in current.others
        if one.kind == "column"
        and (one.grantee, one.privilege, Object("table", one.database, one.schema, one.table)) in missing
    ]


def apply(changes: Iterable[Change], state: State) -> State:
    """The state of the warehouse after `changes`."""
    for change in changes:
        state = _applied(change, state)
    return state


def _removed(current: frozenset[Held], desired: frozenset[Held], managed: Managed) -> list[Change]:
    extra = [one for one in current - desired if managed.holds(one)]
    return [Change("remove", one) for one in sorted(extra, key=_outer_first)]


def _granted(current: frozenset[Held], desired: frozenset[Held]) -> list[Change]:
    return [Change("add", one) for one in sorted(desired - current, key=_outer_first)]


def _outer_first(right: Right | DefaultRight | ScopedRight) -> tuple[object, ...]:
    """Databases before schemas before tables; rights that can share a statement are neighbours."""
    match right:
        case Right():
            return (right.on.depth, right.on.database, right.on.schema, right.grantee, right.on.name, right.privilege)
        case DefaultRight():
            return (right.database, right.schema, right.grantee, right.creator, right.privilege)
        case ScopedRight():
            return (right.database, right.schema, right.grantee, right.privilege)


def _left(current: State, desired: State, managed: Managed) -> list[Change]:
    members = [one for one in current.members - desired.members if one.group in managed.groups]
    holders = [one for one in current.role_members - desired.role_members if one.role in managed.roles]
    return [*(Change("remove", one) for one in sorted(members)), *(Change("remove", one) for one in sorted(holders))]


def _made(current: State, desired: State) -> list[Change]:
    existing = {user.name for user in current.users}
    users = [user for user in desired.users if user.name not in existing]
    return [
        *(Change("add", replace(user, search_path=None)) for user in sorted(users, key=lambda user: user.name)),
        *(Change("add", NewGroup(name)) for name in sorted(desired.groups - current.groups)),
        *(Change("add", NewRole(name)) for name in sorted(desired.roles - current.roles)),
    ]


def _paths(current: State, desired: State) -> list[Change]:
    """Users whose search_path differs; None leaves it unchanged, an empty one resets it."""
    now = {user.name: user.search_path for user in current.users}
    different = [
        user
        for user in desired.users
        if user.search_path is not None and (now.get(user.name) or ()) != user.search_path
    ]
    return [Change("set", user) for user in sorted(different, key=lambda user: user.name)]


def _added(current: frozenset[Order], desired: frozenset[Order]) -> list[Change]:
    return [Change("add", one) for one in sorted(desired - current)]


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
        case NewPassword() | DisabledPassword():
            return state


def _with(items: frozenset[Order], item: Order, verb: Verb) -> frozenset[Order]:
    return items - {item} if verb == "remove" else items | {item}
