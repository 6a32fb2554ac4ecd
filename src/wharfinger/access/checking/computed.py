"""Checks a user without acting as that user: computed from its rights, and marked so."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from wharfinger.access.checking.candidates import RawSchema, listed
from wharfinger.access.checking.report import result
from wharfinger.access.checking.trial import MOST_SCHEMAS, SYSTEM_VIEWS
from wharfinger.access.model import Grantee
from wharfinger.core.checks import Check, CheckStatus
from wharfinger.core.errors import Unavailable, WharfingerError
from wharfinger.core.names import quote_ident, quote_literal
from wharfinger.core.session import Session, Statement


class Computed:
    """The checks of `user` from has_*_privilege, which know groups but not what only a trial shows (§4.5)."""

    def __init__(self, session: Session, user: str, database: str) -> None:
        self._session = session
        self._user = user
        self._database = database

    def checks(self, schemas: list[RawSchema], named: Collection[str]) -> tuple[Check, ...]:
        """The three checks; `computed` where the answer is yes."""
        create = self._has("database", self._database, "create")
        views = all(self._has("table", view, "select") for view in SYSTEM_VIEWS[:4])
        fix = f"grant create on database {quote_ident(self._database)} to {Grantee('user', self._user).sql()}"
        return (
            self._select_raw(schemas if named else schemas[:MOST_SCHEMAS], named),
            result(
                "create-schema",
                _computed(create),
                f"may{'' if create else ' not'} create schemas",
                "" if create else fix,
            ),
            result("read-system-views", _computed(views), f"may{'' if views else ' not'} read system views"),
        )

    def _select_raw(self, schemas: list[RawSchema], named: Collection[str]) -> Check:
        if missing := sorted(set(named) - {one.schema for one in schemas}):
            return result("select-raw", "failed", f"no tables of others in {listed(missing)}")
        readable: list[str] = []
        closed: list[RawSchema] = []
        unknown: list[str] = []
        for one in schemas:
            usage = self._has("schema", one.schema, "usage")
            table = f"{quote_ident(one.schema)}.{quote_ident(one.tries[0])}"
            select = self._has("table", table, "select")
            if usage and select:
                readable.append(one.schema)
            elif usage is False or select is False:
                closed.append(replace(one, lacks_usage=usage is False, lacks_select=select is False))
            else:
                unknown.append(one.schema)
        if readable and not (named and (closed or unknown)):
            return result("select-raw", "computed", f"may select from {listed(readable)}")
        if unknown:
            why = f"{listed(unknown)}: this connection may not look into it, so nothing is known about other users"
            return result("select-raw", "failed", why)
        fix = closed[0].fix("schema") if closed else ""
        what = listed([closed[0].schema]) if named and closed else "no schema with tables of others"
        return result("select-raw", "failed", f"may {'not ' if named else ''}select from {what}", fix)

    def _has(self, kind: str, name: str, privilege: str) -> bool | None:
        """The function's answer; None when the connection's own user may not ask."""
        arguments = ", ".join(quote_literal(one) for one in (self._user, name, privilege))
        try:
            return bool(
                self._session.run(Statement(f"select has_{kind}_privilege({arguments})", label="check")).one()[0]
            )
        except Unavailable:
            raise
        except WharfingerError:
            return None


def _computed(yes: bool | None) -> CheckStatus:
    return "computed" if yes else "failed"
