"""Data API helpers: a boto3 client of a running sandbox, and a Data API in the test process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

import orjson
from tests.conftest import LAST_RESORT, Sandbox, wait_until
from tests.sandbox.front import aws

from wharfinger_sandbox.aws.caller import Caller
from wharfinger_sandbox.aws.policies import parse
from wharfinger_sandbox.calls import CallLog
from wharfinger_sandbox.data_api import DataApi, Settings
from wharfinger_sandbox.engine import Engine
from wharfinger_sandbox.logins import Login, LoginRefused

CLUSTER = {"ClusterIdentifier": "demo-cluster", "Database": "dev"}
ADMIN = {**CLUSTER, "DbUser": "awsuser"}
ENDED = ("FINISHED", "FAILED", "ABORTED")
T = TypeVar("T")


class DataApiClient:
    """Runs statements as one identity and reads their results."""

    def __init__(self, sandbox: Sandbox, identity: str = "admin", target: dict[str, str] | None = None) -> None:
        self.data = aws(sandbox, "redshift-data", identity)
        self.dsn = sandbox.ready["engine"]["dsn"]
        self.target = target or CLUSTER

    def run(self, sql: str, **members: Any) -> dict[str, Any]:
        """Execute one statement; returns its description at the end."""
        where = {} if "SessionId" in members else self.target
        started = self.data.execute_statement(Sql=sql, WaitTimeSeconds=30, **where, **members)
        return self.ended(started["Id"])

    def batch(self, *sqls: str, **members: Any) -> dict[str, Any]:
        """Execute a batch; returns its description at the end."""
        where = {} if "SessionId" in members else self.target
        started = self.data.batch_execute_statement(Sqls=list(sqls), WaitTimeSeconds=30, **where, **members)
        return self.ended(started["Id"])

    def ended(self, id: str) -> dict[str, Any]:
        """The description of a statement at its end, however long that takes."""
        described: dict[str, Any] = {}

        def has_ended() -> bool:
            described.update(self.data.describe_statement(Id=id, WaitTimeSeconds=30))
            return described["Status"] in ENDED

        wait_until(has_ended)
        return described

    def done(self, sql: str, **members: Any) -> dict[str, Any]:
        """`run`, and check that the statement finished."""
        described = self.run(sql, **members)
        assert described["Status"] == "FINISHED", described.get("Error")
        return described

    def rows(self, sql: str, **members: Any) -> list[list[Any]]:
        """All rows of a statement as Python values, None for NULL."""
        return self.rows_of(self.done(sql, **members)["Id"])

    def rows_of(self, id: str) -> list[list[Any]]:
        """All rows of a finished statement."""
        pages = self.data.get_paginator("get_statement_result").paginate(Id=id)
        return [[plain(field) for field in record] for page in pages for record in page["Records"]]

    def value(self, sql: str, **members: Any) -> Any:
        """The only value of a statement's result."""
        rows = self.rows(sql, **members)
        assert [len(row) for row in rows] == [1]
        return rows[0][0]


def plain(field: dict[str, Any]) -> Any:
    """The value of a Field, which has exactly one member."""
    ((member, value),) = field.items()
    return None if member == "isNull" else value


class OwnApi:
    """A Data API in the test process with small limits; every caller logs in as `awsuser`."""

    def __init__(self, engine: Engine, spool: Path, **settings: Any) -> None:
        self.calls = CallLog()
        self.engine = engine
        self.spool = spool
        self.refused: LoginRefused | None = None
        self.api = DataApi(engine, self.calls, self, Settings(spool=spool, **settings))

    def resource(self, caller: Caller, body: dict[str, Any]) -> str:
        del caller, body
        return "*"

    async def __call__(self, caller: Caller, body: dict[str, Any]) -> Login:
        del caller, body
        if self.refused:
            raise self.refused
        return Login("awsuser", "awsuser", superuser=True)

    def connection_slot(self, login: Login) -> AbstractAsyncContextManager[None]:
        del login
        return nullcontext()

    async def ask(self, operation: str, by: str = "somebody", session: str = "", **body: Any) -> dict[str, Any]:
        """Run an operation as the role `by` in the IAM session `session`."""
        allowed = parse({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
        caller = Caller(f"arn:aws:iam::1:role/{by}", "1", by, f"{by}:{session}", "role", policies=(allowed,))
        answer: dict[str, Any] = orjson.loads(orjson.dumps(await self.api.handle(operation, body, caller)))
        return answer

    async def execute(self, sql: str, **body: Any) -> dict[str, Any]:
        """Execute one statement in `dev`; with the longest wait, wait to its end."""
        where = {} if "SessionId" in body else CLUSTER
        answer = await self.ask("ExecuteStatement", Sql=sql, **where, **body)
        while body.get("WaitTimeSeconds") == 30 and answer["Status"] not in ENDED:
            answer |= await self.ask("DescribeStatement", Id=answer["Id"], WaitTimeSeconds=30)
        return answer

    async def started(self, sql: str) -> str:
        """Execute one statement and wait until it runs; returns its id."""
        id = str((await self.execute(sql))["Id"])
        while (await self.ask("DescribeStatement", Id=id))["Status"] != "STARTED":
            await asyncio.sleep(0.01)
        return id


class OwnEngine:
    """An engine in the test process with its own event loop, on which tests start Data APIs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="own-engine")
        self._thread.start()
        self.engine = self.run(Engine.start(folder))

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run `coroutine` in the engine's event loop and return its result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(timeout=LAST_RESORT)

    def with_api(self, use: Callable[[OwnApi], Awaitable[T]], **settings: Any) -> T:
        """Call `use` with a Data API that has these settings, and stop it afterwards."""

        async def whole() -> T:
            own = OwnApi(self.engine, self.folder / "spool", **settings)
            try:
                return await use(own)
            finally:
                await own.api.stop()

        return self.run(whole())

    def stop(self) -> None:
        """Stop the engine and the loop."""
        self.run(self.engine.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()
