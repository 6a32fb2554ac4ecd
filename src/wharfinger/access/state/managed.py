"""Which part of a state is managed: what a spec declares and can express. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from wharfinger.access.model import (
    SYSTEM_RELATIONS,
    SYSTEM_USERS,
    DefaultRight,
    Grantee,
    Note,
    OtherRight,
    Right,
    ScopedRight,
    State,
)
from wharfinger.access.state.live import Live
from wharfinger.core.counts import listed_names
from wharfinger.core.names import is_system_schema

SYSTEM_RIGHT_TEXT = "holds {} on {}, which no spec can express; it stays unchanged"
SUPERUSERS_TEXT = "{} may do everything, whatever a spec says, and no spec manages them"
SIGNED_IN_TEXT = "the connection signs in as this user, and no spec manages it"
UNMANAGED_TEXT = "holds {}, which no spec can express; it stays unchanged"


@dataclass(frozen=True, slots=True)
class Managed:
    """The declared names; nothing else is ever changed."""

    users: frozenset[str]
    groups: frozenset[str]
    roles: frozenset[str]

    @classmethod
    def of(cls, desired: State) -> Managed:
        """What a desired state declares."""
        return cls(frozenset(user.name for user in desired.users), desired.groups, desired.roles)

    def holds(self, right: Right | DefaultRight | ScopedRight | OtherRight) -> bool:
        """Whether a declared grantee has the right."""
        return self.declares(right.grantee)

    def declares(self, grantee: Grantee) -> bool:
        """Whether the grantee is declared."""
        declared = {"user": self.users, "group": self.groups, "role": self.roles}
        return grantee.name in declared.get(grantee.kind, ())


def unmanaged_users(live: Live) -> frozenset[str]:
    """The users that are never managed, but for Redshift's own: superusers, and the one that signed in."""
    return frozenset({user.name for user in live.state.users if user.superuser} | {live.user}) - SYSTEM_USERS


def unmanaged_notes(live: Live) -> Iterator[Note]:
    """Notes that name these users."""
    superusers = {user.name for user in live.state.users if user.superuser} - SYSTEM_USERS
    if superusers:
        yield Note("superusers", SUPERUSERS_TEXT.format(listed_names(sorted(superusers))))
    for user in sorted(unmanaged_users(live) - superusers):
        yield Note(f"user {user}", SIGNED_IN_TEXT)


def system_right_notes(state: State) -> Iterator[tuple[Right, Note]]:
    """The rights in system schemas, which no spec can ask for, each with its note."""
    for right in sorted(state.rights):
        if not is_expressible(right):
            where = f"{right.on.schema}.{right.on.name}".rstrip(".")
            yield right, Note(str(right.grantee), SYSTEM_RIGHT_TEXT.format(right.privilege, where))


def manageable(state: State, ourselves: str) -> State:
    """`state` without what is never managed: superusers, Redshift's own users, and `ourselves`, who signed in.

    Their memberships and rights stay unchanged. Rights that a spec cannot express are left out too.
    """
    beyond = {user.name for user in state.users if user.superuser} | {ourselves} | SYSTEM_USERS
    grantees = {Grantee("user", name) for name in beyond}
    return replace(
        state,
        users=frozenset(user for user in state.users if user.name not in beyond),
        members=frozenset(one for one in state.members if one.user not in beyond),
        role_members=frozenset(one for one in state.role_members if one.grantee not in grantees),
        rights=frozenset(one for one in state.rights if one.grantee not in grantees and is_expressible(one)),
        defaults=frozenset(one for one in state.defaults if one.grantee not in grantees),
        scoped=frozenset(one for one in state.scoped if one.grantee not in grantees),
        others=frozenset(one for one in state.others if one.grantee not in grantees),
    )


def is_expressible(right: Right) -> bool:
    """Whether a spec can ask for it: in system schemas only SELECT on a system view (redshift-facts §4.4)."""
    one = right.on
    if not one.schema or not is_system_schema(one.schema):
        return True
    return one.schema == "pg_catalog" and one.name.startswith(SYSTEM_RELATIONS) and right.privilege == "select"


def restricted(state: State, desired: State) -> State:
    """The part of `state` that `desired` declares: what the digest of a plan covers."""
    managed = Managed.of(desired)
    return State(
        users=frozenset(user for user in state.users if user.name in managed.users),
        groups=state.groups & managed.groups,
        roles=state.roles & managed.roles,
        schemas=state.schemas & desired.schemas,
        members=frozenset(member for member in state.members if member.group in managed.groups),
        role_members=frozenset(member for member in state.role_members if member.role in managed.roles),
        rights=frozenset(right for right in state.rights if managed.holds(right)),
        defaults=frozenset(right for right in state.defaults if managed.holds(right)),
        scoped=frozenset(right for right in state.scoped if managed.holds(right)),
        others=frozenset(right for right in state.others if managed.holds(right)),
    )
