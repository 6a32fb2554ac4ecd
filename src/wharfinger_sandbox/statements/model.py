"""One request to run SQL, and the one or more SQL texts it runs."""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from wharfinger_sandbox.statements.results import Result
    from wharfinger_sandbox.statements.sessions import Session
    from wharfinger_sandbox.users import Login, LoginRefused

Status = Literal["SUBMITTED", "PICKED", "STARTED", "FINISHED", "FAILED", "ABORTED"]
ENDED = ("FINISHED", "FAILED", "ABORTED")
NOT_RUN = "Connection or an prior query failed."
"""The Error of a batch member that never ran, in the service's own words."""


def now() -> float:
    """The time as the Data API gives it: epoch seconds, to the millisecond."""
    return round(time.time(), 3)


@dataclass(slots=True)
class SqlText:
    """One SQL text: the whole of an ExecuteStatement, or one member of a batch (`id` then ends in `:n`).

    `rows` are rows returned or affected, `size` bytes returned, both -1 while unknown; `seconds` None before it record.
    """

    id: str
    sql: str
    status: Status = "SUBMITTED"
    error: str | None = None
    created_at: float = field(default_factory=now)
    updated_at: float = field(default_factory=now)
    began: float | None = None
    seconds: float | None = None
    rows: int = -1
    size: int = -1
    query_id: int = 0
    query_uuid: str = ""
    result: Result | None = None

    @property
    def has_result_set(self) -> bool:
        """Whether it returned rows, be it none at all."""
        return self.result is not None

    @property
    def nanoseconds(self) -> int:
        """Its duration, so far while it runs; -1 before it starts."""
        if self.seconds is not None:
            return int(self.seconds * 1e9)
        return -1 if self.began is None else int((time.monotonic() - self.began) * 1e9)

    def set_status(self, status: Status) -> None:
        """Enter `status` now."""
        self.status = status
        self.updated_at = now()

    def start(self) -> None:
        """Note that it runs from now on."""
        self.began = time.monotonic()
        self.set_status("STARTED")

    def end(self, status: Status, error: str | None = None) -> None:
        """Note its end."""
        if self.began is not None:
            self.seconds = time.monotonic() - self.began
        self.error = error
        self.set_status(status)


@dataclass(slots=True)
class Origin:
    """Who asked and where: what the answers repeat and what the lists filter by.

    `owner` sees the statement; `owner_session` is the same for one IAM session only. `target` is the
    ClusterIdentifier or WorkgroupName member as given.
    """

    owner: str
    owner_session: str
    principal: str
    target: dict[str, str]
    database: str
    secret_arn: str | None
    login: Login | LoginRefused

    def document(self) -> dict[str, Any]:
        """The members that every answer about the statement repeats."""
        members: dict[str, Any] = {**self.target, "Database": self.database}
        if self.secret_arn is not None:
            members["SecretArn"] = self.secret_arn
        elif self.db_user:
            members["DbUser"] = self.db_user
        return members

    @property
    def db_user(self) -> str:
        """The database user, empty when the login was refused."""
        return getattr(self.login, "user", "")


@dataclass(slots=True)
class Statement:
    """One ExecuteStatement or BatchExecuteStatement."""

    origin: Origin
    sqls: list[str]
    is_batch: bool = False
    mode: Literal["TRANSACTION", "AUTO_COMMIT"] = "TRANSACTION"
    name: str | None = None
    parameters: list[dict[str, str]] = field(default_factory=list)
    result_format: Literal["JSON", "CSV"] = "JSON"
    session: Session | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    summary: SqlText = field(init=False)
    texts: list[SqlText] = field(init=False)
    pid: int = 0
    cancelled: bool = False
    waiting: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.summary = SqlText(self.id, "" if self.is_batch else self.sqls[0])
        self.texts = (
            [SqlText(f"{self.id}:{number}", sql) for number, sql in enumerate(self.sqls, 1)]
            if self.is_batch
            else [self.summary]
        )

    @property
    def status(self) -> Status:
        """The status of the whole."""
        return self.summary.status

    @property
    def has_result_set(self) -> bool:
        """For a batch: whether any member has one."""
        return any(text.has_result_set for text in self.texts)

    def text(self, id: str) -> SqlText | None:
        """The part that `id` names: the whole, or a member by its sub id."""
        if id == self.id:
            return self.summary
        return next((text for text in self.texts if text.id == id), None)

    def end(self, status: Status, error: str | None = None) -> None:
        """Note the end of the whole, once. A batch shows the sums of its members; those that never ran are aborted."""
        if self.is_batch:
            for text in self.texts:
                if text.status not in ENDED:
                    text.end("ABORTED", NOT_RUN)
            if status == "FINISHED":
                self.summary.rows = sum(max(text.rows, 0) for text in self.texts)
                self.summary.size = sum(max(text.size, 0) for text in self.texts)
        if self.summary.status not in ENDED:
            self.summary.end(status, error)
        if self.session is not None:
            self.session.finished()
        self.ended.set()

    def remove_results(self) -> None:
        """Remove what it returned."""
        for text in self.texts:
            if text.result is not None:
                text.result.remove()
