"""Splits the engine's byte stream: rows are passed on in the pieces they arrive in, other messages as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator

# Rows and COPY data are not collected, whatever their size.
_PASSED = frozenset(b"DdcGHW")
_ROW = ord("D")
_HEAD = 5


class Scanner:
    """Holds at most one incomplete message between two chunks.

    `wants_rows` is called before the first row of each result; if it returns True, its rows are returned as a whole.
    """

    def __init__(self, wants_rows: Callable[[], bool] = lambda: False) -> None:
        self._rest = b""
        self._passing = 0
        self._wants_rows = wants_rows
        self._rows_whole: bool | None = None

    def feed(self, chunk: bytes) -> Iterator[tuple[bytes, bytes]]:
        """What `chunk` completes, in order: `(type, body)` for a whole message, `(b"", bytes)` to pass on unchanged."""
        data = self._rest + chunk if self._rest else chunk
        end = len(data)
        begin = 0
        at = min(self._passing, end)
        self._passing -= at
        while end - at >= _HEAD:
            size = int.from_bytes(data[at + 1 : at + _HEAD], "big") + 1
            if data[at] in _PASSED and not (data[at] == _ROW and self._whole()):
                self._passing = max(0, at + size - end)
                at = min(at + size, end)
            elif at + size > end:
                break
            else:
                if begin < at:
                    yield b"", data[begin:at]
                if data[at] != _ROW:
                    self._rows_whole = None
                yield data[at : at + 1], data[at + _HEAD : at + size]
                at += size
                begin = at
        if begin < at:
            yield b"", data[begin:at]
        self._rest = data[at:]

    def _whole(self) -> bool:
        if self._rows_whole is None:
            self._rows_whole = self._wants_rows()
        return self._rows_whole
