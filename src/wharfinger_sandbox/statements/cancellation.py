"""What can be cancelled while it runs on a connection, and how it is cancelled."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field

from wharfinger_sandbox.engine.commands import Connection

RETRY_SECONDS = 0.2
REQUEST_TIMEOUT_SECONDS = 5


@dataclass(slots=True, kw_only=True)
class Cancellable:
    """Work with an id. `cancelled` is set when the client asks to stop, `ended` once the work has ended."""

    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    cancelled: bool = False
    ended: asyncio.Event = field(default_factory=asyncio.Event)


async def cancel_until_ended(connection: Connection, work: Cancellable) -> None:
    """Cancel what `work` runs on `connection`; returns when `work` has ended or the connection is closed."""
    while not work.ended.is_set() and not connection.closed:
        # PostgreSQL ignores a cancel that arrives between two statements, so one request may not be enough.
        await connection.cancel_safe(timeout=REQUEST_TIMEOUT_SECONDS)
        try:
            await asyncio.wait_for(work.ended.wait(), RETRY_SECONDS)
        except TimeoutError:
            continue
