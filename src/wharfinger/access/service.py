"""The verbs of access: inspect, plan, apply, verify, rotate, remove, check."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime

from wharfinger.access.applying import Applied, carry_out, set_password
from wharfinger.access.checking import Checker
from wharfinger.access.document import Inspected, inspected
from wharfinger.access.model import is_federated
from wharfinger.access.passwords import generate
from wharfinger.access.plan import Plan, Request
from wharfinger.access.planning import Planner, ordinary_user
from wharfinger.access.ports import Connections, Lock, PasswordKeeper, Plans
from wharfinger.access.proofs import Checked
from wharfinger.access.reader import Reader
from wharfinger.connections.model import Connection
from wharfinger.core.acting import Acts, outcome_of
from wharfinger.core.errors import Conflict, Invalid
from wharfinger.core.secret import Secret
from wharfinger.core.session import Usage


class AccessService:
    """What people do about who may do what. Everything is read through a superuser's connection, named first."""

    def __init__(
        self,
        connections: Connections,
        plans: Plans,
        acts: Acts,
        lock: Lock,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        make_password: Callable[[], Secret] = generate,
    ) -> None:
        self._connections = connections
        self._plans = plans
        self._acts = acts
        self._lock = lock
        self._make_password = make_password
        self._planner = Planner(connections, now)

    def inspect(self, connection: Connection, usage: Usage | None = None) -> Inspected:
        """What is there in every local database, as the document of a spec that plans to nothing.

        Superusers are left out. Raises NotFound, and Refused when the connection's user is no superuser.
        """
        live = Reader(self._connections, connection, usage or Usage()).live()
        return inspected(live, connection.database)

    def plan(self, connection: Connection, text: str, source: str, usage: Usage | None = None) -> Plan:
        """A plan from the YAML `text` of a spec, kept for `apply`.

        Raises Invalid with the line of a mistake, Refused when the connection's user is no superuser or when the spec
        declares a superuser.
        """
        return self._kept(connection, Request("spec", text, source), usage or Usage())

    def verify(self, connection: Connection, text: str, source: str, usage: Usage | None = None) -> Plan:
        """The plan that `plan` would make now, not kept: without steps everything is as the spec says."""
        return self._planner.make(connection, Request("spec", text, source), usage or Usage())

    def remove(self, connection: Connection, user: str, new_owner: str = "", usage: Usage | None = None) -> Plan:
        """A plan for the leaving of `user`: objects to `new_owner`, rights and memberships taken, dropped.

        Raises NotFound, Refused for a superuser, and Invalid when the user owns something and nobody is to have it.
        """
        return self._kept(connection, Request("leave", user, new_owner), usage or Usage())

    def get(self, connection: Connection, id: str) -> Plan:
        """A plan kept before. Raises NotFound."""
        return self._plans.get(connection, id)

    def apply(self, connection: Connection, id: str, keeper: PasswordKeeper, usage: Usage | None = None) -> Applied:
        """Carry out a kept plan, database by database, each in one transaction; one plan at a time in a home.

        `keeper` gets the passwords before they are sent. Raises NotFound, and Conflict when the state has moved since
        the plan was made. A step that fails leaves its whole database undone; what other databases got stays, `error`
        tells, and the next plan is exactly the rest.
        """
        usage = usage or Usage()
        plan = self._plans.get(connection, id)
        with self._acts.act("access:apply", connection.name, f"plan {plan.id}") as act, self._lock():
            again = self._planner.make(connection, plan.request, usage)
            if again.digest != plan.digest:
                raise Conflict(
                    "The warehouse has changed since this plan was made",
                    subject=plan.id,
                    why=f"the plan has {_steps(plan)}; one made now has {_steps(again)}, and is another",
                    next_step="Make a new plan, look at it, apply that one",
                )
            applied = carry_out(plan, self._connections, connection, usage, keeper, self._make_password)
            act.detail = f"plan {plan.id}: {applied.applied} of {applied.of} steps"
            if applied.error is not None:
                act.outcome = outcome_of(applied.error)
        return applied

    def rotate(self, connection: Connection, user: str, keeper: PasswordKeeper, usage: Usage | None = None) -> str:
        """A new password for `user`, given to `keeper` before it is sent; the old one ends at once.

        Answers the user as the database spells it. Raises NotFound, Refused for a superuser, Invalid for an identity.
        """
        usage = usage or Usage()
        ourselves, users = Reader(self._connections, connection, usage).users()
        known = ordinary_user(users, user, ourselves)
        if is_federated(known):
            raise Invalid("An IAM identity has no password here", subject=known, next_step="Rotate its keys in IAM")
        with self._acts.act("access:rotate", connection.name, f"user {known}"), self._lock():
            set_password(known, self._connections, connection, usage, keeper, self._make_password)
        return known

    def check(
        self, connection: Connection, user: str, raw: Collection[str] = (), usage: Usage | None = None
    ) -> Checked:
        """Whether `user` can select raw data, create schemas and read system views, each tried as that user.

        `raw` names the schemas that must be readable; without it, see `checking`. Raises NotFound for no such user.
        """
        with self._acts.act("access:check", connection.name, f"as {user}") as act:
            checked = Checker(self._connections, connection, usage or Usage()).check(user, raw)
            statuses = ", ".join(f"{proof.id} {proof.status}" for proof in checked.checks)
            act.detail = f"as {checked.user}: {statuses}"
        return checked

    def _kept(self, connection: Connection, request: Request, usage: Usage) -> Plan:
        with self._acts.act("access:plan", connection.name) as act:
            plan = self._planner.make(connection, request, usage)
            self._plans.add(connection, plan)
            act.detail = f"plan {plan.id}: {len(plan.steps)} steps"
        return plan


def _steps(plan: Plan) -> str:
    count = len(plan.steps)
    return f"{count} step{'' if count == 1 else 's'}"
