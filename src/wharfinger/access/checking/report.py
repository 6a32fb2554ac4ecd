"""The result of `access check`: the shared report, with the user it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wharfinger.access.model import Note
from wharfinger.core.checks import Check, CheckStatus, Report

CheckId = Literal["select-raw", "create-schema", "read-system-views"]

Way = Literal["itself", "session authorization", "db-user", "computed"]
"""How the checks were made: the connection's user is the user; SET SESSION AUTHORIZATION; temporary credentials of the
user; or computed from its rights, without acting as the user."""


@dataclass(frozen=True, slots=True)
class UserReport(Report):
    """The checks of one user, the way they were made, and notes on that."""

    user: str
    way: Way
    notes: tuple[Note, ...] = ()


def result(id: CheckId, status: CheckStatus, detail: str, fix: str = "") -> Check:
    """One check of a user; `fix` is SQL that fixes a failure."""
    return Check(id, status, detail, fix=fix)
