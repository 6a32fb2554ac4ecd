"""A wire session after the login: Redshift's SQL in, the engine's answers out, in Redshift's words."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from wharfinger_sandbox.dialect import reword
from wharfinger_sandbox.dialect.aliases import inlined, query_of, with_query
from wharfinger_sandbox.wire import messages
from wharfinger_sandbox.wire.backend import BUFFER, Backend
from wharfinger_sandbox.wire.messages import ProtocolError
from wharfinger_sandbox.wire.probe import Probe
from wharfinger_sandbox.wire.recorder import RecordingServices, SessionRecorder
from wharfinger_sandbox.wire.rows import RowWriter, described, parameter_types, result_formats
from wharfinger_sandbox.wire.scanner import Scanner
from wharfinger_sandbox.wire.startup import ClientConnection
from wharfinger_sandbox.wire.statements import (
    CANCELED,
    PendingResponse,
    PreparedStatement,
    RunningText,
    Translator,
    join_statements,
)

# Sent in place of what is refused: the engine fails on it, spoils a transaction as any error does, and its words are
# replaced by the refusal's.
NOT_SQL = "refused"

# By itself the engine shows its row and scan counters up to ten seconds late. DO answers no rows.
SHOW_COUNTERS = "do $$begin perform pg_catalog.pg_stat_force_next_flush(); end$$"

SHOWN_FIELDS = ("D", "H", "P")


class Relay:
    """Passes messages both ways until one side ends.

    `_expected` holds what the engine still has to answer, in the order it was asked; that is how an answer is known
    for the statement it belongs to.
    """

    def __init__(
        self,
        client: ClientConnection,
        backend: Backend,
        services: RecordingServices,
        translator: Translator,
        recorder: SessionRecorder,
    ) -> None:
        self._client = client
        self._backend = backend
        self._services = services
        self._translator = translator
        self._recorder = recorder
        self._counters_moved = False
        self._status = b"I"
        self._rows = RowWriter((), ())
        self._expected: deque[PendingResponse] = deque()
        self._prepared: dict[str, PreparedStatement] = {}
        self._portals: dict[str, RunningText] = {}

    async def run(self) -> None:
        """Returns when the client has gone or the engine has hung up. Raises ProtocolError."""
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
        """Nothing runs on for a client that has gone."""
        busy = [expected for expected in self._expected if expected.runs]
        if busy:
            with contextlib.suppress(OSError):
                await self._backend.cancel()
            busy[0].failed(CANCELED, "the client has gone")
        await self._recorder.record_pending()
        self._backend.close()

    async def _from_client(self) -> None:
        handlers = {
            b"Q": self._query,
            b"P": self._parse,
            b"B": self._bind,
            b"D": self._describe,
            b"E": self._execute,
            b"C": self._close,
            b"S": self._sync,
            b"F": self._function_call,
        }
        while True:
            try:
                kind, body = await self._client.read()
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            if kind == b"X":
                return
            handler = handlers.get(kind)
            if handler is not None:
                try:
                    await handler(body)
                except struct.error:
                    raise ProtocolError(f"a message of type {kind!r} that ends early") from None
            elif kind in (b"d", b"c", b"f", b"H"):
                await self._forward(kind, body)
            else:
                raise ProtocolError(f"a message of type {kind!r}")

    async def _query(self, body: bytes) -> None:
        (sql,), _ = messages.read_texts(body, 1)
        prepared = [await self._without_aliases(one) for one in self._translator.several(sql)]
        refused = [one for one in prepared if one.refused]
        runs = deque(RunningText(one, self._recorder) for one in refused or prepared)
        await self._prepare_engine(prepared)
        if runs:
            runs[0].start()
        self._expected.append(PendingResponse("query", runs))
        text = NOT_SQL if refused else join_statements(prepared) or sql
        await self._forward(b"Q", messages.text(text))

    async def _function_call(self, _: bytes) -> None:
        raise ProtocolError("a function call, which Redshift does not take")

    async def _parse(self, body: bytes) -> None:
        (name, sql), rest = messages.read_texts(body, 2)
        types = parameter_types(rest)
        prepared = await self._without_aliases(self._translator.single(sql) or PreparedStatement(sql), types)
        self._prepared[name] = prepared
        self._expected.append(PendingResponse("parse", deque([RunningText(prepared, self._recorder)])))
        if prepared.refused:
            await self._forward(b"P", messages.text(name) + messages.text(NOT_SQL) + b"\0\0")
        else:
            text = prepared.translation.sql if prepared.translation else sql
            await self._forward(b"P", messages.text(name) + messages.text(text) + types)

    async def _bind(self, body: bytes) -> None:
        (portal, name), rest = messages.read_texts(body, 2)
        prepared = self._prepared.get(name)
        if prepared is not None:
            # Not at Execute: a query sees what is there when it is bound.
            await self._prepare_engine([prepared])
            self._portals[portal] = RunningText(prepared, self._recorder, result_formats(rest))
        self._expected.append(PendingResponse("bind", deque([self._portals[portal]] if prepared else ())))
        await self._forward(b"B", body)

    async def _describe(self, body: bytes) -> None:
        (name,), _ = messages.read_texts(body[1:], 1)
        prepared = self._prepared.get(name) if body[:1] == b"S" else None
        runs = [RunningText(prepared, self._recorder)] if prepared else []
        if body[:1] == b"P" and name in self._portals:
            runs = [self._portals[name]]
        self._expected.append(PendingResponse("describe", deque(runs)))
        await self._forward(b"D", body)

    async def _execute(self, body: bytes) -> None:
        (portal,), _ = messages.read_texts(body, 1)
        run = self._portals.get(portal)
        if run is not None:
            run.start()
        self._expected.append(PendingResponse("execute", deque([run] if run else ())))
        await self._forward(b"E", body)

    async def _close(self, body: bytes) -> None:
        (name,), _ = messages.read_texts(body[1:], 1)
        (self._prepared if body[:1] == b"S" else self._portals).pop(name, None)
        self._expected.append(PendingResponse("close"))
        await self._forward(b"C", body)

    async def _sync(self, body: bytes) -> None:
        self._expected.append(PendingResponse("sync"))
        await self._forward(b"S", body)

    async def _without_aliases(self, prepared: PreparedStatement, types: bytes = b"\0\0") -> PreparedStatement:
        """The statement with aliases inlined that are used again in their own SELECT.

        The engine must be asked for that; while it still has something to answer, the statement stays as it is.
        """
        query = query_of(prepared.translation) if prepared.translation else None
        if prepared.translation is None or query is None:
            return prepared
        known = query
        while not self._expected and self._status in (b"I", b"T"):
            probe = Probe(known, self._status == b"T", types)
            self._expected.append(PendingResponse("probe", probe=probe))
            self._backend.writer.write(probe.messages())
            await probe.answered.wait()
            better = inlined(known, probe.position) if probe.position else None
            if better is None:
                break
            known = better
        if known == query:
            return prepared
        return replace(prepared, translation=with_query(prepared.translation, known))

    async def _prepare_engine(self, prepared: Sequence[PreparedStatement]) -> None:
        """What must be done before these statements run."""
        if any(one.reads_history for one in prepared):
            await self._recorder.record_pending()
            await self._services.history.flush()
        if any(one.changes_logins for one in prepared):
            await self._services.engine.close_idle()

    async def _forward(self, kind: bytes, body: bytes) -> None:
        self._backend.writer.write(messages.message(kind, body))
        await self._backend.writer.drain()

    async def _from_engine(self) -> None:
        scanner = Scanner(self._wants_rows)
        while chunk := await self._backend.reader.read(BUFFER):
            answer = bytearray()
            for kind, body in scanner.feed(chunk):
                answer += await self._answer(kind, body) if kind else body
            if answer:
                await self._client.send(bytes(answer))

    async def _answer(self, kind: bytes, body: bytes) -> bytes:
        """What the client is told of one message of the engine."""
        head = self._expected[0] if self._expected else None
        if head is not None and head.probe is not None:
            if head.probe.handle(kind, body):
                self._expected.popleft()
            return b""
        if kind == b"C":
            return await self._completed(head, body)
        if kind == b"E":
            return self._failed(head, body)
        if kind == b"N":
            return _reworded_notice(body)
        if kind == b"S":
            status = self._backend.set_status(body)
            return messages.parameter_status(*status) if status else b""
        if kind == b"Z":
            return await self._ready(body)
        if kind == b"T":
            body = self._described(head, body)
        elif kind == b"D":
            body = self._rows.row(body)
        if kind == b"I" and head is not None:
            head.completed()
            self._pop(head, "execute")
        elif kind == b"s" and head is not None:
            head.paused()
            self._pop(head, "execute")
        elif head is not None and kind in _ANSWERS:
            self._pop(head, _ANSWERS[kind])
        return messages.message(kind, body)

    def _described(self, head: PendingResponse | None, body: bytes) -> bytes:
        answer, types, formats = described(body)
        if head is not None and head.runs:
            head.runs[0].prepared.types[:] = types
            if head.kind == "query":
                head.runs[0].formats = formats
        return answer

    def _wants_rows(self) -> bool:
        """Whether the rows that follow have columns to be rewritten."""
        head = self._expected[0] if self._expected else None
        run = head.runs[0] if head is not None and head.runs else None
        self._rows = RowWriter(run.prepared.types, run.formats) if run else RowWriter((), ())
        return bool(self._rows)

    async def _completed(self, head: PendingResponse | None, body: bytes) -> bytes:
        if head is None or head.kind == "counters":
            return b""
        prepared = head.completed(body.rstrip(b"\0").decode())
        self._pop(head, "execute")
        if prepared is None or prepared.translation is None:
            return messages.message(b"C", body)
        self._translator.succeeded(prepared)
        self._counters_moved |= prepared.moves_counters
        if prepared.changes_logins:
            await self._services.engine.close_idle()
        tag = prepared.translation.tag
        return messages.message(b"C", messages.text(tag) if tag is not None else body)

    def _failed(self, head: PendingResponse | None, body: bytes) -> bytes:
        if head is not None and head.kind == "counters":
            # A late cancel, or a very short statement_timeout: the client's own statement is done.
            return b""
        fields = messages.read_fields(body)
        sqlstate, said = reword(fields.get("C", "XX000"), fields.get("M", ""))
        shown = {letter: fields[letter] for letter in SHOWN_FIELDS if letter in fields}
        if head is not None:
            if head.refused is not None:
                sqlstate, said, shown = head.refused.sqlstate, head.refused.message, {}
            elif not _as_written(head):
                # A position in the translated text would point at nothing the client knows.
                shown.pop("P", None)
            head.failed(sqlstate, said)
            self._skip_to_sync(head)
        return messages.error(sqlstate, said, severity=fields.get("S", "ERROR"), fields=shown)

    def _skip_to_sync(self, head: PendingResponse) -> None:
        """After an error the engine answers nothing of an extended query until its Sync."""
        if head.kind != "query":
            while self._expected and self._expected[0].kind != "sync":
                self._expected.popleft()

    async def _ready(self, status: bytes) -> bytes:
        done = self._expected.popleft() if self._expected else None
        self._status = status
        self._translator.ready(status)
        if status == b"I" and (done is None or done.kind != "counters"):
            await self._recorder.record_pending()
            if self._counters_moved and not self._expected:
                # The client hears that we are ready when this is done too.
                self._counters_moved = False
                self._expected.append(PendingResponse("counters"))
                self._backend.writer.write(messages.message(b"Q", messages.text(SHOW_COUNTERS)))
                return b""
        return messages.message(b"Z", status)

    def _pop(self, head: PendingResponse, kind: str) -> None:
        if head.kind == kind:
            self._expected.popleft()


_ANSWERS = {b"1": "parse", b"2": "bind", b"3": "close", b"T": "describe", b"n": "describe"}


def _as_written(head: PendingResponse) -> bool:
    run = head.runs[0] if head.runs else None
    if run is None or run.prepared.translation is None:
        return True
    return len(head.runs) == 1 and run.prepared.translation.sql == run.prepared.sql


def _reworded_notice(body: bytes) -> bytes:
    fields = messages.read_fields(body)
    sqlstate, said = reword(fields.get("C", "00000"), fields.get("M", ""))
    said_too = {letter: said for letter, said in fields.items() if letter in ("D", "H")}
    return messages.notice({"S": fields.get("S", "NOTICE"), "C": sqlstate, "M": said, **said_too})
