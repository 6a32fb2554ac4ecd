"""The transactions that the capabilities' stores use; each database backend implements them.

Stores use these instead of Django's `atomic`, which does not prevent concurrent writes on every database.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, cast


def exclusive() -> AbstractContextManager[None]:
    """One transaction, during which no other thread or process writes; see `core.storage.Transactions.exclusive`."""
    return cast(AbstractContextManager[None], _backend().exclusive())


def durable() -> AbstractContextManager[None]:
    """The same, and on disk when it has ended; see `core.storage.Transactions.durable`."""
    return cast(AbstractContextManager[None], _backend().durable())


def _backend() -> Any:
    from django.db import connections

    return connections["default"]
