"""The verbs of connections: discover, test, add, remove, and what may be asked of a saved one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from wharfinger.connections.checks import Report, judge
from wharfinger.connections.model import (
    Caller,
    Connection,
    Discovery,
    Identity,
    Secrets,
    Target,
    check_connection,
    check_identity,
    check_name,
    name_taken,
)
from wharfinger.connections.policy import Place, least_policy, partition_of
from wharfinger.connections.ports import Connections, ControlPlane, Opener
from wharfinger.connections.probe import Prober, account_of
from wharfinger.core.acting import Acts
from wharfinger.core.errors import NotFound, WharfingerError
from wharfinger.core.session import Session, Usage


@dataclass(frozen=True, slots=True)
class Added:
    """What became of `add`: the saved connection, or None with the test that failed. `report` is None untested."""

    connection: Connection | None
    report: Report | None


class ConnectionService:
    """What people do with connections."""

    def __init__(
        self,
        store: Connections,
        opener: Callable[[], Opener],
        control_plane: Callable[[], ControlPlane],
        acts: Acts,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._opener = opener
        self._control_plane = control_plane
        self._prober = Prober(opener, control_plane)
        self._acts = acts
        self._now = now

    def get(self, name: str) -> Connection:
        """The connection called `name`. Raises NotFound."""
        return self._store.get(name)

    def by_id(self, connection_id: str) -> Connection:
        """The connection with that id. Raises NotFound when it was removed."""
        return self._store.by_id(connection_id)

    def all(self) -> list[Connection]:
        """Every connection, by name."""
        return list(self._store.all())

    def open(self, connection: Connection, usage: Usage, *, database: str | None = None) -> Session:
        """A session to a saved connection's warehouse, in `database` or its own. Close it when done."""
        return self._opener().open(connection, self._store.secrets(connection), usage, database=database)

    def target(self, connection: Connection) -> Target:
        """The cluster or workgroup of a saved connection. Raises NotFound, Refused (it may not ask), Unavailable."""
        return self._control_plane().describe_target(connection, self._store.secrets(connection))

    def caller(self, connection: Connection) -> Caller:
        """Whom AWS takes a saved connection's identity for. Raises Refused, Invalid, NotFound or Unavailable."""
        return self._control_plane().caller_identity(connection, self._store.secrets(connection))

    def discover(self, region: str, identity: Identity, secrets: Secrets, endpoint_url: str = "") -> Discovery:
        """The clusters and workgroups of a region, as far as `identity` may see them.

        Raises Invalid for parts that do not go together, Refused when the identity is no good, Unavailable.
        """
        check_identity(identity, secrets)
        return self._control_plane().list_targets(region, identity, secrets, endpoint_url)

    def add(self, connection: Connection, secrets: Secrets, *, untested: bool = False) -> Added:
        """Test a new connection and save it when the test passes; `untested` saves without testing, marked so.

        Raises Invalid for parts that are missing or exclude each other, Conflict when the name is taken.
        """
        check_connection(connection, secrets)
        self._check_free(connection.name)
        with self._acts.act("connection:add", connection.name, "untested" if untested else "tested") as act:
            report = None
            if not untested:
                facts = self._prober.facts(connection, secrets, Usage())
                report = judge(connection, facts)
                if not report.ok:
                    act.outcome, act.detail = "failed", "the test failed, nothing was saved"
                    return Added(None, report)
                connection = replace(connection, tested_at=self._now(), account_id=account_of(facts))
            return Added(self._store.add(connection, secrets), report)

    def test(self, connection: Connection) -> Report:
        """Test a saved connection, and keep it when the test passes. Raises NotFound."""
        with self._acts.act("connection:test", connection.name) as act:
            facts = self._prober.facts(connection, self._store.secrets(connection), Usage())
            report = judge(connection, facts)
            if report.ok:
                self._store.mark_tested(connection, self._now(), account_of(facts))
            act.detail = "passed" if report.ok else "failed"
        return report

    def remove(self, connection: Connection) -> None:
        """Remove a connection, all that was learnt through it, and its data key. Raises NotFound."""
        with self._acts.act("connection:remove", connection.name):
            self._store.remove(connection)

    def policy(
        self, connection: Connection, databases: Sequence[str] = (), *, discovery: bool = False
    ) -> dict[str, Any]:
        """The least IAM policy of a saved connection, with real ARNs; see `least_policy`.

        The account comes from STS, else from the last passed test. Raises what asking STS raises when neither knows it.
        """
        return least_policy(connection, self._place(connection), databases, discovery=discovery)

    def _entered(self, connection: Connection) -> tuple[Connection, Secrets]:
        return connection, self._store.secrets(connection)

    def _place(self, connection: Connection) -> Place:
        if not connection.needs_aws:
            return Place(partition_of(connection.region), connection.account_id)
        _, secrets = self._entered(connection)
        try:
            caller = self._control_plane().caller_identity(connection, secrets)
        except WharfingerError:
            if not connection.account_id:
                raise
            return Place(partition_of(connection.region), connection.account_id)
        return Place(caller.partition, caller.account, self._target_arn(connection, secrets))

    def _target_arn(self, connection: Connection, secrets: Secrets) -> str:
        """The target's own ARN; empty when the identity may not ask, the policy then names all of the kind."""
        try:
            return self._control_plane().describe_target(connection, secrets).arn
        except WharfingerError:
            return ""

    def _check_free(self, name: str) -> None:
        check_name(name)
        try:
            self._store.get(name)
        except NotFound:
            return
        raise name_taken(name)
