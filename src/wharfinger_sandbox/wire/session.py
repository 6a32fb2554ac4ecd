"""The state of a wire session after the login, shared by the two directions of the relay."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from wharfinger_sandbox.wire.backend import Backend
from wharfinger_sandbox.wire.pending import PendingResponse
from wharfinger_sandbox.wire.recorder import RecordingServices, SessionRecorder
from wharfinger_sandbox.wire.startup import ClientConnection
from wharfinger_sandbox.wire.translator import Translator


@dataclass
class WireSession:
    """One session.

    `pending` holds the requests that the engine has not answered yet, in the order they were sent; its first member
    tells which statement the engine's next message belongs to. `status` is the transaction status of the last
    ReadyForQuery: `I`, `T` or `E`.
    """

    client: ClientConnection
    backend: Backend
    services: RecordingServices
    translator: Translator
    recorder: SessionRecorder
    pending: deque[PendingResponse] = field(default_factory=deque)
    status: bytes = b"I"

    @property
    def head(self) -> PendingResponse | None:
        """The request that the engine answers at the moment."""
        return self.pending[0] if self.pending else None
