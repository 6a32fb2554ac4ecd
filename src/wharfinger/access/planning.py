"""Making plans: read what is there, decide what should be, take the difference."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime

from wharfinger.access.changes import Managed, difference, in_the_way, manageable, restricted
from wharfinger.access.leaving import leaving_steps
from wharfinger.access.model import SYSTEM_USERS, Note, State, User, fold, spelled
from wharfinger.access.plan import Plan, Request, digest
from wharfinger.access.ports import Connections
from wharfinger.access.reader import Live, Reader
from wharfinger.access.spec import parse_spec
from wharfinger.access.spec_model import Spec
from wharfinger.access.steps import Step, other_words, steps
from wharfinger.access.wanted import wanted
from wharfinger.connections.model import Connection
from wharfinger.core.errors import Invalid, NotFound, Refused
from wharfinger.core.session import Usage

RENAME_TEXT = (
    "a password is sent as an md5 digest, which holds the user's name: a later ALTER USER … RENAME may clear it, then "
    "make a new one with `wharfinger access rotate`"
)
OTHER_TEXT = "holds {}, which a spec cannot say; it stays as it is"

Made = tuple[State, tuple[Step, ...], tuple[Note, ...]]


class Planner:
    """Makes plans through saved connections. Every plan reads the live state afresh."""

    def __init__(self, connections: Connections, now: Callable[[], datetime]) -> None:
        self._connections = connections
        self._now = now

    def make(self, connection: Connection, request: Request, usage: Usage) -> Plan:
        """The plan that `request` asks for. Raises what `AccessService.plan` and `remove` raise."""
        reader = Reader(self._connections, connection, usage)
        make = self._from_spec if request.purpose == "spec" else self._of_leaving
        seen, made, notes = make(connection, request, reader)
        return Plan(uuid.uuid4().hex[:12], connection.name, request, digest(seen, made), made, notes, self._now())

    def _from_spec(self, connection: Connection, request: Request, reader: Reader) -> Made:
        spec = parse_spec(request.text, request.source)
        live = reader.live(spec.databases())
        refuse_the_unmanaged(spec, live, request.source)
        now = manageable(live.state, live.user)
        target, notes = wanted(
            spec,
            live.inventory,
            live.state,
            database=connection.database,
            target_kind=connection.target_kind,
            source=request.source,
        )
        made = steps(difference(now, target), database=connection.database, tables=live.inventory.tables)
        return restricted(now, target), made, (*live.notes, *notes, *_more_notes(now, target, made))

    def _of_leaving(self, connection: Connection, request: Request, reader: Reader) -> Made:
        live = reader.live()
        user = ordinary_user(live.state.users, request.text, live.user)
        possessions = [*reader.possessions(user, live.databases), *reader.owned_roles(user)]
        if possessions and not request.source:
            raise Invalid(
                "Somebody must have what this user owns",
                subject=user,
                why=f"it owns {len(possessions)} objects, and a user that owns something cannot be dropped",
                next_step="Name the new owner with --new-owner",
            )
        new_owner = known_user(live.state.users, request.source) if request.source else ""
        if new_owner == user:
            raise Invalid("The new owner is the user that leaves", subject=user, next_step="Name somebody else")
        made = leaving_steps(user, live.state, possessions, new_owner=new_owner, database=connection.database)
        seen = State(users=frozenset(one for one in live.state.users if one.name in (user, new_owner)))
        return seen, made, live.notes


def refuse_the_unmanaged(spec: Spec, live: Live, source: str) -> None:
    """Raises Refused when `spec` declares a superuser, Redshift's own user, or the one we sign in as."""
    beyond = {fold(user.name) for user in live.state.users if user.superuser} | {fold(live.user)} | SYSTEM_USERS
    for user in spec.users:
        if fold(user.name) in beyond:
            raise Refused(
                "A superuser is not managed",
                subject=user.name,
                why=f"{source}, line {user.line} declares it; grants mean nothing to it, and a plan could lock us out",
                next_step="Take it out of the spec",
            )


def known_user(users: frozenset[User] | list[User], name: str) -> str:
    """The user that `name` means, as the database spells it. Raises NotFound."""
    names = {user.name for user in users}
    found = spelled(name, names)
    if found in names:
        return found
    raise NotFound("No such database user", subject=name, next_step="Look at `wharfinger access inspect`")


def ordinary_user(users: frozenset[User] | list[User], name: str, ourselves: str) -> str:
    """As `known_user`; raises Refused for a superuser and for the user we sign in as."""
    known = known_user(users, name)
    if known == ourselves or known in SYSTEM_USERS or any(one.superuser for one in users if one.name == known):
        raise Refused(
            "A superuser, or the user this connection signs in as, is not managed",
            subject=known,
            why="a mistake here could lock everybody out",
            next_step="Do it by hand if it is really meant",
        )
    return known


def _more_notes(now: State, target: State, made: tuple[Step, ...]) -> Iterator[Note]:
    managed = Managed.of(target)
    gone = in_the_way(now, target)
    for one in sorted(now.others):
        if managed.holds(one) and one not in gone:
            yield Note(str(one.grantee), OTHER_TEXT.format(other_words(one)))
    if any(step.password_for for step in made):
        yield Note("passwords", RENAME_TEXT)
