"""Rewords the engine's error messages as Redshift's (redshift-facts §7)."""

from __future__ import annotations

import re
from collections.abc import Callable

from wharfinger_sandbox.dialect.roles import GROUP_PREFIX, ROLE_PREFIX, SCOPE_PREFIX

_KINDS = "table|view|materialized view|sequence|index|foreign table"
Reworder = Callable[[re.Match[str]], tuple[str | None, str]]


def _plain(template: str, sqlstate: str | None = None) -> Reworder:
    return lambda match: (sqlstate, match.expand(template))


def _role(suffix: str) -> Reworder:
    """A rule that names the user, group or role behind the engine's role, followed by `suffix`."""

    def reword_role(match: re.Match[str]) -> tuple[str | None, str]:
        return None, f"{_identity(match.group(1))} {suffix}"

    return reword_role


def _identity(name: str) -> str:
    for prefix, kind in ((GROUP_PREFIX, "group"), (ROLE_PREFIX, "role")):
        if name.startswith(prefix):
            return f'{kind} "{name[len(prefix) :]}"'
    return f'user "{name}"'


_RULES: list[tuple[re.Pattern[str], Reworder]] = [
    (re.compile(rf"permission denied for (?:{_KINDS}) (.*)", re.DOTALL), _plain(r"permission denied for relation \1")),
    (re.compile(rf"must be owner of (?:{_KINDS}) (.*)", re.DOTALL), _plain(r"must be owner of relation \1")),
    (re.compile(r'role "(.*)" does not exist', re.DOTALL), _role("does not exist")),
    (re.compile(r'role "(.*)" already exists', re.DOTALL), _role("already exists")),
    (
        re.compile(r'cross-database references are not implemented: "?([^".]*).*', re.DOTALL),
        _plain(r'cross-database reference to "\1" is not supported by the sandbox', "0A000"),
    ),
    (
        # Redshift has hundreds of system views. The rule does not apply to names in other schemas.
        re.compile(r'relation "(?:pg_catalog\.)?((?:stl|stv|svl|svv|svcs|sys)_\w+)" does not exist'),
        _plain(r"the system view \1 is not supported by the sandbox", "0A000"),
    ),
    (
        re.compile(r'foreign-data wrapper "wf_external" has no handler'),
        _plain("reading an external table is not supported by the sandbox", "0A000"),
    ),
    (
        # dbt-redshift retries a statement with this message (redshift-facts §3.3).
        re.compile(r'tuple concurrently (?:updated|deleted)|duplicate key value violates unique constraint "pg_.*"'),
        _plain("could not complete because of conflict with concurrent transaction", "XX000"),
    ),
    # When two sessions create the same table at once, the second fails on the row type of the first one's table.
    (re.compile(r'type "(.*)" already exists', re.DOTALL), _plain(r'relation "\1" already exists', "42P07")),
    (
        re.compile(r'cannot insert a non-DEFAULT value into column "(.*)"', re.DOTALL),
        _plain("cannot set an identity column to a value"),
    ),
    (
        re.compile(r'permission denied to set role "(.*)"', re.DOTALL),
        _plain("permission denied to set session authorization", "42501"),
    ),
    (
        re.compile(r"OVER is not supported for ordered-set aggregate (.*)"),
        _plain(r"\1 as a window function is not supported by the sandbox", "0A000"),
    ),
    (re.compile(r"invalid input syntax for type json"), _plain("invalid input syntax for type super")),
    (re.compile(r"(.*)foreign table(.*)", re.DOTALL), _plain(r"\1external table\2")),
]
_ENGINE_NAMES = re.compile(rf'"(?:{GROUP_PREFIX}|{ROLE_PREFIX}|{SCOPE_PREFIX})([^"]*)"')
_ENGINE_FUNCTIONS = re.compile(r"\bwf_engine_")


def reword(sqlstate: str, message: str) -> tuple[str, str]:
    """`(sqlstate, message)` as Redshift reports it; unknown messages are returned unchanged."""
    for pattern, rule in _RULES:
        match = pattern.fullmatch(message)
        if match:
            new_state, message = rule(match)
            sqlstate = new_state or sqlstate
            break
    message = _ENGINE_FUNCTIONS.sub("", message)
    return sqlstate, _ENGINE_NAMES.sub(r'"\1"', message)
