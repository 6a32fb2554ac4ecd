"""The statements and sessions of the last 24 hours, and who may see them."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from wharfinger_sandbox.aws.caller import Caller
from wharfinger_sandbox.aws.errors import ApiError
from wharfinger_sandbox.logins import Login
from wharfinger_sandbox.statements.origin import Origin
from wharfinger_sandbox.statements.sessions import Session
from wharfinger_sandbox.statements.settings import Settings
from wharfinger_sandbox.statements.statement import Statement


def not_found(message: str, resource_id: str) -> ApiError:
    """A ResourceNotFoundException with `resource_id` as its ResourceId."""
    return ApiError("ResourceNotFoundException", message, members={"ResourceId": resource_id})


def is_visible(origin: Origin, caller: Caller, *, role_level: bool) -> bool:
    """Whether `caller` may see what `origin` started (redshift-facts §1.3).

    With `role_level`: everything of the caller's IAM user or role; without: only what this IAM session started.
    """
    return origin.owner == caller.owner and (role_level or origin.owner_session == caller.user_id)


class StatementRegistry:
    """Holds statements, sessions and client tokens for as long as the service does (redshift-facts §1.10)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # Ordered by age, so that expired entries are at the front.
        self._statements: OrderedDict[str, Statement] = OrderedDict()
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._tokens: OrderedDict[tuple[str, str], tuple[float, str]] = OrderedDict()

    def add(self, statement: Statement, caller: Caller, client_token: str | None) -> None:
        """Add a new statement, and remove expired entries."""
        self._remove_expired()
        self._statements[statement.id] = statement
        if client_token:
            self._tokens[caller.owner, client_token] = (time.time(), statement.id)

    def by_token(self, caller: Caller, client_token: str | None) -> Statement | None:
        """The statement of an earlier request with the same ClientToken, None when there is none within 8 hours.

        What the service does when the other members differ is not documented; here they are ignored.
        """
        when, id = self._tokens.get((caller.owner, client_token or ""), (0.0, ""))
        return self._statements.get(id) if time.time() - when < self._settings.token_seconds else None

    def find(self, id: str, caller: Caller) -> Statement:
        """The statement with the id or sub id `id`.

        Raises ApiError ResourceNotFoundException when there is none or it belongs to another identity.
        """
        statement = self._statements.get(id.partition(":")[0])
        if statement is None or statement.text(id) is None or not is_visible(statement.origin, caller, role_level=True):
            raise not_found("Query does not exist.", id)
        return statement

    def target(self, body: dict[str, Any]) -> dict[str, Any]:
        """The target members of a request: those of the session it names, else its own."""
        session = self._sessions.get(body.get("SessionId", ""))
        return session.origin.target if session else body

    def condition_keys(self, body: dict[str, Any]) -> dict[str, str | list[str]]:
        """The condition keys of the statement and the session that a request names (redshift-facts §1.11)."""
        keys: dict[str, str | list[str]] = {}
        if statement := self._statements.get(str(body.get("Id", "")).partition(":")[0]):
            keys["redshift-data:statement-owner-iam-userid"] = statement.origin.owner_session
        if session := self._sessions.get(body.get("SessionId", "")):
            keys["redshift-data:session-owner-iam-userid"] = session.origin.owner_session
        return keys

    def statements(self) -> Iterator[Statement]:
        """All statements, newest first."""
        return reversed(self._statements.values())

    async def wait(self, statement: Statement, seconds: float, *, limited: bool = True) -> None:
        """Wait until `statement` has ended, at most `seconds`.

        `limited`: raise ApiError ActiveWaitingRequestsExceededException when too many requests wait already. The
        request that starts a statement is not limited (redshift-facts §1.9).
        """
        if statement.ended.is_set():
            return
        if limited and statement.waiting >= self._settings.waiters_per_statement:
            raise ApiError(
                "ActiveWaitingRequestsExceededException", "The number of active waiting requests exceeded the limit."
            )
        statement.waiting += 1
        try:
            await asyncio.wait_for(statement.ended.wait(), seconds)
        except TimeoutError:
            return
        finally:
            statement.waiting -= 1

    def open_session(self, origin: Origin, login: Login, keep_alive: int) -> Session:
        """Open a session that closes `keep_alive` seconds after its last statement.

        Raises ApiError ActiveSessionsExceededException.
        """
        if sum(not session.closed for session in self._sessions.values()) >= self._settings.sessions:
            raise ApiError("ActiveSessionsExceededException", "The number of active sessions exceeded the limit.")
        session = Session(origin, login, keep_alive=keep_alive, max_seconds=self._settings.session_seconds)
        self._sessions[session.id] = session
        return session

    def session(self, id: str, caller: Caller) -> Session | None:
        """The caller's session `id`, open or closed; None when there is none."""
        session = self._sessions.get(id)
        return session if session and is_visible(session.origin, caller, role_level=True) else None

    async def end_session(self, id: str, *, forget: bool = False) -> None:
        """Close the session `id`, as the service does when it reclaims one. `forget` also removes it from the lists."""
        session = self._sessions.get(id)
        if session is not None:
            await session.close()
            if forget:
                del self._sessions[id]

    def sessions(self) -> Iterator[Session]:
        """All sessions, newest first."""
        return reversed(self._sessions.values())

    async def close(self) -> None:
        """Close all sessions and delete all results."""
        for session in self._sessions.values():
            await session.close()
        for statement in self._statements.values():
            statement.remove_results()

    def _remove_expired(self) -> None:
        limit = time.time() - self._settings.retention_seconds
        while statement := next(iter(self._statements.values()), None):
            if not statement.ended.is_set() or statement.summary.updated_at >= limit:
                break
            self._statements.pop(statement.id).remove_results()
        while session := next(iter(self._sessions.values()), None):
            if not session.closed or session.updated_at >= limit:
                break
            del self._sessions[session.id]
        while self._tokens and next(iter(self._tokens.values()))[0] < time.time() - self._settings.token_seconds:
            self._tokens.popitem(last=False)
