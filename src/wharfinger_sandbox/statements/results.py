"""Results of SQL texts, cut into pages by size; small results stay in memory, others go to a file."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import orjson

from wharfinger_sandbox.statements.columns import NULL, Column, Field, ScaleWriter, writer

Record = list[Field]
MAX_BYTES_IN_MEMORY = 32 * 1024
"""Results of up to this size are not written to a file."""

# The approximate size of a Field in the response without its value: {"stringValue": ""},
FIELD_BYTES = 20


class ResultTooLarge(Exception):
    """A row or a result exceeds the service's limit; the text is the service's (redshift-facts §7.37)."""


@dataclass(slots=True)
class Result:
    """The rows one SQL text returned.

    `rows` counts them, `size` is the number of bytes of their values. `json` is the only page of a result in memory,
    `pages` are the offset and length of each page in `file`. `has_sources`: the columns' tables have been looked up.
    """

    columns: list[Column]
    rows: int
    size: int
    json: bytes = b"[]"
    file: Path | None = None
    pages: list[tuple[int, int]] = field(default_factory=list)
    has_sources: bool = False

    @property
    def page_count(self) -> int:
        """The number of pages, at least 1."""
        return len(self.pages) if self.file else 1

    def page(self, number: int) -> orjson.Fragment:
        """The records of page `number` (from 0) as a JSON fragment for orjson."""
        return orjson.Fragment(self._page_json(number))

    def records(self, number: int) -> list[Record]:
        """The records of page `number` (from 0)."""
        found: list[Record] = orjson.loads(self._page_json(number))
        return found

    def _page_json(self, number: int) -> bytes:
        if self.file is None:
            return self.json
        offset, length = self.pages[number]
        with self.file.open("rb") as file:
            file.seek(offset)
            return file.read(length)

    def remove(self) -> None:
        """Delete the result's file."""
        if self.file is not None:
            self.file.unlink(missing_ok=True)


class ResultWriter:
    """Builds a Result from rows in PostgreSQL's text format; holds at most one page in memory.

    `spool` is the folder for files. The limits are bytes.
    """

    def __init__(
        self, columns: list[Column], spool: Path, *, page_bytes: int, row_bytes: int, result_bytes: int
    ) -> None:
        self.columns = columns
        self._writers = [writer(column) for column in columns]
        self._spool = spool
        self._page_bytes = page_bytes
        self._row_bytes = row_bytes
        self._result_bytes = result_bytes
        self._page: list[Record] = []
        self._page_size = 0
        self._rows = 0
        self._size = 0
        self._path: Path | None = None
        self._file: IO[bytes] | None = None
        self._pages: list[tuple[int, int]] = []

    def add(self, cells: Sequence[bytes | None]) -> None:
        """Add one row, None for NULL. Raises ResultTooLarge."""
        size = sum([len(cell) for cell in cells if cell is not None])
        if size > self._row_bytes:
            raise ResultTooLarge("Packet for query is too large")
        self._size += size
        if self._size > self._result_bytes:
            raise ResultTooLarge("Database response exceeded size limit")
        cost = size + FIELD_BYTES * len(cells)
        if self._page and self._page_size + cost > self._page_bytes:
            self._write_page()
        self._page.append(
            [NULL if cell is None else write(cell) for cell, write in zip(cells, self._writers, strict=True)]
        )
        self._page_size += cost
        self._rows += 1

    def finish(self) -> Result:
        """The Result with all rows added so far."""
        columns = [
            column.with_scale(write.scale) if isinstance(write, ScaleWriter) else column
            for column, write in zip(self.columns, self._writers, strict=True)
        ]
        if self._file is None and self._size <= MAX_BYTES_IN_MEMORY:
            # JSON text takes a tenth of the memory of the fields, for the 24 hours that a result is kept.
            return Result(columns, self._rows, self._size, orjson.dumps(self._page))
        self._write_page()
        self._close()
        return Result(columns, self._rows, self._size, file=self._path, pages=self._pages)

    def discard(self) -> None:
        """Delete the rows added so far."""
        self._close()
        if self._path is not None:
            self._path.unlink()

    def _write_page(self) -> None:
        if self._file is None:
            self._path = self._spool / uuid.uuid4().hex
            self._file = self._path.open("wb")
        start = self._file.tell()
        self._file.write(orjson.dumps(self._page))
        self._pages.append((start, self._file.tell() - start))
        self._page = []
        self._page_size = 0

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
