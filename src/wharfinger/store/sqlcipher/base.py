"""The backend itself: Django's SQLite backend with SQLCipher's module, connection and cursor in place of sqlite3's."""

from __future__ import annotations

import contextlib
import datetime
import decimal
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db import transaction
from django.db.backends.sqlite3 import base as sqlite
from django.db.backends.sqlite3._functions import register as register_functions  # type: ignore[import-untyped]
from django.utils.dateparse import parse_date, parse_datetime, parse_time
from sqlcipher3 import dbapi2

from wharfinger.store.sqlcipher import files

dbapi2.register_converter("bool", b"1".__eq__)
dbapi2.register_converter("date", sqlite.decoder(parse_date))
dbapi2.register_converter("time", sqlite.decoder(parse_time))
dbapi2.register_converter("datetime", sqlite.decoder(parse_datetime))
dbapi2.register_converter("timestamp", sqlite.decoder(parse_datetime))
dbapi2.register_adapter(decimal.Decimal, str)
dbapi2.register_adapter(datetime.date, sqlite.adapt_date)
dbapi2.register_adapter(datetime.datetime, sqlite.adapt_datetime)


class Cursor(dbapi2.Cursor):  # type: ignore[misc]  # sqlcipher3 carries no types
    """A SQLCipher cursor that takes Django's `%s` placeholders."""

    convert_query = sqlite.SQLiteCursorWrapper.convert_query

    def execute(self, query: str, params: Any = None) -> Any:
        """Run one statement with Django's placeholders."""
        if params is None:
            return super().execute(query)
        names = list(params) if isinstance(params, Mapping) else None
        return super().execute(self.convert_query(query, param_names=names), params)

    def executemany(self, query: str, param_list: Iterable[Any]) -> Any:
        """Run one statement for each member of `param_list`; Django sends sequences here, never mappings."""
        return super().executemany(self.convert_query(query), param_list)


class DatabaseWrapper(sqlite.DatabaseWrapper):
    """One thread's connection. After `open_database` of another home it reconnects to that home's file."""

    display_name = "SQLCipher"
    Database = dbapi2

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A fresh unlocked connection with Django's SQL functions."""
        options = {name: value for name, value in conn_params.items() if name not in ("database", "uri")}
        connection = files.connect(conn_params["database"], **options)
        register_functions(connection)
        self.opened_file = conn_params["database"]
        return connection

    def ensure_connection(self) -> None:
        """Connect if there is no connection; one that was opened for another home is closed first."""
        if self.connection is not None and self.opened_file != self.settings_dict["NAME"] and not self.in_atomic_block:
            self.close()
        super().ensure_connection()

    def create_cursor(self, name: str | None = None) -> Any:  # noqa: ARG002 - Django's signature
        """A cursor that takes Django's placeholders."""
        return self.connection.cursor(Cursor)

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """See `core.storage.Transactions.exclusive`.

        The settings' transaction mode IMMEDIATE takes SQLite's one write lock before anything is read.
        """
        with transaction.atomic(using=self.alias):
            yield

    @contextlib.contextmanager
    def durable(self) -> Iterator[None]:
        """See `core.storage.Transactions.durable`.

        In WAL mode `synchronous = normal` survives a killed process, but only `full` survives a power failure
        (https://www.sqlite.org/pragma.html#pragma_synchronous).
        """
        if self.in_atomic_block:
            raise RuntimeError("a durable transaction cannot be a part of another one")
        self._synchronous("full")
        try:
            with transaction.atomic(using=self.alias, durable=True):
                yield
        finally:
            self._synchronous("normal")

    def _synchronous(self, mode: str) -> None:
        with self.cursor() as cursor:
            cursor.execute(f"pragma synchronous = {mode}")
