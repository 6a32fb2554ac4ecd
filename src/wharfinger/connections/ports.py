"""What the connection verbs need of others, as Protocols; `adapters` and `store` provide them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from wharfinger.connections.model import Caller, Connection, Discovery, Identity, Secrets, Target
from wharfinger.core.session import Session, Usage


class Opener(Protocol):
    """Opens sessions to a warehouse."""

    def open(self, connection: Connection, secrets: Secrets, usage: Usage, *, database: str | None = None) -> Session:
        """A session logged in to `database`, or to the connection's own. May log in only with the first statement.

        Raises what `Session.run` raises.
        """


class ControlPlane(Protocol):
    """What the AWS control plane tells: who we are, and what is in a region. Each may be denied."""

    def known_regions(self) -> frozenset[str]:
        """The regions with Redshift that are known here, without asking AWS."""

    def caller_identity(self, connection: Connection, secrets: Secrets) -> Caller:
        """Whom AWS takes the connection's identity for. Raises Refused, Invalid, NotFound or Unavailable."""

    def describe_target(self, connection: Connection, secrets: Secrets) -> Target:
        """The connection's cluster or workgroup. Raises NotFound, Refused (the identity may not ask) or Unavailable."""

    def list_targets(self, region: str, identity: Identity, secrets: Secrets, endpoint_url: str) -> Discovery:
        """All clusters and workgroups of a region; a denied list is named in the answer.

        Raises Refused when the identity itself is no good, Unavailable when AWS cannot be reached.
        """


class Connections(Protocol):
    """Where connections are kept, their secrets sealed."""

    def by_id(self, connection_id: str) -> Connection: ...

    def get(self, name: str) -> Connection:
        """The connection called `name`. Raises NotFound."""

    def secrets(self, connection: Connection) -> Secrets:
        """The sealed half of a saved connection, opened. Raises Conflict when it was tampered with."""

    def all(self) -> Iterable[Connection]:
        """Every connection, by name."""

    def add(self, connection: Connection, secrets: Secrets) -> Connection:
        """Save a new connection; answers it with its id. Raises Conflict when the name is taken."""

    def mark_tested(self, connection: Connection, at: datetime, account_id: str) -> Connection:
        """Keep that a test passed, and in which account."""

    def remove(self, connection: Connection) -> None:
        """Remove the connection, all that hangs on it, and its data key."""
