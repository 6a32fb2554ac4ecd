"""What writing profiles needs of others, as Protocols; `connections` and `profiles_yml.store` provide them."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from wharfinger.connections.model import Caller, Connection, Target
from wharfinger.core.session import Session, Usage
from wharfinger.dbt.profiles_yml.store import FoundFile


class Connections(Protocol):
    """What AWS and the warehouse say of a connection."""

    def target(self, connection: Connection) -> Target:
        """Its cluster or workgroup. Raises NotFound, Refused (the identity may not ask) or Unavailable."""

    def open(self, connection: Connection, usage: Usage, *, database: str | None = None) -> Session:
        """A session to its warehouse. Raises our errors; close it when done."""

    def caller(self, connection: Connection) -> Caller:
        """The identity that AWS sees for it. Raises Refused, Invalid, NotFound or Unavailable."""


class Files(Protocol):
    """profiles.yml on disk; see ProfilesFile."""

    def read(self, path: Path) -> FoundFile: ...

    def replace(self, found: FoundFile, text: str, *, make_folder: bool = False) -> Path | None: ...
