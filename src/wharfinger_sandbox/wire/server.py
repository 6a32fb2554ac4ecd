"""The server of the wire port; each connection has its own task."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import socket
import ssl
import struct

from wharfinger_sandbox.dialect import Refused
from wharfinger_sandbox.logins import Login, LoginRefused
from wharfinger_sandbox.users import Users
from wharfinger_sandbox.wire import messages
from wharfinger_sandbox.wire.backend import BUFFER, Backend, send_cancel
from wharfinger_sandbox.wire.messages import ProtocolError
from wharfinger_sandbox.wire.recorder import RecordingServices, SessionRecorder
from wharfinger_sandbox.wire.relay import Relay
from wharfinger_sandbox.wire.session import WireSession
from wharfinger_sandbox.wire.startup import (
    CancelRequest,
    ClientConnection,
    ConnectionRefused,
    StartupRequest,
    authenticate,
)
from wharfinger_sandbox.wire.translator import Translator

STARTUP_SECONDS = 60

_NAME = re.compile(r"[a-z_][a-z0-9_.]*", re.IGNORECASE)

log = logging.getLogger(__name__)


class WireServer:
    """Serves the wire port on one listening socket until `stop`. `context` is the TLS context."""

    def __init__(self, services: RecordingServices, users: Users, context: ssl.SSLContext) -> None:
        self._services = services
        self._engine = services.engine
        self._users = users
        self._context = context
        self._sessions: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, listening: socket.socket) -> None:
        """Start the server; returns once it accepts connections."""
        self._server = await asyncio.start_server(self._accept, sock=listening, limit=BUFFER)

    async def stop(self) -> None:
        """Stop accepting connections and end the open ones."""
        if self._server is not None:
            self._server.close()
        sessions = list(self._sessions)
        for session in sessions:
            session.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = asyncio.create_task(self._session(ClientConnection(reader, writer)))
        self._sessions.add(session)
        session.add_done_callback(self._sessions.discard)

    async def _session(self, client: ClientConnection) -> None:
        try:
            await self._serve(client)
        except LoginRefused as refused:
            await _send_fatal(client, refused.sqlstate, refused.text.removeprefix("FATAL: "))
        except ConnectionRefused as refusal:
            await _send_fatal(client, refusal.sqlstate, refusal.text)
        except ProtocolError as error:
            await _send_fatal(client, "08P01", f"invalid frontend message: {error}")
        except asyncio.CancelledError:
            await _send_fatal(client, "57P01", "terminating connection due to administrator command")
        except (asyncio.IncompleteReadError, OSError, TimeoutError):
            # The client has closed the connection or rejected the certificate.
            log.debug("a wire connection ended early")
        except Exception:
            log.exception("a wire session failed inside the sandbox")
            await _send_fatal(client, "XX000", "internal error of the sandbox; see its log")
        finally:
            client.writer.close()

    async def _serve(self, client: ClientConnection) -> None:
        async with asyncio.timeout(STARTUP_SECONDS):
            request = await client.read_startup(self._context)
            if isinstance(request, CancelRequest):
                await send_cancel(self._engine.socket, request.pid, request.key)
                return
            login = await authenticate(client, request, self._users)
        async with self._users.connection_slot(login):
            translator = Translator(login, request.database)
            backend = await self._open(request, login, translator)
            backend.statuses.update(request.discovery)
            try:
                await client.send(_startup_messages(backend))
                recorder = SessionRecorder(self._services, login, request.database, backend.pid)
                session = WireSession(client, backend, self._services, translator, recorder)
                await Relay(session).run()
            finally:
                backend.close()

    async def _open(self, request: StartupRequest, login: Login, translator: Translator) -> Backend:
        """A connection to the engine with the settings of the startup packet. Raises ConnectionRefused."""
        parameters, statements = _settings(request, login, translator)
        backend = await Backend.connect(self._engine.socket, login, request.database, parameters)
        try:
            for statement in statements:
                await backend.run(statement)
        except BaseException:
            backend.close()
            raise
        return backend


def _settings(request: StartupRequest, login: Login, translator: Translator) -> tuple[dict[str, str], list[str]]:
    """Startup parameters for the engine, and statements for the settings that only Redshift has.

    Raises ConnectionRefused.
    """
    parameters, statements = dict(request.parameters), []
    if login.session_timeout:
        parameters["idle_session_timeout"] = f"{login.session_timeout}s"
    for name, value in request.settings.items():
        if not _NAME.fullmatch(name):
            raise ConnectionRefused("42704", f'unrecognized configuration parameter "{name}"')
        try:
            statement = translator.setting(name, value)
        except Refused as refused:
            raise ConnectionRefused(refused.sqlstate, refused.message) from None
        if statement is None:
            parameters[name] = value
        else:
            statements.append(statement)
    return parameters, statements


def _startup_messages(backend: Backend) -> bytes:
    statuses = b"".join(messages.parameter_status(name, value) for name, value in backend.statuses.items())
    key = messages.message(b"K", struct.pack("!I", backend.pid) + backend.key)
    return messages.authentication(messages.AUTH_OK) + statuses + key + messages.message(b"Z", b"I")


async def _send_fatal(client: ClientConnection, sqlstate: str, said: str) -> None:
    """Send the client a FATAL error, unless it has closed the connection."""
    with contextlib.suppress(OSError, asyncio.CancelledError):
        await client.send(messages.error(sqlstate, said, severity="FATAL"))
