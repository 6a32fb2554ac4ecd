"""The entry point of the Data API: validates, authorises and dispatches its operations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from wharfinger_sandbox.aws.caller import Caller
from wharfinger_sandbox.calls import CallLog
from wharfinger_sandbox.data_api.execution import StatementExecution, check_target
from wharfinger_sandbox.data_api.inspection import StatementInspection
from wharfinger_sandbox.data_api.metadata import CatalogMetadata
from wharfinger_sandbox.data_api.registry import StatementRegistry
from wharfinger_sandbox.data_api.settings import Settings, SignIn
from wharfinger_sandbox.data_api.validation import validate_request
from wharfinger_sandbox.engine import Engine
from wharfinger_sandbox.statements.history import History
from wharfinger_sandbox.statements.runner import StatementRunner

Handler = Callable[[dict[str, Any], Caller], Awaitable[dict[str, Any]]]

# GetStatementResultV2 is authorised by the action GetStatementResult (redshift-facts §1.11).
ACTIONS = {"GetStatementResultV2": "GetStatementResult"}
OPERATIONS_WITH_TARGET = (
    "ExecuteStatement", "BatchExecuteStatement", "ListDatabases", "ListSchemas", "ListTables", "DescribeTable",
)  # fmt: skip


class DataApi:
    """The 12 operations of redshift-data 2019-12-20 (redshift-facts §1.2).

    Result files that an earlier process left in `settings.spool` are deleted.
    """

    def __init__(
        self, engine: Engine, calls: CallLog, sign_in: SignIn, settings: Settings, history: History | None = None
    ) -> None:
        settings.spool.mkdir(parents=True, exist_ok=True)
        for left_over in settings.spool.iterdir():
            left_over.unlink()
        self._sign_in = sign_in
        self._history = history or History(engine)
        self._runner = StatementRunner(engine, calls, settings, self._history, sign_in.connection_slot)
        self._registry = StatementRegistry(settings)
        execution = StatementExecution(self._runner, self._registry, sign_in, settings)
        inspection = StatementInspection(self._registry, engine)
        metadata = CatalogMetadata(engine, sign_in)
        self._handlers: dict[str, Handler] = {
            "ExecuteStatement": execution.execute,
            "BatchExecuteStatement": execution.execute,
            "CancelStatement": execution.cancel,
            "DescribeStatement": inspection.describe,
            "GetStatementResult": inspection.result,
            "GetStatementResultV2": inspection.result_v2,
            "ListStatements": inspection.list_statements,
            "ListSessions": inspection.list_sessions,
            "ListDatabases": metadata.databases,
            "ListSchemas": metadata.schemas,
            "ListTables": metadata.tables,
            "DescribeTable": metadata.describe_table,
        }

    async def handle(self, operation: str, body: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Run `operation` for `caller`; returns its output members for orjson (times are epoch seconds, blobs base64).

        Checks in the service's order: the form of `body`, the target, the permission `redshift-data:<operation>`.
        Raises ApiError.
        """
        body = validate_request(operation, body)
        resource = "*"
        if operation in OPERATIONS_WITH_TARGET:
            check_target(body, sessions=operation.endswith("ExecuteStatement"))
            resource = self._sign_in.resource(caller, self._registry.target(body))
        action = f"redshift-data:{ACTIONS.get(operation, operation)}"
        caller.require(action, resource, self._registry.condition_keys(body))
        return await self._handlers[operation](body, caller)

    async def end_session(self, id: str, *, forget: bool = False) -> None:
        """Close the session `id`, as the service does when it reclaims one. `forget` also removes it from the lists."""
        await self._registry.end_session(id, forget=forget)

    async def stop(self) -> None:
        """Cancel the running statements, close the sessions and delete the results."""
        await self._runner.stop()
        await self._registry.close()
        await self._history.stop()
