"""What the connection verbs need of others; `adapters` and `store` implement it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from wharfinger.connections.model import Caller, Connection, DefaultRegion, Discovery, Identity, Secrets, Target
from wharfinger.core.session import Session, Usage


class Opener(Protocol):
    """Opens sessions to a warehouse."""

    def open(self, connection: Connection, secrets: Secrets, usage: Usage, *, database: str | None = None) -> Session:
        """A session in `database`, or in the connection's own. It may sign in only with its first statement.

        Raises what `Session.run` raises.
        """


class ControlPlane(Protocol):
    """What AWS answers about an identity and the warehouses of a region. AWS may deny each request."""

    def known_regions(self) -> frozenset[str]:
        """The regions with Redshift that the installed SDK knows; AWS is not asked."""

    def default_region(self, profile: str) -> DefaultRegion:
        """The region of the environment, else of the AWS profile; an empty `profile` means the environment's own.

        Raises NotFound for a profile that is not there, Invalid for files that cannot be read.
        """

    def region_trouble(self, region: str, identity: Identity, secrets: Secrets, endpoint_url: str) -> str:
        """Why there can be no such region; empty where there is one or where this cannot be known."""

    def caller_identity(self, connection: Connection, secrets: Secrets) -> Caller:
        """Account and ARN of the connection's identity. Raises Refused, Invalid, NotFound or Unavailable."""

    def describe_target(self, connection: Connection, secrets: Secrets) -> Target:
        """The connection's cluster or workgroup. Raises NotFound, Refused (it may not be described) or Unavailable."""

    def list_targets(self, region: str, identity: Identity, secrets: Secrets, endpoint_url: str) -> Discovery:
        """All clusters and workgroups of a region; the answer names the lists that were denied.

        Raises Refused when AWS does not accept the identity, Unavailable when it does not answer.
        """


class Connections(Protocol):
    """Where connections are stored, their secrets sealed."""

    def get(self, name: str) -> Connection:
        """The connection called `name`. Raises NotFound."""

    def by_id(self, connection_id: str) -> Connection:
        """The connection with that id. Raises NotFound when it was removed."""

    def secrets(self, connection: Connection) -> Secrets:
        """The unsealed secrets of a saved connection. Raises NotFound, and Conflict when they were tampered with."""

    def all(self) -> Iterable[Connection]:
        """Every connection, by name."""

    def add(self, connection: Connection, secrets: Secrets) -> Connection:
        """Save a new connection; returns it with its id. Raises Conflict when the name is taken."""

    def mark_tested(self, connection: Connection, at: datetime, account_id: str) -> Connection:
        """Save when a test passed, and in which AWS account."""

    def rename(self, connection: Connection, new_name: str) -> Connection:
        """Change the name only. Raises Conflict when the name is taken, NotFound when the connection was removed."""

    def remove(self, connection: Connection) -> None:
        """Remove the connection, everything stored for it, and its data key."""
