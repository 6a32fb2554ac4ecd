"""Makes plans: reads the live state, works out the desired one, takes the difference."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime

from wharfinger.access.model import SYSTEM_USERS, Note, State, fold, is_federated
from wharfinger.access.planning.changes import difference
from wharfinger.access.planning.credentials import password_changes, password_notes
from wharfinger.access.planning.leaving import leaving_steps
from wharfinger.access.planning.obstacles import Obstacles, drop_was_refused, not_dropped
from wharfinger.access.planning.plan import Plan, Request, digest
from wharfinger.access.planning.spec_notes import spec_notes
from wharfinger.access.planning.step import Step
from wharfinger.access.planning.steps import steps
from wharfinger.access.ports import Connections, Passwords
from wharfinger.access.spec.desired import desired_state
from wharfinger.access.spec.model import Spec
from wharfinger.access.spec.parse import parse_spec
from wharfinger.access.state.live import Live
from wharfinger.access.state.managed import manageable, restricted
from wharfinger.access.state.reader import Reader
from wharfinger.access.state.users import known_user, ordinary_user
from wharfinger.connections.model import Connection
from wharfinger.core.errors import Invalid, Refused, WharfingerError
from wharfinger.core.names import quote_ident
from wharfinger.core.session import Usage

SUPERUSER_TEXT = (
    "Remove it from the spec. Redshift does not disable the password of a superuser; to end its sign-in by password "
    "run alter user {} password 'md5…' with 32 random hexadecimal digits"
)

Made = tuple[State, tuple[Step, ...], tuple[Note, ...]]
"""The part of the live state that the steps depend on, the steps, and notes."""


class Planner:
    """Makes plans through saved connections. Each plan reads the live state; nothing is changed or stored."""

    def __init__(self, connections: Connections, passwords: Passwords, now: Callable[[], datetime]) -> None:
        self._connections = connections
        self._passwords = passwords
        self._now = now

    def make(self, connection: Connection, request: Request, usage: Usage) -> Plan:
        """The plan that `request` asks for. Raises what `AccessService.plan` and `remove` raise."""
        reader = Reader(self._connections, connection, usage)
        make = self._from_spec if request.purpose == "spec" else self._of_removal
        seen, made, notes = make(connection, request, reader)
        return Plan(uuid.uuid4().hex[:12], connection.name, request, digest(seen, made), made, notes, self._now())

    def why_not_dropped(
        self, connection: Connection, plan: Plan, error: WharfingerError, usage: Usage
    ) -> WharfingerError:
        """What keeps the user of a removal from being dropped, read again after it failed with `error`.

        Another failure, or one that a newer plan has steps for, is answered unchanged.
        """
        if not drop_was_refused(error, plan):
            return error
        reader = Reader(self._connections, connection, usage)
        try:
            fresh = self.make(connection, plan.request, usage)
            own = [[one for one in made.steps if one.database == connection.database] for made in (plan, fresh)]
            if own[0] != own[1]:  # in other databases the steps are applied already
                return error
            live = reader.live()
            user = ordinary_user(live.state.users, plan.request.text, live.user)
            obstacles = Obstacles.of(user, live, *reader.temporary(user))
        except WharfingerError as newer:
            return newer
        return not_dropped(connection, error, obstacles, plan.request.source)

    def _from_spec(self, connection: Connection, request: Request, reader: Reader) -> Made:
        spec = parse_spec(request.text, request.source)
        live = reader.live(spec.databases())
        _refuse_superusers(spec, live, request.source)
        current = manageable(live.state, live.user)
        desired, notes = desired_state(
            spec,
            live.inventory,
            live.state,
            database=connection.database,
            target_kind=connection.target_kind,
            source=request.source,
        )
        records = self._passwords.of(connection)
        passwords = password_changes(current, desired, records)
        changes = difference(current, desired, passwords)
        made = steps(changes, database=connection.database, tables=live.inventory.tables)
        makes_passwords = any(step.password_for for step in made)
        more = [
            *spec_notes(live, current, desired),
            *password_notes(connection, current, desired, records, makes_passwords=makes_passwords),
        ]
        return restricted(current, desired), made, (*live.notes, *notes, *more)

    def _of_removal(self, connection: Connection, request: Request, reader: Reader) -> Made:
        live = reader.live()
        user = ordinary_user(live.state.users, request.text, live.user)
        possessions = [*reader.possessions(user, live.databases), *reader.owned_roles(user)]
        if possessions and not request.source:
            raise Invalid(
                "The user owns objects: name a new owner",
                subject=user,
                why=f"it owns {len(possessions)}, and a user that owns objects cannot be dropped",
                next_step="Name the new owner",
                fields=("new_owner",),
            )
        new_owner = known_user(live.state.users, request.source) if request.source else ""
        if new_owner == user:
            raise Invalid(
                "The new owner is the user to remove",
                subject=user,
                next_step="Name another user",
                fields=("new_owner",),
            )
        made = leaving_steps(user, live.state, possessions, new_owner=new_owner, database=connection.database)
        seen = State(users=frozenset(one for one in live.state.users if one.name in (user, new_owner)))
        obstacles = Obstacles.of(user, live, *reader.temporary(user))
        return seen, made, (*live.notes, *obstacles.notes())


def _refuse_superusers(spec: Spec, live: Live, source: str) -> None:
    """Raises Refused when `spec` declares a superuser, Redshift's own user, or the one the connection signs in as.

    A superuser's password cannot be disabled; a random digest that no password gives does the same (§4.1.3).
    """
    beyond = {fold(user.name) for user in live.state.users if user.superuser} | {fold(live.user)} | SYSTEM_USERS
    for user in spec.users:
        if fold(user.name) in beyond:
            raise Refused(
                "A superuser is not managed",
                subject=user.name,
                why=f"{source}, line {user.line} declares it; grants do not affect it, and a plan could lock "
                "everybody out",
                next_step=SUPERUSER_TEXT.format(quote_ident(user.name))
                if user.credentials == "iam" and not is_federated(user.name)
                else "Remove it from the spec",
            )
