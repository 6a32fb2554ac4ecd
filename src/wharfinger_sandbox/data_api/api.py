"""The door of the Data API: operation name and JSON body in, JSON body out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from wharfinger_sandbox.aws.caller import Caller
from wharfinger_sandbox.calls import CallLog
from wharfinger_sandbox.data_api.executing import Executing, check_target
from wharfinger_sandbox.data_api.metadata import Metadata
from wharfinger_sandbox.data_api.reading import Reading
from wharfinger_sandbox.data_api.settings import Settings, SignIn
from wharfinger_sandbox.data_api.shelf import Shelf
from wharfinger_sandbox.data_api.validation import checked
from wharfinger_sandbox.engine import Engine
from wharfinger_sandbox.statements.history import History
from wharfinger_sandbox.statements.runner import Runner

Handler = Callable[[dict[str, Any], Caller], Awaitable[dict[str, Any]]]

# GetStatementResultV2 has no action of its own (redshift-facts §1.11).
ACTIONS = {"GetStatementResultV2": "GetStatementResult"}
ON_A_TARGET = (
    "ExecuteStatement", "BatchExecuteStatement", "ListDatabases", "ListSchemas", "ListTables", "DescribeTable",
)  # fmt: skip


class DataApi:
    """The 12 operations of redshift-data 2019-12-20."""

    def __init__(
        self, engine: Engine, calls: CallLog, sign_in: SignIn, settings: Settings, history: History | None = None
    ) -> None:
        settings.spool.mkdir(parents=True, exist_ok=True)
        for left_over in settings.spool.iterdir():
            left_over.unlink()
        self._sign_in = sign_in
        self._history = history or History(engine)
        self._runner = Runner(engine, calls, settings, self._history, sign_in.connected)
        self._shelf = Shelf(settings)
        executing = Executing(self._runner, self._shelf, sign_in, settings)
        reading = Reading(self._shelf, engine)
        metadata = Metadata(engine, sign_in)
        self._handlers: dict[str, Handler] = {
            "ExecuteStatement": executing.execute,
            "BatchExecuteStatement": executing.execute,
            "CancelStatement": executing.cancel,
            "DescribeStatement": reading.describe,
            "GetStatementResult": reading.result,
            "GetStatementResultV2": reading.result_v2,
            "ListStatements": reading.list_statements,
            "ListSessions": reading.list_sessions,
            "ListDatabases": metadata.databases,
            "ListSchemas": metadata.schemas,
            "ListTables": metadata.tables,
            "DescribeTable": metadata.describe_table,
        }

    async def handle(self, operation: str, body: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Answer `operation`; the result is ready for `json.dumps` (times are epoch seconds, blobs base64).

        The order of the checks is the service's: the request's form, the target, the right to
        `redshift-data:<operation>`. Raises ApiError.
        """
        body = checked(operation, body)
        resource = "*"
        if operation in ON_A_TARGET:
            check_target(body, sessions=operation.endswith("ExecuteStatement"))
            resource = self._sign_in.resource(caller, self._shelf.target(body))
        action = f"redshift-data:{ACTIONS.get(operation, operation)}"
        caller.require(action, resource, self._shelf.condition_keys(body))
        return await self._handlers[operation](body, caller)

    async def end_session(self, id: str, *, forget: bool = False) -> None:
        """Close a session as the service does when it reclaims one; `forget`: as if it had never been."""
        await self._shelf.end_session(id, forget=forget)

    async def stop(self) -> None:
        """Cancel what runs, close the sessions, remove the results."""
        await self._runner.stop()
        await self._shelf.clear()
        await self._history.stop()
