"""The service's limits (redshift-facts §1.10) and the folder for results."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """The folder `spool` for result files, which is emptied at start, and the limits. Times are seconds, sizes bytes.

    `running_statements` may run at the same time; further ones wait as SUBMITTED. `waiters_per_statement` requests may
    wait for one statement; the service's own number is not documented.
    """

    spool: Path
    statement_bytes: int = 100_000
    row_bytes: int = 64 * 1024
    result_bytes: int = 500 * 1024 * 1024
    page_bytes: int = 1024 * 1024
    active_statements: int = 500
    running_statements: int = 300
    sessions: int = 500
    session_seconds: int = 24 * 3600
    retention_seconds: int = 24 * 3600
    token_seconds: int = 8 * 3600
    waiters_per_statement: int = 10
