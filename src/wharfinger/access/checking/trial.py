"""Checks a user by acting as that user: each check is tried for real and rolled back."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from wharfinger.access.checking.candidates import (
    RawSchema,
    can_create_in,
    first_holder,
    holders,
    listed,
    open_group,
)
from wharfinger.access.checking.report import result
from wharfinger.access.model import Grantee
from wharfinger.access.state.live import Live
from wharfinger.core.checks import Check
from wharfinger.core.errors import Unavailable, WharfingerError
from wharfinger.core.names import quote_ident
from wharfinger.core.session import Session, Statement

MOST_SCHEMAS = 20
"""The most schemas that are tried when none is named; of named ones each is tried."""

SYSTEM_VIEWS = (
    "information_schema.tables", "information_schema.columns", "pg_catalog.pg_class", "pg_catalog.pg_namespace",
    "svv_tables", "svv_columns",
)  # fmt: skip
TABLE_INFO = "svv_table_info"
_POSITION = re.compile(r" \(Position: \d+\)\Z")


class Trial:
    """The checks, tried in a session that acts as `user`; everything that they create is rolled back."""

    def __init__(self, session: Session, user: str, database: str, live: Live | None) -> None:
        self._session = session
        self._user = user
        self._database = database
        self._live = live
        self._who = holders(live.state, user) if live else [Grantee("user", user)]

    def select_raw(self, schemas: list[RawSchema], named: Collection[str]) -> Check:
        """Whether raw data can be read."""
        if missing := sorted(set(named) - {one.schema for one in schemas}):
            return result("select-raw", "failed", f"no tables of others in {listed(missing)}")
        granted = [one for one in schemas if one.extent != "closed"]
        tried = schemas if named else (granted or schemas)[:MOST_SCHEMAS]
        failures = [(one, refusal) for one in tried if (refusal := self._refusal_in(one))]
        opened = [one.schema for one in tried if one.schema not in {failed.schema for failed, _ in failures}]
        wrong = [pair for pair in failures if named or not opened or pair[0].extent in ("open", "half")]
        if not wrong:
            detail = f"selects from {listed(opened)}" if opened else "there are no tables of others to select from"
            return result("select-raw", "passed" if opened else "failed", detail)
        failed, refusal = wrong[0]
        return result(
            "select-raw", "failed", f"{listed([failed.schema])}: {refusal}", self._fix(failed, refusal, named)
        )

    def create_schema(self) -> Check:
        """Whether schemas can be made, or tables in an existing schema."""
        name = f"wharfinger_check_{uuid.uuid4().hex[:12]}"
        refusal = self._refusal_rolled_back(f"create schema {quote_ident(name)}")
        if not refusal:
            return result("create-schema", "passed", f"creates schemas in {listed([self._database])}")
        for schema in can_create_in(self._live, self._database, self._who) if self._live else []:
            if not self._refusal_rolled_back(f"create table {quote_ident(schema)}.{quote_ident(name)} (n int)"):
                return result("create-schema", "passed", f"creates tables in {listed([schema])}, no schemas: {refusal}")
        to = first_holder(self._who).sql()
        return result(
            "create-schema", "failed", refusal, f"grant create on database {quote_ident(self._database)} to {to}"
        )

    def read_system_views(self) -> Check:
        """Whether the views can be read that dbt uses to document a warehouse."""
        for view in SYSTEM_VIEWS:
            if refusal := self._refusal(f"select 1 from {view} limit 1"):
                fix = f"grant select on {view} to {first_holder(self._who).sql()}"
                return result("read-system-views", "failed", refusal, fix)
        detail = "reads information_schema and pg_catalog"
        if self._refusal(f"select 1 from {TABLE_INFO} limit 0"):
            grant = f"grant select on {TABLE_INFO} to {first_holder(self._who).sql()}"
            detail += f"; for row counts and sizes in dbt's documentation: {grant}"
        return result("read-system-views", "passed", detail)

    def _refusal_in(self, one: RawSchema) -> str:
        for table in one.tries:
            if refusal := self._refusal(f"select 1 from {quote_ident(one.schema)}.{quote_ident(table)} limit 1"):
                return refusal
        return ""

    def _fix(self, one: RawSchema, refusal: str, named: Collection[str]) -> str:
        if self._live and one.extent == "closed":
            group = open_group(self._live, self._database, self._user, named)
            if group:
                return f"alter group {quote_ident(group)} add user {quote_ident(self._user)}"
        return one.fix(refusal)

    def _refusal(self, text: str) -> str:
        """Redshift's message when it refuses a statement; empty when the statement runs."""
        try:
            list(self._session.run(Statement(text, label="check")))
        except Unavailable:
            raise
        except WharfingerError as error:
            return _POSITION.sub("", error.why or error.what)
        return ""

    def _refusal_rolled_back(self, text: str) -> str:
        with _rolled_back(self._session):
            return self._refusal(text)


@contextmanager
def _rolled_back(session: Session) -> Iterator[None]:
    session.run(Statement("begin", label="check"))
    try:
        yield
    finally:
        session.run(Statement("rollback", label="check"))
