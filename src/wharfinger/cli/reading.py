"""Reads what a person gives on stdin, up to a limit."""

from __future__ import annotations

import io
import sys

from wharfinger.core.bounded import read_stream, text_of


def read_stdin(limit: int, what: str) -> str:
    """All of stdin as text; `what` names it in errors. Raises Invalid beyond `limit` bytes and for what is not UTF-8.

    Bytes are read where there are some: the locale must not decide what they mean.
    """
    binary = getattr(sys.stdin, "buffer", None)
    stream = io.BytesIO(sys.stdin.read(limit + 1).encode()) if binary is None else binary
    content = read_stream(stream, limit, what, "stdin", next_step="Check what is written into it")
    return text_of(content, what, "stdin")
