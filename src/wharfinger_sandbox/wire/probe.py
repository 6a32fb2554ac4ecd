"""Questions of the sandbox's own to the engine, between the client's statements: what does it say of this text?"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from wharfinger_sandbox.dialect.aliases import UNDEFINED_COLUMN
from wharfinger_sandbox.wire import messages

_NAME = "wf_probe"


def _query(sql: str) -> bytes:
    return messages.message(b"Q", messages.text(sql))


@dataclass
class Probe:
    """One question. The answers go to `take` until it says that they are all there; none is for the client."""

    query: str
    in_transaction: bool
    types: bytes = b"\0\0"
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    position: int | None = None
    _open: int = 0

    def messages(self) -> bytes:
        """The messages that ask. A transaction is left as it was."""
        parse = messages.message(b"P", messages.text(_NAME) + messages.text(self.query) + self.types)
        close = messages.message(b"C", b"S" + messages.text(_NAME))
        asking = parse + close + messages.message(b"S")
        self._open = 1
        if self.in_transaction:
            self._open = 3
            after = f"rollback to savepoint {_NAME}; release savepoint {_NAME}"
            asking = _query(f"savepoint {_NAME}") + asking + _query(after)
        return asking

    def handle(self, kind: bytes, body: bytes) -> bool:
        """One message of the engine; True when it was the last one. `position` then tells where it knows no column."""
        if kind == b"E":
            fields = messages.read_fields(body)
            if fields.get("C") == UNDEFINED_COLUMN and "P" in fields:
                self.position = int(fields["P"])
        elif kind == b"Z":
            self._open -= 1
        if self._open == 0:
            self.answered.set()
        return self._open == 0
