"""The wire port's server: one task for each connection, from its first byte to its last."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import socket
import ssl
import struct

from wharfinger_sandbox.dialect import Refused
from wharfinger_sandbox.users import Login, LoginRefused, Users
from wharfinger_sandbox.wire import messages
from wharfinger_sandbox.wire.backend import BUFFER, Backend, send_cancel
from wharfinger_sandbox.wire.messages import ProtocolError
from wharfinger_sandbox.wire.record import Journals, Recorder
from wharfinger_sandbox.wire.relay import Relay
from wharfinger_sandbox.wire.startup import CancelWish, Client, Refusal, Wish, authenticate
from wharfinger_sandbox.wire.statements import Translator

STARTUP_SECONDS = 60

_NAME = re.compile(r"[a-z_][a-z0-9_.]*", re.IGNORECASE)

log = logging.getLogger(__name__)


class WireServer:
    """Serves the wire port on one bound socket until `stop`."""

    def __init__(self, journals: Journals, users: Users, context: ssl.SSLContext) -> None:
        self._journals = journals
        self._engine = journals.engine
        self._users = users
        self._context = context
        self._sessions: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, listening: socket.socket) -> None:
        """Returns once connections are taken."""
        self._server = await asyncio.start_server(self._accept, sock=listening, limit=BUFFER)

    async def stop(self) -> None:
        """Take no more connections and end those there are."""
        if self._server is not None:
            self._server.close()
        sessions = list(self._sessions)
        for session in sessions:
            session.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = asyncio.create_task(self._session(Client(reader, writer)))
        self._sessions.add(session)
        session.add_done_callback(self._sessions.discard)

    async def _session(self, client: Client) -> None:
        try:
            await self._serve(client)
        except LoginRefused as refused:
            await _goodbye(client, refused.sqlstate, refused.text.removeprefix("FATAL: "))
        except Refusal as refusal:
            await _goodbye(client, refusal.sqlstate, refusal.text)
        except ProtocolError as error:
            await _goodbye(client, "08P01", f"invalid frontend message: {error}")
        except asyncio.CancelledError:
            await _goodbye(client, "57P01", "terminating connection due to administrator command")
        except (asyncio.IncompleteReadError, OSError, TimeoutError):
            # The client has gone, or did not like our certificate: it knows why.
            log.debug("a wire connection ended early")
        except Exception:
            log.exception("a wire session failed inside the sandbox")
            await _goodbye(client, "XX000", "internal error of the sandbox; its log says more")
        finally:
            client.writer.close()

    async def _serve(self, client: Client) -> None:
        async with asyncio.timeout(STARTUP_SECONDS):
            wish = await client.first(self._context)
            if isinstance(wish, CancelWish):
                await send_cancel(self._engine.socket, wish.pid, wish.key)
                return
            login = await authenticate(client, wish, self._users)
        async with self._users.connected(login):
            translator = Translator(login, wish.database)
            backend = await self._open(wish, login, translator)
            backend.statuses.update(wish.discovery)
            try:
                await client.send(_welcome(backend))
                recorder = Recorder(self._journals, login, wish.database, backend.pid)
                await Relay(client, backend, self._journals, translator, recorder).run()
            finally:
                backend.close()

    async def _open(self, wish: Wish, login: Login, translator: Translator) -> Backend:
        """The engine connection, with the settings the client asked for at its start."""
        parameters, statements = _settings(wish, login, translator)
        backend = await Backend.connect(self._engine.socket, login, wish.database, parameters)
        try:
            for statement in statements:
                await backend.run(statement)
        except BaseException:
            backend.close()
            raise
        return backend


def _settings(wish: Wish, login: Login, translator: Translator) -> tuple[dict[str, str], list[str]]:
    """Startup parameters for the engine, and statements for the settings only Redshift has. Raises Refusal."""
    parameters, statements = dict(wish.parameters), []
    if login.session_timeout:
        parameters["idle_session_timeout"] = f"{login.session_timeout}s"
    for name, value in wish.settings.items():
        if not _NAME.fullmatch(name):
            raise Refusal("42704", f'unrecognized configuration parameter "{name}"')
        try:
            statement = translator.setting(name, value)
        except Refused as refused:
            raise Refusal(refused.sqlstate, refused.message) from None
        if statement is None:
            parameters[name] = value
        else:
            statements.append(statement)
    return parameters, statements


def _welcome(backend: Backend) -> bytes:
    statuses = b"".join(messages.parameter_status(name, value) for name, value in backend.statuses.items())
    key = messages.message(b"K", struct.pack("!I", backend.pid) + backend.key)
    return messages.authentication(messages.AUTH_OK) + statuses + key + messages.message(b"Z", b"I")


async def _goodbye(client: Client, sqlstate: str, said: str) -> None:
    """Tell the client why, unless it has gone."""
    with contextlib.suppress(OSError, asyncio.CancelledError):
        await client.send(messages.error(sqlstate, said, severity="FATAL"))
