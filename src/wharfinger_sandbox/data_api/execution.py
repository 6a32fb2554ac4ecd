"""ExecuteStatement, BatchExecuteStatement and CancelStatement."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from wharfinger_sandbox.aws.caller import Caller
from wharfinger_sandbox.aws.errors import ApiError, validation
from wharfinger_sandbox.data_api.registry import StatementRegistry
from wharfinger_sandbox.data_api.settings import Settings, SignIn
from wharfinger_sandbox.logins import Login, LoginRefused
from wharfinger_sandbox.statements.origin import Origin
from wharfinger_sandbox.statements.parameters import bind
from wharfinger_sandbox.statements.runner import StatementRunner
from wharfinger_sandbox.statements.sessions import Session
from wharfinger_sandbox.statements.statement import Statement

TARGETS = ("ClusterIdentifier", "WorkgroupName")
LOGIN_MEMBERS = (*TARGETS, "Database", "DbUser", "SecretArn")


def check_target(body: dict[str, Any], *, sessions: bool = False) -> None:
    """Check that `body` names exactly one target and a database. Raises ApiError ValidationException.

    `sessions`: a SessionId may replace the target. Only the text for a missing target is known
    (redshift-facts §7.13); the texts for other combinations are unverified.
    """
    targets = [name for name in TARGETS if body.get(name)]
    if sessions and body.get("SessionId"):
        clash = [name for name in LOGIN_MEMBERS if body.get(name)]
        if clash:
            raise validation(f"{', '.join(clash)} must not be provided together with SessionId.")
        return
    if not targets:
        raise validation("Either ClusterIdentifier, WorkgroupName or SessionId must be provided.")
    if len(targets) > 1:
        raise validation("ClusterIdentifier and WorkgroupName must not be provided together.")
    if not body.get("Database"):
        raise validation("Database must be provided.")


class StatementExecution:
    """Starts and cancels statements."""

    def __init__(
        self, runner: StatementRunner, registry: StatementRegistry, sign_in: SignIn, settings: Settings
    ) -> None:
        self._runner = runner
        self._registry = registry
        self._sign_in = sign_in
        self._settings = settings

    async def execute(self, body: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """ExecuteStatement and, when `body` has Sqls, BatchExecuteStatement. WithEvent is accepted without effect.

        A request with a ClientToken that was used before gets that statement (redshift-facts §1.8). Raises ApiError.
        """
        known = self._registry.by_token(caller, body.get("ClientToken"))
        if known is None:
            statement = await self._new(body, caller)
            known = self._registry.by_token(caller, body.get("ClientToken")) or self._submit(statement, body, caller)
        if wait := body.get("WaitTimeSeconds"):
            await self._registry.wait(known, wait, limited=False)
        return _response(known)

    async def cancel(self, body: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """CancelStatement. Raises ApiError ValidationException for a statement that has ended."""
        statement = self._registry.find(body["Id"], caller)
        if not statement.ended.is_set():
            await self._runner.cancel(statement)
            if statement.status == "ABORTED":
                return {"Status": True}
        raise validation(f"Could not cancel a query that is already in {statement.status} state with ID: {body['Id']}")

    async def _new(self, body: dict[str, Any], caller: Caller) -> Statement:
        is_batch = "Sqls" in body
        sqls = body["Sqls"] if is_batch else [body["Sql"]]
        self._check_texts(sqls, body.get("Parameters", []))
        session, origin = await self._origin(body, caller)
        return Statement(
            origin=origin,
            sqls=sqls,
            is_batch=is_batch,
            mode=body.get("ExecutionMode", "TRANSACTION"),
            name=body.get("StatementName"),
            parameters=body.get("Parameters", []),
            result_format=body.get("ResultFormat", "JSON"),
            session=session,
        )

    def _submit(self, statement: Statement, body: dict[str, Any], caller: Caller) -> Statement:
        """Register and start `statement`. Raises ApiError when a limit is reached or the session is busy."""
        # No await in here: nothing may change between a check of a limit and the start.
        if self._runner.active >= self._settings.active_statements:
            raise ApiError("ActiveStatementsExceededException", "The number of active statements exceeded the limit.")
        session, keep_alive = statement.session, body.get("SessionKeepAliveSeconds")
        if session is None and keep_alive and isinstance(statement.origin.login, Login):
            session = statement.session = self._registry.open_session(
                statement.origin, statement.origin.login, keep_alive
            )
        elif session is not None:
            if session.status != "AVAILABLE":
                raise validation("Session is not available")
            if keep_alive is not None:
                session.keep_alive = keep_alive
        if session is not None:
            session.acquire(statement)
        self._registry.add(statement, caller, body.get("ClientToken"))
        self._runner.start(statement)
        return statement

    async def _origin(self, body: dict[str, Any], caller: Caller) -> tuple[Session | None, Origin]:
        if body.get("SessionId"):
            session = self._registry.session(body["SessionId"], caller)
            if session is None:
                raise validation(f"Session with Id: {body['SessionId']} is invalid")
            if session.status != "AVAILABLE":
                # This is the text for a reclaimed session (redshift-facts §7.34); for a busy one it is unverified.
                raise validation("Session is not available")
            return session, replace(session.origin, owner_session=caller.user_id, principal=caller.arn)
        login: Login | LoginRefused
        try:
            login = await self._sign_in(caller, body)
        except LoginRefused as refused:
            login = refused
        return None, Origin(
            owner=caller.owner,
            owner_session=caller.user_id,
            principal=caller.arn,
            target={name: body[name] for name in TARGETS if body.get(name)},
            database=body["Database"],
            secret_arn=body.get("SecretArn"),
            login=login,
        )

    def _check_texts(self, sqls: list[str], parameters: list[dict[str, str]]) -> None:
        for sql in sqls:
            if len(sql.encode()) > self._settings.statement_bytes:
                # The limit is documented (redshift-facts §1.10), the service's text is unverified.
                raise validation("Cannot process query string larger than 100kB.")
        if parameters:
            given = {one["name"]: one["value"] for one in parameters}
            used: set[str] = set().union(*(bind(sql, given)[2] for sql in sqls))
            unused = [name for name in given if name not in used]
            if unused:
                raise validation(
                    f"Parameters list contains unused parameters. Unused parameters: [{', '.join(unused)}]"
                )


def _response(statement: Statement) -> dict[str, Any]:
    answer = {
        "Id": statement.id,
        "CreatedAt": statement.summary.created_at,
        **statement.origin.document(),
        "Status": statement.status,
    }
    login = statement.origin.login
    if isinstance(login, Login) and login.groups:
        answer["DbGroups"] = list(login.groups)
    if statement.session is not None:
        answer["SessionId"] = statement.session.id
    if statement.pid:
        answer["RedshiftPid"] = statement.pid
    if statement.ended.is_set():
        answer["HasResultSet"] = statement.has_result_set
    return answer
