"""Cuts the engine's byte stream: rows pass in pieces as they come, every other message comes whole."""

from __future__ import annotations

from collections.abc import Iterator

# Rows and copied data, whatever their size, are never held back.
_PASSED = frozenset(b"DdcGHW")
_HEAD = 5


class Scanner:
    """Keeps what is incomplete from one chunk to the next; holds at most one small message."""

    def __init__(self) -> None:
        self._rest = b""
        self._passing = 0

    def feed(self, chunk: bytes) -> Iterator[tuple[bytes, bytes]]:
        """What `chunk` completes, in order: `(b"", bytes)` to pass on as they are, `(type, body)` to look at."""
        data = self._rest + chunk if self._rest else chunk
        end = len(data)
        begin = 0
        at = min(self._passing, end)
        self._passing -= at
        while end - at >= _HEAD:
            size = int.from_bytes(data[at + 1 : at + _HEAD], "big") + 1
            if data[at] in _PASSED:
                self._passing = max(0, at + size - end)
                at = min(at + size, end)
            elif at + size > end:
                break
            else:
                if begin < at:
                    yield b"", data[begin:at]
                yield data[at : at + 1], data[at + _HEAD : at + size]
                at += size
                begin = at
        if begin < at:
            yield b"", data[begin:at]
        self._rest = data[at:]
