"""Relays a wire session after the login: Redshift's SQL to the engine, the engine's responses to the client."""

from __future__ import annotations

import asyncio
import contextlib

from wharfinger_sandbox.wire.backend import BUFFER
from wharfinger_sandbox.wire.client_messages import ClientMessages
from wharfinger_sandbox.wire.engine_messages import EngineMessages
from wharfinger_sandbox.wire.pending import CANCELED
from wharfinger_sandbox.wire.scanner import Scanner
from wharfinger_sandbox.wire.session import WireSession


class Relay:
    """Relays the messages of one session in both directions until one side closes its connection."""

    def __init__(self, session: WireSession) -> None:
        self._session = session

    async def run(self) -> None:
        """Returns when the client or the engine has closed its connection. Raises ProtocolError."""
        pumps = [asyncio.create_task(self._from_client()), asyncio.create_task(self._from_engine())]
        try:
            done, _ = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            await self._end()
        for pump in done:
            pump.result()

    async def _end(self) -> None:
        """Cancel the running statement and close the engine's connection."""
        session = self._session
        busy = [pending for pending in session.pending if pending.runs]
        if busy:
            with contextlib.suppress(OSError):
                await session.backend.cancel()
            busy[0].failed(CANCELED, "the client has gone")
        await session.recorder.record_pending()
        session.backend.close()

    async def _from_client(self) -> None:
        messages = ClientMessages(self._session)
        while True:
            try:
                kind, body = await self._session.client.read()
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            if kind == b"X":
                return
            await messages.handle(kind, body)

    async def _from_engine(self) -> None:
        messages = EngineMessages(self._session)
        scanner = Scanner(messages.rewrites_rows)
        while chunk := await self._session.backend.reader.read(BUFFER):
            response = bytearray()
            for kind, body in scanner.feed(chunk):
                response += await messages.response(kind, body) if kind else body
            if response:
                await self._session.client.send(bytes(response))
