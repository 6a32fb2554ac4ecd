"""Runs each statement in its own task, on a connection logged in as its database user."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg

from wharfinger_sandbox.calls import CallLog
from wharfinger_sandbox.engine import Engine
from wharfinger_sandbox.engine.commands import Connection
from wharfinger_sandbox.logins import Login, LoginRefused
from wharfinger_sandbox.statements.cancellation import cancel_until_ended
from wharfinger_sandbox.statements.executor import ExecutionServices, connection_text
from wharfinger_sandbox.statements.history import History
from wharfinger_sandbox.statements.run import run_statement
from wharfinger_sandbox.statements.sessions import ConnectionSlot
from wharfinger_sandbox.statements.settings import Settings
from wharfinger_sandbox.statements.statement import Statement

log = logging.getLogger(__name__)

STOP_SECONDS = 5


class StatementRunner:
    """Starts, cancels and awaits statements. `connection_slot` enforces the users' CONNECTION LIMIT."""

    def __init__(
        self, engine: Engine, calls: CallLog, settings: Settings, history: History, connection_slot: ConnectionSlot
    ) -> None:
        self._engine = engine
        self._connection_slot = connection_slot
        self._services = ExecutionServices(engine, calls, settings, history)
        self._slots = asyncio.Semaphore(settings.running_statements)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._connections: dict[str, Connection] = {}

    @property
    def active(self) -> int:
        """The number of statements that are submitted or running."""
        return len(self._tasks)

    def start(self, statement: Statement) -> None:
        """Start `statement` in the background."""
        task = asyncio.create_task(self._run(statement))
        self._tasks[statement.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(statement.id, None))

    async def cancel(self, statement: Statement) -> None:
        """Cancel `statement`; returns when it has ended, ABORTED unless it ended by itself before."""
        statement.cancelled = True
        connection = self._connections.get(statement.id)
        if connection is not None:
            await cancel_until_ended(connection, statement)
        elif task := self._tasks.get(statement.id):
            task.cancel()
            await statement.ended.wait()

    async def stop(self) -> None:
        """Cancel all statements and wait up to STOP_SECONDS for their end."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            # A statement that does not end in time ends with the engine.
            await asyncio.wait(tasks, timeout=STOP_SECONDS)

    async def _run(self, statement: Statement) -> None:
        try:
            login = statement.origin.login
            if isinstance(login, LoginRefused):
                statement.end("FAILED", login.text)
                return
            statement.summary.set_status("PICKED")
            async with self._slots, self._connection(statement, login) as connection:
                self._connections[statement.id] = connection
                await run_statement(self._services, connection, statement, login)
        except LoginRefused as refused:
            statement.end("FAILED", refused.text)
        except psycopg.OperationalError as error:
            statement.end("FAILED", connection_text(error))
        except asyncio.CancelledError:
            statement.end("ABORTED")
            if not statement.cancelled:
                raise
        except Exception:
            statement.end("FAILED", "ERROR: internal error of the sandbox; see its log")
            log.exception("a statement failed because of an error in the sandbox")
        finally:
            self._connections.pop(statement.id, None)

    @asynccontextmanager
    async def _connection(self, statement: Statement, login: Login) -> AsyncIterator[Connection]:
        if statement.session is not None:
            yield await statement.session.connection(self._engine, self._connection_slot)
        else:
            async with (
                self._connection_slot(login),
                self._engine.lease(statement.origin.database, login.role) as connection,
            ):
                yield connection
