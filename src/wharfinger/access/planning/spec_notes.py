"""Notes on what declared users can do beside what the spec says, and on who is not compared. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from wharfinger.access.model import EVERYBODY, SYSTEM_USERS, Note, State
from wharfinger.access.planning.changes import blocking_rights
from wharfinger.access.state.beyond_notes import beyond_notes
from wharfinger.access.state.live import Live
from wharfinger.access.state.managed import (
    UNMANAGED_TEXT,
    Managed,
    system_right_notes,
    unmanaged_notes,
    unmanaged_users,
)
from wharfinger.core.counts import counted, listed_names

GROUP_TEXT = "is in {}, which the spec does not declare: what {} may do, it may do too"
ROLE_TEXT = "holds {}, which the spec does not declare: what {} may do, it may do too"
OWNER_TEXT = "an owner may do everything with what it owns, whatever the spec says: {}"
UNDECLARED_TEXT = "{}: the spec does not declare them, and no step compares what they may do"


def spec_notes(live: Live, current: State, desired: State) -> Iterator[Note]:
    """What no step changes, although declared users have it or everybody has; and who the spec leaves out.

    `current` is the manageable part of the live state.
    """
    managed = Managed.of(desired)
    revoked = blocking_rights(current, desired)
    for other in sorted(current.others):
        if (managed.holds(other) or other.grantee == EVERYBODY) and other not in revoked:
            yield Note(str(other.grantee), UNMANAGED_TEXT.format(other.words()))
    yield from (note for right, note in system_right_notes(live.state) if managed.holds(right))
    yield from beyond_notes(one for one in live.beyond if managed.declares(one.grantee) or one.grantee == EVERYBODY)
    yield from _memberships(current, managed)
    yield from _owners(live, managed)
    yield from unmanaged_notes(live)
    yield from _undeclared(live, current, managed)


def _memberships(current: State, managed: Managed) -> Iterator[Note]:
    """Groups and roles that are not declared, with declared members: their rights are those of the members too."""
    for member in sorted(current.members):
        if member.user in managed.users and member.group not in managed.groups:
            group = f"group {member.group}"
            yield Note(f"user {member.user}", GROUP_TEXT.format(group, group))
    for holder in sorted(current.role_members):
        own = holder.role.startswith("sys:")  # already among what no spec can express
        if managed.declares(holder.grantee) and holder.role not in managed.roles and not own:
            role = f"role {holder.role}"
            yield Note(str(holder.grantee), ROLE_TEXT.format(role, role))


def _owners(live: Live, managed: Managed) -> Iterator[Note]:
    owned: dict[str, dict[str, int]] = {}
    for one, owner in live.inventory.owners.items():
        if owner in managed.users:
            kinds = owned.setdefault(owner, {})
            kinds[one.kind] = kinds.get(one.kind, 0) + 1
    if owned:
        listed = [
            f"{owner} owns {listed_names([counted(kinds[kind], kind) for kind in sorted(kinds)])}"
            for owner, kinds in sorted(owned.items())
        ]
        yield Note("owners", OWNER_TEXT.format("; ".join(listed)))


def _undeclared(live: Live, current: State, managed: Managed) -> Iterator[Note]:
    beyond = unmanaged_users(live)
    others: dict[str, frozenset[str]] = {
        "user": frozenset(user.name for user in current.users) - managed.users - beyond - SYSTEM_USERS,
        "group": current.groups - managed.groups,
        "role": current.roles - managed.roles,
    }
    named = [
        f"{kind}{'s' if len(names) > 1 else ''} {listed_names(sorted(names))}"
        for kind, names in others.items()
        if names
    ]
    unknown = sorted({str(one.grantee) for one in live.beyond if one.grantee.kind == "other"})
    if named or unknown:
        yield Note("not declared", UNDECLARED_TEXT.format("; ".join([*named, *unknown])))
