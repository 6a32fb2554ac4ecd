"""What the dbt verbs need of others, as Protocols; `adapters`, `connections` and `store.py` provide them."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from wharfinger.connections.model import Caller, Connection, Target
from wharfinger.dbt.login import Login
from wharfinger.dbt.store import Kept


class Connections(Protocol):
    """Saved connections, and what the AWS control plane tells of them."""

    def get(self, name: str) -> Connection:
        """The connection called `name`. Raises NotFound."""

    def target(self, connection: Connection) -> Target:
        """Its cluster or workgroup. Raises NotFound, Refused (the identity may not ask) or Unavailable."""

    def caller(self, connection: Connection) -> Caller:
        """Whom AWS takes its identity for. Raises Refused, Invalid, NotFound or Unavailable."""


class Files(Protocol):
    """profiles.yml on disk; see ProfilesFile."""

    def read(self, path: Path) -> Kept: ...

    def replace(self, kept: Kept, text: str) -> Path | None: ...


class Driver(Protocol):
    """The driver that dbt-redshift uses."""

    def sign_in(self, login: Login) -> str:
        """Sign in as dbt would and say who one is there (current_user). Raises our errors."""

    def region_elsewhere(self, profile: str, host: str, port: int) -> str:
        """The region that the driver finds by itself for an AWS profile and a host; empty when it finds none."""
