"""A secret that prints as dots, and the port that seals bytes."""

from __future__ import annotations

import hmac
from typing import NoReturn, Protocol

DOTS = "••••••"


class Secret:
    """Holds one secret text and shows it only to `reveal()`.

    Prints, formats and reprs as dots; refuses to be pickled, so that it cannot travel into a job record.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The clear text. Call it only where the value is passed to its destination, never to store or show it."""
        return self._text

    def __repr__(self) -> str:
        return f"Secret({DOTS})"

    def __str__(self) -> str:
        return DOTS

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not serialised; seal it")


class Sealer(Protocol):
    """Seals bytes so that only the row they belong to can open them again, with a data key for each connection."""

    def seal(self, connection_id: str, row_identity: str, content: bytes) -> bytes:
        """`content` sealed for the row and column that `row_identity` names; the name must never change."""

    def open(self, connection_id: str, row_identity: str, sealed: bytes) -> bytes:
        """The content that was sealed. Raises Conflict when it was changed or sealed for another row."""

    def forget(self, connection_id: str) -> None:
        """Destroy the connection's data key: what was sealed with it can never be opened again."""
