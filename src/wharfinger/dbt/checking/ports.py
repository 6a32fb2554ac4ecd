"""What checking profiles needs of others, as Protocols; `adapters.dbt.driver` and `profiles_yml.store` provide them."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from wharfinger.dbt.checking.driver_arguments import Login
from wharfinger.dbt.profiles_yml.store import FoundFile


class Files(Protocol):
    """profiles.yml on disk; see ProfilesFile."""

    def read(self, path: Path) -> FoundFile: ...


class Driver(Protocol):
    """The driver that dbt-redshift uses."""

    def sign_in(self, login: Login) -> str:
        """Sign in as dbt would. Returns the session's user (current_user). Raises our errors."""

    def region_elsewhere(self, profile: str, host: str, port: int) -> str:
        """The region that the driver finds by itself for an AWS profile and a host; empty when it finds none."""
