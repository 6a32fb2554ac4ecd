"""The verbs of connections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from wharfinger.connections.checks import evaluate
from wharfinger.connections.model import Caller, Connection, Discovery, Identity, Secrets, Target, check_region
from wharfinger.connections.policy import Place, Policy, least_policy, partition_of
from wharfinger.connections.ports import Connections, ControlPlane, Opener
from wharfinger.connections.probe import Prober, account_of
from wharfinger.connections.region_checks import CHECK_REGION
from wharfinger.connections.validation import (
    check_connection,
    check_endpoint_url,
    check_identity,
    check_name,
    check_region_given,
    name_taken,
)
from wharfinger.core.acting import Acts
from wharfinger.core.by_people import ByPeople
from wharfinger.core.checks import Report
from wharfinger.core.errors import Invalid, NotFound, Refused, WharfingerError
from wharfinger.core.session import Session, Usage
from wharfinger.core.suggestions import nearest


@dataclass(frozen=True, slots=True)
class Added:
    """The result of `add`: the saved connection, None when the test failed; the test, None when there was none."""

    connection: Connection | None
    report: Report | None


class ConnectionService:
    """The verbs of connections, and what other capabilities need of a saved one.

    A verb takes the connection; `get` finds it by its name, which a door does once. `by_people` counts what people
    wrote and decided about the tables of the connection with an id.
    """

    def __init__(
        self,
        store: Connections,
        opener: Callable[[], Opener],
        control_plane: Callable[[], ControlPlane],
        acts: Acts,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        by_people: Callable[[str], ByPeople] = lambda _: ByPeople(),
    ) -> None:
        self._store = store
        self._opener = opener
        self._control_plane = control_plane
        self._prober = Prober(opener, control_plane)
        self._acts = acts
        self._now = now
        self._by_people = by_people

    def get(self, name: str) -> Connection:
        """The connection called `name`. Raises NotFound, which names those there are."""
        return self._store.get(name)

    def by_id(self, connection_id: str) -> Connection:
        """The connection with that id, whatever its name is now. Raises NotFound when it was removed."""
        return self._store.by_id(connection_id)

    def open(self, connection: Connection, usage: Usage, *, database: str | None = None) -> Session:
        """A session to the connection's warehouse, in `database` or in the connection's own. Close it when done."""
        return self._opener().open(connection, self._store.secrets(connection), usage, database=database)

    def target(self, connection: Connection) -> Target:
        """The connection's cluster or workgroup. Raises NotFound, Refused (it may not be described) or Unavailable."""
        return self._control_plane().describe_target(connection, self._store.secrets(connection))

    def caller(self, connection: Connection) -> Caller:
        """The AWS account and ARN of the connection's identity. Raises Refused, Invalid, NotFound or Unavailable."""
        return self._control_plane().caller_identity(connection, self._store.secrets(connection))

    def all(self) -> list[Connection]:
        """Every connection, by name: the verb `connection:list`."""
        self._acts.require("connection:list")
        return list(self._store.all())

    def show(self, name: str) -> Connection:
        """The connection called `name`: the verb `connection:show`. Raises NotFound."""
        self._acts.require("connection:show", name)
        return self._store.get(name)

    def region(self, given: str, profile: str = "") -> str:
        """The region `given`, else the default: AWS_REGION, AWS_DEFAULT_REGION, then the AWS profile's.

        `profile` is the AWS profile of the identity, empty for the environment's own. Raises Invalid when there is no
        region, with the places that were asked; NotFound for a profile that is not there.
        """
        if given:
            return given
        default = self._control_plane().default_region(profile)
        check_region_given(default.region, default.looked)
        return default.region

    def discover(self, region: str, identity: Identity, secrets: Secrets, endpoint_url: str = "") -> Discovery:
        """The clusters and workgroups of a region, as far as `identity` may see them.

        Raises Invalid for a missing region, one that cannot exist or an incomplete identity, Refused when AWS does not
        accept the identity, Unavailable.
        """
        self._acts.require("connection:discover", region)
        check_region_given(region)
        check_endpoint_url(endpoint_url)
        check_identity(identity, secrets)
        control_plane = self._control_plane()
        known = control_plane.known_regions()
        near = "" if region in known else nearest(region, known)
        if why := check_region(region) or control_plane.region_trouble(region, identity, secrets, endpoint_url):
            raise Invalid(
                "There is no such AWS region",
                subject=region,
                why=f"it is not among the regions known here, and {why}" if check_region(region) is None else why,
                next_step=f"Did you mean {near}?" if near else CHECK_REGION,
                check="region",
                fields=("region",),
            )
        found = control_plane.list_targets(region, identity, secrets, endpoint_url)
        return found if found.targets else replace(found, near_region=near)

    def add(self, connection: Connection, secrets: Secrets, *, untested: bool = False) -> Added:
        """Test a new connection and save it when the test passes; `untested` saves it without a test, marked so.

        Raises Invalid for parts that are missing or exclude each other, Conflict when the name is taken.
        """
        self._acts.require("connection:add", connection.name)
        check_connection(connection, secrets)
        self._check_free(connection.name)
        with self._acts.act("connection:add", connection.name, "untested" if untested else "tested") as act:
            report = None
            if not untested:
                facts = self._prober.facts(connection, secrets, Usage())
                report = evaluate(connection, facts)
                if not report.ok:
                    act.outcome, act.detail = "failed", "the test failed, nothing was saved"
                    return Added(None, report)
                connection = replace(connection, tested_at=self._now(), account_id=account_of(facts))
            return Added(self._store.add(connection, secrets), report)

    def test(self, connection: Connection) -> Report:
        """Test a saved connection; a passed test is saved with its time and the AWS account. Raises NotFound."""
        with self._acts.act("connection:test", connection.name) as act:
            facts = self._prober.facts(connection, self._store.secrets(connection), Usage())
            report = evaluate(connection, facts)
            if report.ok:
                self._store.mark_tested(connection, self._now(), account_of(facts))
            act.detail = "passed" if report.ok else "failed"
        return report

    def rename(self, connection: Connection, new_name: str) -> Connection:
        """Give a connection another name; everything stored for it stays. Answers the renamed connection.

        Raises Invalid for a name that cannot be one, Conflict when a connection has it, NotFound when the connection
        was removed in the meantime.
        """
        self._acts.require("connection:rename", connection.name)
        check_name(new_name, "new_name")
        with self._acts.act("connection:rename", connection.name, f"to {new_name}"):
            return self._store.rename(connection, new_name)

    def by_people(self, connection: Connection) -> ByPeople:
        """How much people wrote and decided about the connection's tables, deselected ones included.

        Removing the connection deletes it. Raises Refused.
        """
        self._acts.require("connection:remove", connection.name)
        return self._by_people(connection.id)

    def remove(self, connection: Connection, *, confirmed: bool = False) -> None:
        """Remove a connection, everything stored for it, and its data key. The warehouse is not changed.

        Raises Refused where people wrote or decided something about its tables, unless it is `confirmed` that this may
        be deleted.
        """
        lost = self.by_people(connection)
        if lost and not confirmed:
            raise Refused(
                "The connection holds what people wrote",
                subject=connection.name,
                why=f"{lost} would be deleted, and nothing could bring it back",
                next_step="Confirm that it may be deleted",
                fields=["yes"],
            )
        with self._acts.act("connection:remove", connection.name, f"with {lost}" if lost else ""):
            self._store.remove(connection)

    def policy(self, connection: Connection, databases: Sequence[str] = (), *, discovery: bool = False) -> Policy:
        """The least IAM policy that a saved connection needs, with real ARNs; see `least_policy`.

        The account comes from STS, else from the last passed test; when neither has it, STS's error is raised.
        """
        self._acts.require("connection:policy", connection.name)
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
        """The target's own ARN; empty when the identity may not describe it: the policy then names all of its kind."""
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
