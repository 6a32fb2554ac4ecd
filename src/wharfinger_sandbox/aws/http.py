"""A uvicorn server in the running event loop, without signal handlers, that can cut a client's connection."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Generator
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from wharfinger_sandbox.aws.application import AwsApplication, Scope

Peer = tuple[str, int]


class OpenConnections:
    """The open connections by the client's address, for the fault `drop_connection`."""

    def __init__(self) -> None:
        self._transports: dict[Peer, asyncio.Transport] = {}

    def add(self, transport: asyncio.Transport) -> None:
        """Add a new connection."""
        self._transports[_peer(transport)] = transport

    def remove(self, transport: asyncio.Transport) -> None:
        """Remove a closed connection."""
        self._transports.pop(_peer(transport), None)

    def abort(self, scope: Scope) -> None:
        """Cut the connection of an ASGI request at once, without a response."""
        transport = self._transports.get(tuple(scope["client"]))
        if transport is not None:
            transport.abort()


class HttpServer:
    """Serves one ASGI application on one listening socket until `stop`."""

    def __init__(self, application: AwsApplication, connections: OpenConnections, listening: socket.socket) -> None:
        class Protocol(H11Protocol):
            def connection_made(self, transport: Any) -> None:
                connections.add(transport)
                super().connection_made(transport)

            def connection_lost(self, exc: Exception | None) -> None:
                connections.remove(self.transport)
                super().connection_lost(exc)

        config = uvicorn.Config(
            application,
            http=Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=True,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=1,
            h11_max_incomplete_event_size=256 * 1024,
        )
        self._server = _QuietServer(config)
        self._socket = listening
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the server; returns once it accepts requests."""
        self._task = asyncio.create_task(self._server.serve([self._socket]))
        while not self._server.started:
            if self._task.done():
                self._task.result()
                raise RuntimeError("the HTTP server ended during its start")
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        """Stop the server; requests in progress have one second to finish."""
        if self._task is not None:
            self._server.should_exit = True
            await self._task


class _QuietServer(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave the signal handlers to `server.run`."""
        yield


def _peer(transport: asyncio.Transport) -> Peer:
    host, port = transport.get_extra_info("peername")[:2]
    return host, port
