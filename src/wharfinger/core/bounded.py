"""Reads what people give us, files and streams, up to a limit: nothing they name may fill the memory or never end."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from wharfinger.core.errors import Invalid

KB = 1024
MB = 1024 * KB

SECRET_BYTES = 64 * KB
"""The largest secret. Secrets Manager takes 64 KB; keys, tokens and passwords are far smaller."""

YAML_BYTES = 4 * MB
"""The largest YAML file of people: a spec of access, profiles.yml, dbt_project.yml.

A spec with ten thousand grants has one megabyte.
"""

MANIFEST_BYTES = 512 * MB
"""The largest manifest of dbt; those of projects with thousands of models have tens of megabytes."""

_PIECE = MB


class Readable(Protocol):
    """A stream of bytes: a file, stdin, the body of an answer."""

    def read(self, amount: int, /) -> bytes: ...


def read_bytes(path: Path, limit: int, what: str, *, fields: Sequence[str] = ()) -> bytes:
    """The content of the file at `path`, a regular file or a pipe, of at most `limit` bytes.

    `what` names the file in errors, as in `access spec`; `fields` are the input fields that name it. Raises Invalid for
    a larger file, a device and a socket; OSError where the file cannot be opened or read, a folder too.
    """
    # A device is not even opened: that may wait for ever, or change something.
    if _is_device(path.stat().st_mode):
        raise _no_file(what, str(path), fields)
    with path.open("rb", buffering=0) as file:
        status = os.fstat(file.fileno())
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if _is_device(status.st_mode):
            raise _no_file(what, str(path), fields)
        if stat.S_ISREG(status.st_mode) and status.st_size > limit:
            raise _too_large(what, str(path), limit, fields)
        return read_stream(file, limit, what, str(path), fields=fields)


def read_text(path: Path, limit: int, what: str, *, fields: Sequence[str] = ()) -> str:
    """The text of the file at `path`. Raises what `read_bytes` and `text_of` raise."""
    return text_of(read_bytes(path, limit, what, fields=fields), what, str(path), fields=fields)


def read_stream(
    stream: Readable, limit: int, what: str, subject: str, *, fields: Sequence[str] = (), next_step: str = ""
) -> bytes:
    """All of `stream`, read until it ends. `subject` names it in errors. Raises Invalid beyond `limit` bytes."""
    pieces: list[bytes] = []
    size = 0
    while piece := stream.read(min(_PIECE, limit + 1 - size)):
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise _too_large(what, subject, limit, fields, next_step)
    return b"".join(pieces)


def text_of(content: bytes, what: str, subject: str, *, fields: Sequence[str] = ()) -> str:
    """`content` as text, without a byte order mark at its start. Raises Invalid unless it is UTF-8 without NUL."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _no_text(what, subject, f"byte {error.start} is not UTF-8", fields) from None
    if (found := text.find("\0")) >= 0:
        raise _no_text(what, subject, f"character {found} is NUL", fields)
    return text


def size_words(size: int) -> str:
    """A size as people write it, rounded down: `64 KB`, `4 MB`."""
    return f"{size // MB} MB" if size >= MB else f"{size // KB} KB" if size >= KB else f"{size} bytes"


def _is_device(mode: int) -> bool:
    return not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode) or stat.S_ISDIR(mode))


def _too_large(what: str, subject: str, limit: int, fields: Sequence[str], next_step: str = "") -> Invalid:
    return Invalid(
        f"The {what} is too large",
        subject=subject,
        why=f"it has more than {size_words(limit)}",
        next_step=next_step or "Check that it is the file you mean",
        fields=fields,
    )


def _no_file(what: str, subject: str, fields: Sequence[str]) -> Invalid:
    return Invalid(
        f"The {what} cannot be read",
        subject=subject,
        why="it is neither a regular file nor a pipe",
        next_step="Name a file",
        fields=fields,
    )


def _no_text(what: str, subject: str, why: str, fields: Sequence[str]) -> Invalid:
    return Invalid(
        f"The {what} is not text", subject=subject, why=why, next_step="Save it as UTF-8 text", fields=fields
    )
