"""The steps that remove a user: everything that blocks DROP USER is removed first, in every database. Pure.

DROP USER looks at the current database only and leaves objects of others with an owner called "unknown"; rights,
default privileges and memberships block it (redshift-facts §4.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from wharfinger.access.model import Grantee, Object, Right, State
from wharfinger.access.planning.changes import Change
from wharfinger.access.planning.step import Step
from wharfinger.access.planning.steps import steps
from wharfinger.access.planning.user_steps import drop_user
from wharfinger.access.state.owned import Owned
from wharfinger.core.names import quote_ident


def leaving_steps(
    user: str, state: State, possessions: Iterable[Owned], *, new_owner: str, database: str
) -> tuple[Step, ...]:
    """Every step of the removal: new owners, default privileges, rights, memberships, and last the DROP USER.

    Steps that concern the whole warehouse run in `database`.
    """
    return (
        *(_change_owner(one, user, new_owner) for one in sorted(possessions)),
        *steps(_revocations(Grantee("user", user), state), database=database, tables=frozenset()),
        drop_user(database, user),
    )


def _change_owner(one: Owned, user: str, new_owner: str) -> Step:
    return Step(
        one.database,
        f"alter {one.sql()} owner to {quote_ident(new_owner)}",
        f"user {user} owns it, and a user that owns objects cannot be dropped",
        destructive=True,
        changes=True,
    )


def _revocations(who: Grantee, state: State) -> Iterator[Change]:
    defaults = [one for one in state.defaults if one.grantee == who or one.creator == who.name]
    yield from (Change("remove", one) for one in sorted(defaults, key=lambda one: (one.database, one.schema, one)))
    others = [one for one in state.others if one.grantee == who or one.creator == who.name]
    yield from (Change("remove", one) for one in sorted(others))
    scoped = [one for one in state.scoped if one.grantee == who]
    yield from (Change("remove", one) for one in sorted(scoped, key=lambda one: (one.database, one.schema, one)))
    rights = [right for right in state.rights if right.grantee == who]
    yield from (Change("remove", one) for one in sorted(rights, key=_place, reverse=True))
    yield from (Change("remove", one) for one in sorted(state.members) if one.user == who.name)
    yield from (Change("remove", one) for one in sorted(state.role_members) if one.grantee == who)


def _place(right: Right) -> tuple[int, Object, str]:
    return right.on.depth, right.on, right.privilege
