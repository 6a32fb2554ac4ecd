"""Names the connection in errors of work that uses several."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy

from wharfinger.connections.model import Connection
from wharfinger.core.errors import WharfingerError


@contextmanager
def naming(connection: Connection) -> Iterator[None]:
    """Errors of the block name `connection` in their subject.

    For work that uses several connections only: elsewhere the name was typed, and a stored error would keep an old one.
    """
    try:
        yield
    except WharfingerError as error:
        named = copy(error)
        named.subject = f"connection {connection.name}" + (f", {error.subject}" if error.subject else "")
        raise named from error
