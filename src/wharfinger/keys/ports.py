"""What keys need of others, as Protocols: places for the master key. `adapters.keys` provides them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

from wharfinger.keys.model import MasterKey

Removal = Literal["removed", "absent", "left"]
"""What happened to a master key that is no longer used: removed, none was there, or left to the owner of its place."""


class KeyProvider(Protocol):
    """A place for one master key."""

    @property
    def name(self) -> str:
        """The name of the place, in the keyring and for people: `local` or `aws-secretsmanager:NAME`."""

    @property
    def region(self) -> str:
        """The AWS region of the place; empty where it has none."""

    def load(self) -> MasterKey | None:
        """The stored key, None when there is none.

        Raises Refused when it may not be read, Conflict when something else is stored there, Unavailable to try later.
        """

    def save(self, master: MasterKey) -> None:
        """Store `master`, durably. Raises Conflict when anything is stored there already; nothing is overwritten."""

    def remove(self) -> Removal:
        """Remove the key, unless removing it is up to the owner of the place."""


Providers = Callable[[str, str], KeyProvider]
"""The provider of a name, in an AWS region, empty for the default one. Raises Invalid for an unknown name."""
