"""Writes and reads messages of the PostgreSQL protocol, version 3."""

from __future__ import annotations

import struct
from collections.abc import Mapping

PROTOCOL = 196608
SSL_REQUEST = 80877103
GSS_REQUEST = 80877104
CANCEL_REQUEST = 80877102

AUTH_OK = 0
AUTH_CLEARTEXT = 3
AUTH_MD5 = 5

LONGEST_STARTUP = 64 * 1024
LONGEST_MESSAGE = 64 * 1024 * 1024


class ProtocolError(Exception):
    """The other side violates the protocol; the text says how."""


def message(kind: bytes, body: bytes = b"") -> bytes:
    """A message of the type `kind` with its length and `body`."""
    return kind + struct.pack("!I", len(body) + 4) + body


def text(value: str) -> bytes:
    """A NUL-terminated text."""
    return value.encode() + b"\0"


def startup(parameters: Mapping[str, str]) -> bytes:
    """The startup packet with `parameters`."""
    pairs = b"".join(text(name) + text(value) for name, value in parameters.items())
    body = struct.pack("!I", PROTOCOL) + pairs + b"\0"
    return struct.pack("!I", len(body) + 4) + body


def cancel(pid: int, key: bytes) -> bytes:
    """A CancelRequest packet."""
    return struct.pack("!III", 12 + len(key), CANCEL_REQUEST, pid) + key


def authentication(code: int, data: bytes = b"") -> bytes:
    """An authentication request, or AuthenticationOk."""
    return message(b"R", struct.pack("!I", code) + data)


def parameter_status(name: str, value: str) -> bytes:
    """A ParameterStatus."""
    return message(b"S", text(name) + text(value))


def negotiate(unknown: list[str]) -> bytes:
    """A NegotiateProtocolVersion for 3.0, with the `unknown` protocol options."""
    body = struct.pack("!II", PROTOCOL, len(unknown)) + b"".join(text(name) for name in unknown)
    return message(b"v", body)


def error(sqlstate: str, text: str, *, severity: str = "ERROR", fields: Mapping[str, str] | None = None) -> bytes:
    """An ErrorResponse. `fields` are additional fields by letter (`D` detail, `H` hint, `P` position)."""
    return message(b"E", _fields({"S": severity, "C": sqlstate, "M": text, **(fields or {})}))


def notice(fields: Mapping[str, str]) -> bytes:
    """A NoticeResponse with `fields` by letter."""
    return message(b"N", _fields(fields))


def read_fields(body: bytes) -> dict[str, str]:
    """The fields of an ErrorResponse or NoticeResponse by letter."""
    return {chr(field[0]): field[1:].decode(errors="replace") for field in body.split(b"\0") if field}


def read_texts(body: bytes, count: int) -> tuple[list[str], bytes]:
    """The first `count` NUL-terminated texts of a body, and the rest. Raises ProtocolError."""
    texts = []
    for _ in range(count):
        piece, mark, body = body.partition(b"\0")
        if not mark:
            raise ProtocolError("a text has no terminating NUL")
        texts.append(decoded(piece))
    return texts, body


def decoded(piece: bytes) -> str:
    """The client's bytes as text. Raises ProtocolError when they are not UTF-8."""
    try:
        return piece.decode()
    except UnicodeDecodeError:
        raise ProtocolError("a text is not UTF-8") from None


def read_startup(body: bytes) -> dict[str, str]:
    """The parameters of a startup packet, whose body begins after the version. Raises ProtocolError."""
    pieces = [decoded(piece) for piece in body.split(b"\0")]
    end = next((number for number in range(0, len(pieces), 2) if not pieces[number]), None)
    if end is None:
        raise ProtocolError("the startup packet has no terminating NUL")
    return dict(zip(pieces[:end:2], pieces[1:end:2], strict=True))


def _fields(fields: Mapping[str, str]) -> bytes:
    return b"".join(letter.encode() + text(value) for letter, value in fields.items()) + b"\0"
