"""Everything that was read from a warehouse, as one value."""

from __future__ import annotations

from dataclasses import dataclass

from wharfinger.access.model import Inventory, Note, State
from wharfinger.access.state.beyond import Beyond


@dataclass(frozen=True, slots=True)
class Live:
    """The database user that signed in, the users and rights, the objects, and the databases that were read.

    `notes` name the databases that could not be read; `beyond` is what no spec can express.
    """

    user: str
    state: State
    inventory: Inventory
    databases: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    beyond: tuple[Beyond, ...] = ()
