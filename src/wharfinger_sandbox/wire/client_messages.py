"""The client's messages: their SQL is translated, and they are forwarded to the engine."""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from wharfinger_sandbox.dialect.aliases import inlined, query_of, with_query
from wharfinger_sandbox.wire import messages
from wharfinger_sandbox.wire.messages import ProtocolError
from wharfinger_sandbox.wire.pending import Kind, PendingResponse, RunningText
from wharfinger_sandbox.wire.probe import Probe
from wharfinger_sandbox.wire.rows import parameter_types, result_formats
from wharfinger_sandbox.wire.session import WireSession
from wharfinger_sandbox.wire.translator import PreparedStatement, join_statements

# Sent in place of a refused statement. The engine fails on it, which aborts an open transaction as any error does; the
# client gets the refusal in place of the engine's message.
NOT_SQL = "refused"


class ClientMessages:
    """Handles the messages of one session's client; keeps its prepared statements and portals by name."""

    def __init__(self, session: WireSession) -> None:
        self._session = session
        self._prepared: dict[str, PreparedStatement] = {}
        self._portals: dict[str, RunningText] = {}
        self._handlers = {
            b"Q": self._query,
            b"P": self._parse,
            b"B": self._bind,
            b"D": self._describe,
            b"E": self._execute,
            b"C": self._close,
            b"S": self._sync,
            b"F": self._function_call,
        }

    async def handle(self, kind: bytes, body: bytes) -> None:
        """Forward one message. Raises ProtocolError."""
        handler = self._handlers.get(kind)
        if handler is not None:
            try:
                await handler(body)
            except struct.error:
                raise ProtocolError(f"the message of type {kind!r} is too short") from None
        elif kind in (b"d", b"c", b"f", b"H"):
            await self._forward(kind, body)
        else:
            raise ProtocolError(f"the message type {kind!r} is not known")

    async def _query(self, body: bytes) -> None:
        (sql,), _ = messages.read_texts(body, 1)
        prepared = [await self._without_aliases(one) for one in self._session.translator.several(sql)]
        refused = [one for one in prepared if one.refused]
        runs = deque(self._running(one) for one in refused or prepared)
        await self._prepare_engine(prepared)
        if runs:
            runs[0].start()
        self._session.pending.append(PendingResponse("query", runs))
        text = NOT_SQL if refused else join_statements(prepared) or sql
        await self._forward(b"Q", messages.text(text))

    async def _function_call(self, _: bytes) -> None:
        raise ProtocolError("Redshift does not support FunctionCall")

    async def _parse(self, body: bytes) -> None:
        (name, sql), rest = messages.read_texts(body, 2)
        types = parameter_types(rest)
        single = self._session.translator.single(sql) or PreparedStatement(sql)
        prepared = await self._without_aliases(single, types)
        self._prepared[name] = prepared
        self._expect("parse", self._running(prepared))
        if prepared.refused:
            await self._forward(b"P", messages.text(name) + messages.text(NOT_SQL) + b"\0\0")
        else:
            text = prepared.translation.sql if prepared.translation else sql
            await self._forward(b"P", messages.text(name) + messages.text(text) + types)

    async def _bind(self, body: bytes) -> None:
        (portal, name), rest = messages.read_texts(body, 2)
        prepared = self._prepared.get(name)
        if prepared is not None:
            # At Bind, not at Execute: a query's snapshot is taken when it is bound.
            await self._prepare_engine([prepared])
            self._portals[portal] = self._running(prepared, result_formats(rest))
        self._expect("bind", self._portals[portal] if prepared else None)
        await self._forward(b"B", body)

    async def _describe(self, body: bytes) -> None:
        (name,), _ = messages.read_texts(body[1:], 1)
        if body[:1] == b"P":
            run = self._portals.get(name)
        else:
            prepared = self._prepared.get(name) if body[:1] == b"S" else None
            run = self._running(prepared) if prepared else None
        self._expect("describe", run)
        await self._forward(b"D", body)

    async def _execute(self, body: bytes) -> None:
        (portal,), _ = messages.read_texts(body, 1)
        run = self._portals.get(portal)
        if run is not None:
            run.start()
        self._expect("execute", run)
        await self._forward(b"E", body)

    async def _close(self, body: bytes) -> None:
        (name,), _ = messages.read_texts(body[1:], 1)
        (self._prepared if body[:1] == b"S" else self._portals).pop(name, None)
        self._expect("close")
        await self._forward(b"C", body)

    async def _sync(self, body: bytes) -> None:
        self._expect("sync")
        await self._forward(b"S", body)

    def _running(self, prepared: PreparedStatement, formats: Sequence[int] = ()) -> RunningText:
        return RunningText(prepared, self._session.recorder, formats)

    def _expect(self, kind: Kind, run: RunningText | None = None) -> None:
        self._session.pending.append(PendingResponse(kind, deque([run] if run else ())))

    async def _without_aliases(self, prepared: PreparedStatement, types: bytes = b"\0\0") -> PreparedStatement:
        """The statement with the aliases inlined that its SELECT uses again.

        Only the engine knows which names are aliases. While it still has requests to answer it cannot be asked, and
        the statement stays unchanged.
        """
        session = self._session
        query = query_of(prepared.translation) if prepared.translation else None
        if prepared.translation is None or query is None:
            return prepared
        known = query
        while not session.pending and session.status in (b"I", b"T"):
            probe = Probe(known, session.status == b"T", types)
            session.pending.append(PendingResponse("probe", probe=probe))
            session.backend.writer.write(probe.messages())
            await probe.answered.wait()
            better = inlined(known, probe.position) if probe.position else None
            if better is None:
                break
            known = better
        if known == query:
            return prepared
        return replace(prepared, translation=with_query(prepared.translation, known))

    async def _prepare_engine(self, prepared: Sequence[PreparedStatement]) -> None:
        """Write the query history and close idle connections, where these statements need it."""
        services = self._session.services
        if any(one.reads_history for one in prepared):
            await self._session.recorder.record_pending()
            await services.history.flush()
        if any(one.changes_logins for one in prepared):
            await services.engine.close_idle()

    async def _forward(self, kind: bytes, body: bytes) -> None:
        writer = self._session.backend.writer
        writer.write(messages.message(kind, body))
        await writer.drain()
