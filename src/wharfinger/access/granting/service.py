"""The verb `connection:grants`: what a connection's own database user needs to read tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

from wharfinger.access.applying.recording import Recording
from wharfinger.access.granting.plan import Granted, GrantPlan
from wharfinger.access.granting.planner import GrantPlanner
from wharfinger.access.granting.runner import GrantRunner
from wharfinger.access.ports import Connections, Passwords
from wharfinger.connections.model import Connection
from wharfinger.core.acting import Acts
from wharfinger.core.counts import counted
from wharfinger.core.names import parse_pattern
from wharfinger.core.session import Usage


class GrantsService:
    """Plans grants for a connection, and runs them through an administrator's connection."""

    def __init__(
        self,
        connections: Connections,
        passwords: Passwords,
        acts: Acts,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._connections = connections
        self._passwords = passwords
        self._now = now
        self._acts = acts

    def plan(
        self,
        connection: Connection,
        patterns: Sequence[str] = (),
        via: Connection | None = None,
        usage: Usage | None = None,
    ) -> GrantPlan:
        """The grants that the database user of `connection` needs to read what `patterns` match. Nothing is changed.

        Tables are read through `via`, else through the connection itself; when that cannot sign in yet, the patterns
        themselves name the tables. Raises Invalid for a malformed pattern, NotFound for one that matches nothing,
        Refused when the user's name cannot be known.
        """
        self._acts.require("connection:grants", connection.name)
        parsed = [parse_pattern(text) for text in patterns]
        return GrantPlanner(self._connections).make(connection, parsed, via, usage or Usage())

    def apply(
        self, connection: Connection, plan: GrantPlan, via: Connection, usage: Usage | None = None
    ) -> list[Granted]:
        """Run a plan's statements through `via`, each committed alone; the result of each, in order.

        Running them again changes nothing.
        """
        about = f"to {plan.user} via {via.name}"
        with self._acts.act("connection:grants", connection.name, about) as act:
            results: list[Granted] = []
            try:
                # One by one, so that an interruption loses no result.
                record = partial(Recording, self._passwords, via, self._now)
                for one in GrantRunner(self._connections, via, usage or Usage(), record).run(plan):
                    results.append(one)
            finally:
                applied = sum(one.status in ("done", "already") for one in results)
                act.detail = f"{about}: {applied} of {counted(len(plan.steps), 'statement')}"
                if len(results) < len(plan.steps):
                    act.detail += ", interrupted"
                    act.outcome = "unknown"
                elif applied < len(results):
                    act.outcome = "failed"
        return results
