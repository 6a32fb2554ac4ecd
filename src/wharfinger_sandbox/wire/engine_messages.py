"""The engine's messages: reworded as Redshift's, recorded, and passed on to the client."""

from __future__ import annotations

from wharfinger_sandbox.dialect import reword
from wharfinger_sandbox.wire import messages
from wharfinger_sandbox.wire.pending import PendingResponse
from wharfinger_sandbox.wire.rows import RowWriter, described
from wharfinger_sandbox.wire.session import WireSession

# The engine otherwise publishes its row and scan counters up to ten seconds late. DO returns no rows.
PUBLISH_COUNTERS = "do $$begin perform pg_catalog.pg_stat_force_next_flush(); end$$"

SHOWN_FIELDS = ("D", "H", "P")

_ANSWERED_KIND = {b"1": "parse", b"2": "bind", b"3": "close", b"T": "describe", b"n": "describe"}


class EngineMessages:
    """Handles the messages of one session's engine connection."""

    def __init__(self, session: WireSession) -> None:
        self._session = session
        self._rows = RowWriter((), ())
        self._counters_moved = False

    def rewrites_rows(self) -> bool:
        """Whether the rows that follow have columns to be rewritten."""
        head = self._session.head
        run = head.runs[0] if head is not None and head.runs else None
        self._rows = RowWriter(run.prepared.types, run.formats) if run else RowWriter((), ())
        return bool(self._rows)

    async def response(self, kind: bytes, body: bytes) -> bytes:
        """The messages for the client that follow from one message of the engine; b"" for none."""
        head = self._session.head
        if head is not None and head.probe is not None:
            if head.probe.handle(kind, body):
                self._session.pending.popleft()
            return b""
        if kind == b"C":
            return await self._completed(head, body)
        if kind == b"E":
            return self._failed(head, body)
        if kind == b"N":
            return _reworded_notice(body)
        if kind == b"S":
            status = self._session.backend.set_status(body)
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
            head.suspended()
            self._pop(head, "execute")
        elif head is not None and kind in _ANSWERED_KIND:
            self._pop(head, _ANSWERED_KIND[kind])
        return messages.message(kind, body)

    def _described(self, head: PendingResponse | None, body: bytes) -> bytes:
        description, types, formats = described(body)
        if head is not None and head.runs:
            head.runs[0].prepared.types[:] = types
            if head.kind == "query":
                head.runs[0].formats = formats
        return description

    async def _completed(self, head: PendingResponse | None, body: bytes) -> bytes:
        if head is None or head.kind == "counters":
            return b""
        prepared = head.completed(body.rstrip(b"\0").decode())
        self._pop(head, "execute")
        if prepared is None or prepared.translation is None:
            return messages.message(b"C", body)
        self._session.translator.succeeded(prepared)
        self._counters_moved |= prepared.moves_counters
        if prepared.changes_logins:
            await self._session.services.engine.close_idle()
        tag = prepared.translation.tag
        return messages.message(b"C", messages.text(tag) if tag is not None else body)

    def _failed(self, head: PendingResponse | None, body: bytes) -> bytes:
        if head is not None and head.kind == "counters":
            # A late cancel or a very short statement_timeout; the client's own statement has ended.
            return b""
        fields = messages.read_fields(body)
        sqlstate, message = reword(fields.get("C", "XX000"), fields.get("M", ""))
        shown = {letter: fields[letter] for letter in SHOWN_FIELDS if letter in fields}
        if head is not None:
            if head.refused is not None:
                sqlstate, message, shown = head.refused.sqlstate, head.refused.message, {}
            elif not head.as_written:
                # A position in the translated text means nothing to the client.
                shown.pop("P", None)
            head.failed(sqlstate, message)
            self._skip_to_sync(head)
        return messages.error(sqlstate, message, severity=fields.get("S", "ERROR"), fields=shown)

    def _skip_to_sync(self, head: PendingResponse) -> None:
        """Drop the requests up to the next Sync, which the engine does not answer after an error."""
        if head.kind != "query":
            while self._session.pending and self._session.pending[0].kind != "sync":
                self._session.pending.popleft()

    async def _ready(self, status: bytes) -> bytes:
        session = self._session
        done = session.pending.popleft() if session.pending else None
        session.status = status
        session.translator.ready(status)
        if status == b"I" and (done is None or done.kind != "counters"):
            await session.recorder.record_pending()
            if self._counters_moved and not session.pending:
                # The client gets its ReadyForQuery once the counters are published.
                self._counters_moved = False
                session.pending.append(PendingResponse("counters"))
                session.backend.writer.write(messages.message(b"Q", messages.text(PUBLISH_COUNTERS)))
                return b""
        return messages.message(b"Z", status)

    def _pop(self, head: PendingResponse, kind: str) -> None:
        if head.kind == kind:
            self._session.pending.popleft()


def _reworded_notice(body: bytes) -> bytes:
    fields = messages.read_fields(body)
    sqlstate, message = reword(fields.get("C", "00000"), fields.get("M", ""))
    others = {letter: value for letter, value in fields.items() if letter in ("D", "H")}
    return messages.notice({"S": fields.get("S", "NOTICE"), "C": sqlstate, "M": message, **others})
