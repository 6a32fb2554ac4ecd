"""The verbs of access: inspect, plan, plans, apply, verify, check, rotate, remove."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from wharfinger.access.applying.applier import Applied, Applier, MakePassword
from wharfinger.access.applying.passwords import generate
from wharfinger.access.applying.recording import Recording
from wharfinger.access.checking.checker import Checker
from wharfinger.access.checking.report import UserReport
from wharfinger.access.model import Credentials, fold, is_federated
from wharfinger.access.planning.credentials import disabled_users
from wharfinger.access.planning.plan import STDIN, Plan, Request
from wharfinger.access.planning.planner import Planner
from wharfinger.access.planning.user_steps import new_password
from wharfinger.access.ports import Connections, Lock, PasswordKeeper, Passwords
from wharfinger.access.spec.from_state import Inspected, inspected
from wharfinger.access.spec.parse import parse_spec
from wharfinger.access.state.reader import Reader
from wharfinger.access.state.users import ordinary_user
from wharfinger.connections.model import Connection
from wharfinger.core.acting import Acts
from wharfinger.core.counts import counted
from wharfinger.core.errors import Conflict, Invalid, Refused
from wharfinger.core.session import Usage
from wharfinger.core.verbs import Call, call


class Plans(Protocol):
    """The store of plans. They hold no secrets."""

    def add(self, connection: Connection, plan: Plan) -> None:
        """Store a plan under its id."""

    def get(self, connection: Connection, id: str) -> Plan:
        """The plan of that id, of that connection. Raises NotFound."""

    def all(self, connection: Connection) -> Iterable[Plan]:
        """Every plan of a connection, the newest first."""

    def was_applied(self, plan: Plan, applied: int, at: datetime) -> None:
        """Store that `applied` steps of a plan took effect at that time."""

    def applied(self, connection: Connection) -> Iterable[Plan]:
        """The plans that were applied to the warehouse of `connection`, the newest first."""


class AccessService:
    """The verbs of access. Every connection must sign in as a superuser, except for `check`."""

    def __init__(
        self,
        connections: Connections,
        plans: Plans,
        passwords: Passwords,
        acts: Acts,
        lock: Lock,
        make_password: MakePassword = generate,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._connections = connections
        self._plans = plans
        self._passwords = passwords
        self._now = now
        self._acts = acts
        self._lock = lock
        self._make_password = make_password
        self._planner = Planner(connections, passwords, now)

    def inspect(self, connection: Connection, usage: Usage | None = None) -> Inspected:
        """The live state of every local database as a spec; a plan made from it has no steps.

        Superusers are left out. Raises Refused when the connection's user is no superuser.
        """
        self._acts.require("access:inspect", connection.name)
        live = Reader(self._connections, connection, usage or Usage()).live()
        disabled = disabled_users(live.state, self._passwords.of(connection))
        return inspected(live, connection.database, disabled)

    def plan(self, connection: Connection, text: str, source: str, usage: Usage | None = None) -> Plan:
        """A plan from the YAML `text` of a spec called `source`, stored for `apply`. Nothing is changed.

        Raises Invalid with the line of a mistake, Refused when the connection's user is no superuser or when the spec
        declares a superuser.
        """
        with self._acts.act("access:plan", connection.name) as act:
            plan = self._keep(connection, Request("spec", text, source), usage)
            act.detail = f"plan {plan.id}: {_steps(plan)}"
        return plan

    def verify(self, connection: Connection, text: str, source: str, usage: Usage | None = None) -> Plan:
        """The plan that `plan` would make now; it is not stored.

        It has no steps when the warehouse is as the spec says.
        """
        self._acts.require("access:verify", connection.name)
        return self._planner.make(connection, Request("spec", text, source), usage or Usage())

    def remove(self, connection: Connection, user: str, new_owner: str = "", usage: Usage | None = None) -> Plan:
        """A plan that removes `user`: its objects go to `new_owner`, its rights and memberships are revoked.

        Raises NotFound, Refused for a superuser, and Invalid when the user owns objects and `new_owner` is empty.
        """
        with self._acts.act("access:remove", connection.name, f"user {user}") as act:
            plan = self._keep(connection, Request("leave", user, new_owner), usage)
            act.detail = f"plan {plan.id} to remove user {user}: {_steps(plan)}"
        return plan

    def plans(self, connection: Connection) -> list[Plan]:
        """The stored plans of a connection, the newest first."""
        self._acts.require("access:plans", connection.name)
        return list(self._plans.all(connection))

    def get(self, connection: Connection, id: str) -> Plan:
        """The stored plan of that id. Raises NotFound."""
        self._acts.require("access:plans", connection.name)
        return self._plans.get(connection, id)

    def apply(self, connection: Connection, plan: Plan, keeper: PasswordKeeper, usage: Usage | None = None) -> Applied:
        """Apply `plan`: one transaction for each database, one plan at a time in a home.

        The plan is made again first, and the steps of the new one are run; it must not differ from `plan`. `keeper`
        gets the passwords before they are sent. A step that fails undoes its whole database and stops the rest; what
        was committed in other databases stays, `error` says why, and a new plan has exactly the remaining steps.
        Raises Conflict when the new plan differs: the warehouse has changed, or the stored plan was altered.
        """
        usage = usage or Usage()
        with self._acts.act("access:apply", connection.name, f"plan {plan.id}") as act:
            applied = Applied(len(plan.steps))
            try:
                with self._lock():
                    before = self._plans.get(connection, plan.id)
                    fresh = self._planner.make(connection, plan.request, usage)
                    if (fresh.digest, fresh.steps) != (plan.digest, plan.steps):
                        raise _outdated(
                            connection, replace(plan, applied=before.applied, applied_at=before.applied_at), fresh
                        )
                    self._applier(connection, usage, keeper).apply(fresh, applied)
                    if applied.error is not None and plan.request.purpose == "leave" and applied.outcome == "failed":
                        applied.error = self._planner.why_not_dropped(connection, fresh, applied.error, usage)
            finally:
                if applied.applied or applied.outcome is None:
                    self._plans.was_applied(plan, applied.applied, self._now())
                act.detail, act.outcome = f"plan {plan.id}: {applied.words()}", applied.outcome
        return applied

    def rotate(self, connection: Connection, user: str, keeper: PasswordKeeper, usage: Usage | None = None) -> str:
        """Set a new password for `user`, given to `keeper` before it is sent; the old one stops working at once.

        Answers the user as the database spells it. Raises NotFound, Refused for a superuser and for a user that the
        last applied spec declares with `credentials: iam`, Invalid for the user of an IAM identity, EndUnknown when it
        is not known whether the password was set.
        """
        usage = usage or Usage()
        with self._acts.act("access:rotate", connection.name, f"user {user}") as act:
            applied = Applied(1)
            try:
                with self._lock():
                    ourselves, users = Reader(self._connections, connection, usage).users()
                    known = ordinary_user(users, user, ourselves)
                    if is_federated(known):
                        raise Invalid(
                            "The user of an IAM identity has no password",
                            subject=known,
                            next_step="Rotate the identity's keys in IAM",
                        )
                    act.detail = f"user {known}"
                    self._refuse_iam(connection, known)
                    step = new_password(connection.database, known)
                    self._applier(connection, usage, keeper).apply_in(connection.database, [(1, step)], applied)
            finally:
                act.outcome = applied.outcome
        return known

    def check(
        self, connection: Connection, user: str, raw: Collection[str] = (), usage: Usage | None = None
    ) -> UserReport:
        """Whether `user` can select raw data, create schemas and read system views, each tried as that user.

        `raw` names the schemas that must be readable; without it, see `checking.checker`. Every trial is rolled back.
        Raises NotFound when there is no such user.
        """
        with self._acts.act("access:check", connection.name, f"as {user}") as act:
            report = Checker(self._connections, connection, usage or Usage()).check(user, raw)
            statuses = ", ".join(f"{check.id} {check.status}" for check in report.checks)
            act.detail = f"as {report.user}: {statuses}"
        return report

    def _keep(self, connection: Connection, request: Request, usage: Usage | None) -> Plan:
        plan = self._planner.make(connection, request, usage or Usage())
        self._plans.add(connection, plan)
        return plan

    def _applier(self, connection: Connection, usage: Usage, keeper: PasswordKeeper) -> Applier:
        return Applier(
            self._connections,
            connection,
            usage,
            keeper,
            self._make_password,
            partial(Recording, self._passwords, connection, self._now),
        )

    def _refuse_iam(self, connection: Connection, user: str) -> None:
        """Raises Refused when the newest applied spec that declares `user` declares it with `credentials: iam`."""
        for plan in self._plans.applied(connection):
            credentials = _declared(plan, user)
            if credentials == "iam":
                raise Refused(
                    "This user is declared to sign in with IAM",
                    subject=user,
                    why=f"{plan.request.source}, applied at {plan.applied_at:%Y-%m-%d %H:%M} UTC, declares "
                    "credentials: iam; a password would be a second way in",
                    next_step="Declare credentials: password in the spec and apply it, which makes a password",
                    call=_again(connection, plan.request),
                )
            if credentials is not None:
                return


def _declared(plan: Plan, user: str) -> Credentials | None:
    """How the spec of `plan` lets `user` sign in; None when it does not declare it."""
    if plan.request.purpose != "spec":
        return None
    try:
        spec = parse_spec(plan.request.text, plan.request.source)
    except Invalid:  # an earlier build accepted it
        return None
    return next((one.credentials for one in spec.users if fold(one.name) == fold(user)), None)


def _outdated(connection: Connection, plan: Plan, fresh: Plan) -> Conflict:
    altered = fresh.digest == plan.digest
    if plan.applied_at is not None and not altered:
        return Conflict(
            "The plan was applied already",
            subject=plan.id,
            why=f"{plan.applied} of its {_steps(plan)} took effect at {plan.applied_at:%Y-%m-%d %H:%M} UTC; a new plan "
            f"has {_steps(fresh)}",
            next_step="Make a new plan if there is more to do",
            call=_again(connection, plan.request),
        )
    return Conflict(
        "The stored plan was altered" if altered else "The plan is out of date",
        subject=plan.id,
        why=(
            "its steps are not those of its digest"
            if altered
            else f"the warehouse has changed since, or Wharfinger was updated: the plan has {_steps(plan)}, a new "
            f"one has {_steps(fresh)} and differs"
        ),
        next_step="Make a new plan, look at it, and apply that one",
        call=_again(connection, plan.request),
    )


def _again(connection: Connection, request: Request) -> Call:
    if request.purpose == "spec":
        return call("access:plan", connection=connection.name, spec="" if request.source == STDIN else request.source)
    owner = {"new_owner": request.source} if request.source else {}
    return call("access:remove", connection=connection.name, database_user=request.text, **owner)


def _steps(plan: Plan) -> str:
    return counted(len(plan.steps), "step")
