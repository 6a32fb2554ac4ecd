"""What checking profiles needs of others, as Protocols.

`adapters.dbt.driver`, `profiles_yml.store` and `manifests.files` provide them.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from wharfinger.dbt.checking.driver_arguments import Login
from wharfinger.dbt.manifests.build import Build
from wharfinger.dbt.profiles_yml.store import FoundFile


class Files(Protocol):
    """profiles.yml on disk; see ProfilesFile."""

    def read(self, path: Path) -> FoundFile: ...


class Builds(Protocol):
    """Manifests on disk; see `manifests.files`."""

    def __call__(self, path: Path) -> Build:
        """What the project of a manifest builds. Raises Invalid or NotFound."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The answer of a warehouse that did not run a statement: the id of its cause (see `adapters.redshift.causes`) and
    its message.
    """

    cause: str
    message: str


class SignedIn(Protocol):
    """A session as dbt has it: its role and query group are set."""

    @property
    def user(self) -> str:
        """The session's user (current_user)."""

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query. Raises our errors."""

    def tried(self, *statements: str) -> Refusal | None:
        """Run statements in a transaction and roll it back. Returns the refusal that ended it, if any.

        Raises Unavailable when the connection is lost.
        """


class Driver(Protocol):
    """The driver that dbt-redshift uses."""

    def signed_in(self, login: Login) -> AbstractContextManager[SignedIn]:
        """A session signed in as dbt would; it ends with the block. Raises our errors."""

    def region_elsewhere(self, profile: str, host: str, port: int) -> str:
        """The region that the driver finds by itself for an AWS profile and a host; empty when it finds none."""
