"""DescribeStatement, GetStatementResult, GetStatementResultV2, ListStatements and ListSessions."""

from __future__ import annotations

from typing import Any

from wharfinger_sandbox.aws.caller import Caller
from wharfinger_sandbox.aws.errors import validation
from wharfinger_sandbox.data_api import paging
from wharfinger_sandbox.data_api.execution import TARGETS
from wharfinger_sandbox.data_api.registry import StatementRegistry, is_visible, not_found
from wharfinger_sandbox.engine import Engine
from wharfinger_sandbox.statements.column_sources import add_sources
from wharfinger_sandbox.statements.columns import csv_cell
from wharfinger_sandbox.statements.results import Result
from wharfinger_sandbox.statements.sessions import Session
from wharfinger_sandbox.statements.sql_text import SqlText
from wharfinger_sandbox.statements.statement import Statement

MOST_LISTED = 100
NO_RESULT = "Query does not have result. Please check query status with DescribeStatement."


class StatementInspection:
    """Reads statements, results and sessions. Every operation raises ApiError (redshift-facts §1.9)."""

    def __init__(self, registry: StatementRegistry, engine: Engine) -> None:
        self._registry = registry
        self._engine = engine

    async def describe(self, body: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """DescribeStatement, after waiting for WaitTimeSeconds."""
        statement = await self._after_waiting(body, caller)
        text = statement.text(body["Id"]) or statement.summary
        answer = {
            **_text_document(text),
            **statement.origin.document(),
            "RedshiftPid": statement.pid,
            "ResultFormat": statement.result_format,
        }
        if statement.parameters:
            answer["QueryParameters"] = statement.parameters
        if statement.session is not None:
            answer["SessionId"] = statement.session.id
        if statement.is_batch:
            answer["ExecutionMode"] = statement.mode
            if text is statement.summary:
                answer["HasResultSet"] = statement.has_result_set
                answer["SubStatements"] = [_text_document(one) for one in statement.texts]
        return answer

    async def result(self, body: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """GetStatementResult: one page of records as JSON."""
        statement, result = await self._result(body, caller, "JSON")
        number, next_token = self._page(body, result)
        return {"Records": result.page(number), **await self._about(statement, result), **next_token}

    async def result_v2(self, body: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """GetStatementResultV2: one page as CSV text. That it has no header line is unverified."""
        statement, result = await self._result(body, caller, "CSV")
        number, next_token = self._page(body, result)
        lines = [",".join(map(csv_cell, record)) + "\r\n" for record in result.records(number)]
        return {
            "Records": [{"CSVRecords": "".join(lines)}],
            "ResultFormat": "CSV",
            **await self._about(statement, result),
            **next_token,
        }

    async def list_statements(self, body: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """ListStatements: newest first, only FINISHED ones unless `body` has a Status."""
        _one_target(body)
        status = body.get("Status", "FINISHED")
        found = [
            statement
            for statement in self._registry.statements()
            if is_visible(statement.origin, caller, role_level=body.get("RoleLevel", True))
            and status in ("ALL", statement.status)
            and (statement.name or "").startswith(body.get("StatementName", ""))
            and _matches(statement.origin.target, statement.origin.database, body)
        ]
        return paging.list_response("Statements", found, body, _statement_data, most=MOST_LISTED)

    async def list_sessions(self, body: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """ListSessions: newest first, only open ones unless `body` has a Status."""
        if "SessionId" in body:
            clash = [name for name in ("Status", "Database", *TARGETS) if name in body]
            if clash:
                raise validation(f"{', '.join(clash)} must not be provided together with SessionId.")
            one = self._registry.session(body["SessionId"], caller)
            if one is None:
                raise not_found(f"Session with Id: {body['SessionId']} does not exist.", body["SessionId"])
            return {"Sessions": [_session_data(one)]}
        _one_target(body)
        statuses = (body["Status"],) if "Status" in body else ("AVAILABLE", "BUSY")
        found = [
            session
            for session in self._registry.sessions()
            if is_visible(session.origin, caller, role_level=body.get("RoleLevel", True))
            and session.status in statuses
            and _matches(session.origin.target, session.origin.database, body)
        ]
        return paging.list_response("Sessions", found, body, _session_data, most=MOST_LISTED)

    async def _after_waiting(self, body: dict[str, Any], caller: Caller) -> Statement:
        statement = self._registry.find(body["Id"], caller)
        if wait := body.get("WaitTimeSeconds"):
            await self._registry.wait(statement, wait)
        return statement

    async def _result(self, body: dict[str, Any], caller: Caller, wanted: str) -> tuple[Statement, Result]:
        statement = await self._after_waiting(body, caller)
        text = statement.text(body["Id"])
        if text is None or text.status != "FINISHED" or text.result is None:
            raise not_found(NO_RESULT, body["Id"])
        if statement.result_format != wanted:
            operation = "GetStatementResult" if wanted == "CSV" else "GetStatementResultV2"
            raise validation(f"The result format of the statement is {statement.result_format}. Use {operation}.")
        return statement, text.result

    def _page(self, body: dict[str, Any], result: Result) -> tuple[int, dict[str, str]]:
        number = paging.position(body.get("NextToken"), body["Id"])
        if number >= result.page_count:
            raise validation("Invalid NextToken.")
        more = number + 1 < result.page_count
        return number, {"NextToken": paging.token(number + 1, body["Id"])} if more else {}

    async def _about(self, statement: Statement, result: Result) -> dict[str, Any]:
        await add_sources(self._engine, statement.origin.database, result)
        return {"ColumnMetadata": [column.metadata() for column in result.columns], "TotalNumRows": result.rows}


def _text_document(text: SqlText) -> dict[str, Any]:
    document: dict[str, Any] = {
        "Id": text.id,
        "CreatedAt": text.created_at,
        "UpdatedAt": text.updated_at,
        "Status": text.status,
        "Duration": text.nanoseconds,
        "HasResultSet": text.has_result_set,
        "RedshiftQueryId": text.query_id,
        "ResultRows": text.rows,
        "ResultSize": text.size,
    }
    if text.query_uuid:
        document["RedshiftQueryUuid"] = text.query_uuid
    if text.sql:
        document["QueryString"] = text.sql
    if text.error:
        document["Error"] = text.error
    return document


def _one_target(body: dict[str, Any]) -> None:
    if all(body.get(name) for name in TARGETS):
        raise validation("ClusterIdentifier and WorkgroupName must not be provided together.")


def _matches(target: dict[str, str], database: str, body: dict[str, Any]) -> bool:
    wanted = {name: body[name] for name in TARGETS if body.get(name)}
    return (not wanted or target == wanted) and body.get("Database") in (None, database)


def _statement_data(statement: Statement) -> dict[str, Any]:
    data: dict[str, Any] = {
        "Id": statement.id,
        "CreatedAt": statement.summary.created_at,
        "UpdatedAt": statement.summary.updated_at,
        "Status": statement.status,
        "IsBatchStatement": statement.is_batch,
        "ResultFormat": statement.result_format,
    }
    data |= {"QueryStrings": statement.sqls} if statement.is_batch else {"QueryString": statement.sqls[0]}
    optional = {
        "StatementName": statement.name,
        "SecretArn": statement.origin.secret_arn,
        "QueryParameters": statement.parameters,
        "SessionId": statement.session and statement.session.id,
    }
    return data | {name: value for name, value in optional.items() if value}


def _session_data(session: Session) -> dict[str, Any]:
    data: dict[str, Any] = {
        "SessionId": session.id,
        "Status": session.status,
        "CreatedAt": session.created_at,
        "UpdatedAt": session.updated_at,
        "Database": session.origin.database,
        "DbUser": session.login.user,
        "SessionAliveSeconds": session.keep_alive,
        "SessionTtl": session.ttl,
        **session.origin.target,
    }
    if session.status == "BUSY" and session.current is not None:
        data["CurrentStatementId"] = session.current.id
    return data
