"""Finding the user that a name means, and refusing those that are never managed."""

from __future__ import annotations

from collections.abc import Collection

from wharfinger.access.model import SYSTEM_USERS, User, spelled
from wharfinger.core.errors import NotFound, Refused
from wharfinger.core.names import meant


def known_user(users: Collection[User], name: str) -> str:
    """The user that `name` means, as the database spells it. Raises NotFound."""
    names = {user.name for user in users}
    alike = meant(name, names)
    found = alike[0] if len(alike) == 1 else spelled(name, names)
    if found in names:
        return found
    raise NotFound("No such database user", subject=name, next_step="Correct the name; pg_user lists every user")


def ordinary_user(users: Collection[User], name: str, ourselves: str) -> str:
    """As `known_user`; raises Refused for a superuser and for `ourselves`, the user that the connection signs in as."""
    known = known_user(users, name)
    if known == ourselves or known in SYSTEM_USERS or any(one.superuser for one in users if one.name == known):
        raise Refused(
            "A superuser, or the user this connection signs in as, is not managed",
            subject=known,
            why="a mistake here could lock everybody out",
            next_step="Change this user with a SQL client if you really mean it",
        )
    return known
