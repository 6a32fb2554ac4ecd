"""Tracebacks for logs, without values.

The text of an exception can repeat a value (`invalid literal for int() with base 10: 'a cell of a table'`), so only the
texts of exceptions about code or files are kept. Values of variables are never shown.
"""

from __future__ import annotations

import logging
import traceback

_ABOUT_CODE = (AttributeError, ImportError, NameError, NotImplementedError, RecursionError, TypeError)


def traceback_text(error: BaseException) -> str:
    """The traceback of an exception and of those that led to it, the first one first; several lines."""
    seen: set[int] = set()
    parts: list[str] = []
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        frames = "".join(traceback.format_tb(one.__traceback__))
        parts.append(f"Traceback (most recent call last):\n{frames}{_head(one)}\n")
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return "\nwhich led to:\n\n".join(reversed(parts))


def _head(error: BaseException) -> str:
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    if isinstance(error, OSError) and error.strerror:
        return f"{name}: {error.strerror}" + (f": {error.filename}" if error.filename is not None else "")
    return f"{name}: {error}" if isinstance(error, _ABOUT_CODE) else name


class ValueFreeFormatter(logging.Formatter):
    """A log formatter that writes every exception with `traceback_text`."""

    def formatException(self, ei: object) -> str:  # noqa: N802 - logging's name
        """The exception of a log record."""
        error = ei[1] if isinstance(ei, tuple) else None
        return traceback_text(error).rstrip() if isinstance(error, BaseException) else ""
