"""How statements are sent: as many in one request as the Data API accepts, and what that costs. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wharfinger.core.names import needs_case
from wharfinger.core.session import Statement

MAX_STATEMENT_BYTES = 100_000
"""The Data API accepts 100 KB of text (redshift-facts §1.10). KB is 1,000 or 1,024 bytes (unverified): the less."""

MAX_BATCH = 40
"""Statements in one batch (redshift-facts §1.4)."""

MAX_BATCH_BYTES = MAX_STATEMENT_BYTES
"""Whether the 100 KB are for each text of a batch or for all is unverified, so all together stay below."""

Numbered = tuple[int, Statement]


@dataclass(frozen=True, slots=True)
class Cost:
    """SQL texts sent to the warehouse, and API requests."""

    statements: int = 0
    api_calls: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.statements + other.statements, self.api_calls + other.api_calls)


def batches(statements: Sequence[Statement]) -> Iterator[list[Numbered]]:
    """Neighbours that can share a request. A statement with parameters, or one that is too long, is sent alone."""
    most = MAX_BATCH - any(needs_case(statement.sql) for statement in statements)
    group: list[Numbered] = []
    size = 0
    for numbered in enumerate(statements):
        statement = numbered[1]
        length = len(statement.sql.encode())
        alone = bool(statement.parameters) or length > MAX_BATCH_BYTES or not statement.sql.strip()
        if group and (alone or len(group) == most or size + length > MAX_BATCH_BYTES):
            yield group
            group, size = [], 0
        if alone:
            yield [numbered]
        else:
            group.append(numbered)
            size += length
    if group:
        yield group


def fit_one_batch(statements: Sequence[Statement]) -> bool:
    """Parameters of a batch are for all its members (redshift-facts §1.4), so a statement with its own goes alone."""
    size = sum(len(statement.sql.encode()) for statement in statements)
    return (
        len(statements) <= MAX_BATCH
        and size <= MAX_BATCH_BYTES
        and not any(statement.parameters for statement in statements)
    )


def cost_of(statements: Sequence[Statement]) -> Cost:
    """What it takes to run statements by `Session.run_all` and to fetch a page of each one's result.

    KEEP_CASE precedes a batch that names something with capitals. One DescribeStatement is counted for a batch, none
    for a single statement: its own answer says how it ended unless it takes long.
    """
    cost = Cost()
    for group in batches(statements):
        keeps_case = any(needs_case(statement.sql) for _, statement in group)
        together = len(group) > 1 or keeps_case
        cost += Cost(len(group) + keeps_case, len(group) + (2 if together else 1))
    return cost
