"""Queries that the sandbox itself sends to the engine between the client's statements."""

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
    """Asks the engine whether it finds all columns of `query`; the query is parsed, not run.

    `types` are the parameter types of a Parse. Every message of the engine goes to `handle`, none to the client.
    `position` is then the position of the first name that is no column, None if there is none.
    """

    query: str
    in_transaction: bool
    types: bytes = b"\0\0"
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    position: int | None = None
    _open: int = 0

    def messages(self) -> bytes:
        """The messages to send; an open transaction keeps its state."""
        parse = messages.message(b"P", messages.text(_NAME) + messages.text(self.query) + self.types)
        close = messages.message(b"C", b"S" + messages.text(_NAME))
        request = parse + close + messages.message(b"S")
        self._open = 1
        if self.in_transaction:
            self._open = 3
            after = f"rollback to savepoint {_NAME}; release savepoint {_NAME}"
            request = _query(f"savepoint {_NAME}") + request + _query(after)
        return request

    def handle(self, kind: bytes, body: bytes) -> bool:
        """Handle one message of the engine; returns True for the last one."""
        if kind == b"E":
            fields = messages.read_fields(body)
            if fields.get("C") == UNDEFINED_COLUMN and "P" in fields:
                self.position = int(fields["P"])
        elif kind == b"Z":
            self._open -= 1
        if self._open == 0:
            self.answered.set()
        return self._open == 0
