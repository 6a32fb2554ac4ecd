"""Names of tables that do not exist."""

from __future__ import annotations

from wharfinger.core.names import TableName
from wharfinger.jobs.model import Member

CONNECTION = "c" * 32


def table(name: str) -> TableName:
    return TableName("dev", "raw", name)


def member(name: str, signature: str = "s1") -> Member:
    return Member(table(name), signature)
