"""Gathers the facts of a connection test: asks AWS, then the warehouse, and stops at the first failure."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import TypeVar

from wharfinger.connections.checks import stops
from wharfinger.connections.facts import Facts, Problem
from wharfinger.connections.model import Caller, Connection, Secrets, check_region
from wharfinger.connections.ports import ControlPlane, Opener
from wharfinger.core.errors import WharfingerError
from wharfinger.core.session import Outcome, Row, Session, Statement, Usage

T = TypeVar("T")

CURRENT_USER = Statement("select current_user", label="connection test: sign-in")
AFTER_SIGN_IN = (
    Statement("select current_database()", label="connection test: database"),
    Statement("select 1", label="connection test: query"),
    Statement("select count(*) from svv_all_schemas", label="connection test: catalog"),
    Statement('select "table" from svv_table_info limit 1', label="connection test: table-info"),
)


class Prober:
    """Asks AWS and the warehouse what a connection test needs to know."""

    def __init__(self, opener: Callable[[], Opener], control_plane: Callable[[], ControlPlane]) -> None:
        self._opener = opener
        self._control_plane = control_plane

    def facts(self, connection: Connection, secrets: Secrets, usage: Usage) -> Facts:
        """The facts of one test; those after a failed check are None. `usage` counts what it sends."""
        control_plane = self._control_plane()
        facts = Facts(known_regions=control_plane.known_regions())
        if check_region(connection.region) is None and connection.needs_aws:
            facts.region_trouble = control_plane.region_trouble(
                connection.region, connection.identity, secrets, connection.endpoint_url
            )
        for step in (self._identity, self._target, self._warehouse):
            if stops(connection, facts):
                break
            step(connection, secrets, usage, facts)
        return facts

    def _identity(self, connection: Connection, secrets: Secrets, _usage: Usage, facts: Facts) -> None:
        if connection.needs_aws:
            facts.caller = _ask(lambda: self._control_plane().caller_identity(connection, secrets))

    def _target(self, connection: Connection, secrets: Secrets, _usage: Usage, facts: Facts) -> None:
        if connection.sign_in == "password" and connection.host:
            return
        facts.target = _ask(lambda: self._control_plane().describe_target(connection, secrets))
        if isinstance(facts.target, Problem) and facts.target.kind == "not_found":
            found = _ask(
                lambda: self._control_plane().list_targets(
                    connection.region, connection.identity, secrets, connection.endpoint_url
                )
            )
            facts.others = () if isinstance(found, Problem) else found.targets

    def _warehouse(self, connection: Connection, secrets: Secrets, usage: Usage, facts: Facts) -> None:
        session = _ask(lambda: self._opener().open(connection, secrets, usage))
        if isinstance(session, Problem):
            facts.user = session
            return
        with closing(session):
            facts.user = _ask(lambda: str(session.run(CURRENT_USER).one()[0]), CURRENT_USER.label)
            if not isinstance(facts.user, Problem):
                _questions(session, facts)


def _questions(session: Session, facts: Facts) -> None:
    # Each outcome is read before the next one is fetched: its rows may not be readable afterwards.
    answers = [
        _ask(partial(_rows, outcome), AFTER_SIGN_IN[outcome.index].label) for outcome in session.run_all(AFTER_SIGN_IN)
    ]
    database, query, catalog, table_info = answers
    facts.database = database if isinstance(database, Problem) else str(database[0][0])
    facts.query = query if isinstance(query, Problem) else int(str(query[0][0]))
    facts.catalog = catalog if isinstance(catalog, Problem) else int(str(catalog[0][0]))
    facts.table_info = table_info if isinstance(table_info, Problem) else True


def _rows(outcome: Outcome) -> list[Row]:
    return list(outcome.unwrap())


def _ask(question: Callable[[], T], label: str = "") -> T | Problem:
    try:
        return question()
    except WharfingerError as error:
        return Problem.of(error, label)


def account_of(facts: Facts) -> str:
    """The AWS account that STS answered, or empty."""
    return facts.caller.account if isinstance(facts.caller, Caller) else ""
