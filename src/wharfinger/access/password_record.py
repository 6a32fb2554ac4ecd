"""What Wharfinger itself did to the passwords of users, because no view of Redshift shows whether one exists.

`pg_user.passwd` is masked (redshift-facts §4.5.8). So the home records what it did last; what others did since is not
known. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from wharfinger.access.model import User
from wharfinger.connections.model import Connection

PasswordState = Literal["set", "disabled", "unknown"]
"""`unknown`: a statement was sent that changes the password, and it is not known whether it took effect."""


@dataclass(frozen=True, slots=True)
class PasswordRecord:
    """What was last done to the password of `user`, whose usesysid was `user_id` then, and when."""

    user: str
    user_id: int
    state: PasswordState
    at: datetime

    def is_about(self, user: User) -> bool:
        """Whether it is about this live user: one made later under the same name has another usesysid.

        Whether Redshift ever gives a usesysid again is unverified; notes therefore say what the record cannot prove.
        """
        return (self.user, self.user_id) == (user.name, user.id)


PasswordRecords = Mapping[str, PasswordRecord]
"""The records of one warehouse by user."""


def may_be_same_warehouse(one: Connection, other: Connection) -> bool:
    """Whether two connections can lead to one warehouse: their targets have the same kind and name."""
    return (one.target_kind, one.target) == (other.target_kind, other.target)


def is_same_warehouse(one: Connection, other: Connection) -> bool:
    """Whether two connections lead to one warehouse for certain.

    Clusters of two accounts or regions can have one name, so the account or the host must be known and the same.
    """
    if one.id == other.id:
        return True
    same_place = (one.region, one.endpoint_url) == (other.region, other.endpoint_url)
    same_account = bool(one.account_id) and one.account_id == other.account_id
    same_host = bool(one.host) and (one.host, one.port) == (other.host, other.port)
    return may_be_same_warehouse(one, other) and same_place and (same_account or same_host)


def newest(certain: list[PasswordRecord], possible: list[PasswordRecord]) -> dict[str, PasswordRecord]:
    """The records that hold for a warehouse, by user.

    `certain` were made through connections to it, `possible` through connections that may lead to it. A possible
    one proves nothing, but when it is newer and says that a password was set, an older proof no longer holds.
    """
    found: dict[str, PasswordRecord] = {}
    for record in sorted(certain, key=lambda one: one.at):
        found[record.user] = record
    for record in sorted(possible, key=lambda one: one.at):
        known = found.get(record.user)
        if known is not None and known.at < record.at and record.state != "disabled" and known.state == "disabled":
            found[record.user] = PasswordRecord(record.user, known.user_id, "unknown", record.at)
    return found
