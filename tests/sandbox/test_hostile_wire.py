"""Messages that no driver sends: the wire port answers or ends the connection, and serves other clients."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from tests.conftest import Sandbox, wait_until
from tests.sandbox.front import database, engine, shut_gate

TLS = struct.pack("!II", 8, 80877103)
READY = b"Z\0\0\0\x05I"


def message(kind: bytes, body: bytes = b"") -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


def startup(*pairs: str) -> bytes:
    body = struct.pack("!I", 196608) + b"".join(one.encode() + b"\0" for one in pairs) + b"\0"
    return struct.pack("!I", len(body) + 4) + body


@contextmanager
def plain(sandbox: Sandbox) -> Iterator[socket.socket]:
    wire = sandbox.ready["wire"]
    with socket.create_connection((wire["host"], wire["port"]), 30) as connection:
        yield connection


@contextmanager
def logged_in(sandbox: Sandbox) -> Iterator[ssl.SSLSocket]:
    """A raw TLS connection, logged in as awsuser and ready for messages."""
    context = ssl.create_default_context(cafile=sandbox.ready["wire"]["ca_file"])
    with plain(sandbox) as bare:
        bare.sendall(TLS)
        assert bare.recv(1) == b"S"
        with context.wrap_socket(bare, server_hostname="localhost") as connection:
            connection.sendall(startup("user", "awsuser", "database", "dev"))
            assert connection.recv(9)[:1] == b"R"
            connection.sendall(message(b"p", sandbox.ready["admin"]["password"].encode() + b"\0"))
            until(connection, READY)
            yield connection


def until(connection: socket.socket, end: bytes) -> bytes:
    """The bytes received up to `end`, or until the server closes the connection."""
    answer = b""
    while not answer.endswith(end) and (piece := connection.recv(65536)):
        answer += piece
    return answer


def rest(connection: socket.socket) -> bytes:
    """The bytes received until the server closes the connection."""
    answer = b""
    try:
        while piece := connection.recv(65536):
            answer += piece
    except ConnectionResetError:
        # The server closed the connection before it had read everything.
        return answer
    return answer


STARTS = {
    "nothing": struct.pack("!I", 0),
    "too short": struct.pack("!I", 4),
    "too long": struct.pack("!I", 2**31 - 1) + b"x",
    "negative": struct.pack("!i", -1) + b"x",
    "noise": bytes(range(7, 256)),
    "no user": startup("database", "dev"),
    "empty": startup(),
    "odd": struct.pack("!II", 13, 196608) + b"user\0",
    "data behind the request for TLS": TLS + startup("user", "awsuser", "database", "dev"),
    "a query in place of the password": startup("user", "awsuser") + message(b"Q", b"select 1\0"),
    "a password of no length": startup("user", "awsuser") + b"p" + struct.pack("!I", 4),
    "a password of a negative length": startup("user", "awsuser") + b"p" + struct.pack("!i", -5),
    "a password of 100 MB": startup("user", "awsuser") + b"p" + struct.pack("!I", 100_000_000) + b"x",
    "a password that is no text": startup("user", "awsuser") + message(b"p", b"\xff\xfe\0"),
}


@pytest.mark.parametrize("packet", STARTS.values(), ids=STARTS)
def test_an_invalid_startup_packet_ends_the_connection_with_a_reason(sandbox: Sandbox, packet: bytes) -> None:
    with plain(sandbox) as connection:
        connection.sendall(packet)
        answer = rest(connection)
    assert b"SFATAL\0C" in answer
    assert b"internal error" not in answer


@pytest.mark.parametrize("hello", [b"\x16\x03\x01\0\x05hello", b"not TLS at all", b"\x15\x03\x01\0\x02\x02\x28", b""])
def test_a_broken_tls_handshake_ends_the_connection(sandbox: Sandbox, hello: bytes) -> None:
    with plain(sandbox) as connection:
        connection.sendall(TLS)
        assert connection.recv(1) == b"S"
        connection.sendall(hello)
        connection.shutdown(socket.SHUT_WR)
        assert b"FATAL" not in rest(connection)
    with database(sandbox) as other:
        assert other.execute("select 1").fetchone() == (1,)


PARSE = message(b"P", b"\0select 1\0" + struct.pack("!H", 0))
SYNC = message(b"S")
ENDING = {
    "an unknown message": message(b"z", b"abc"),
    "a length below four": b"Q" + struct.pack("!I", 3),
    "seventy megabytes": b"Q" + struct.pack("!I", 70 * 1024 * 1024),
    "a text without end": message(b"Q", b"select 1"),
    "a text that is no UTF-8": message(b"Q", b"select '\xff'\0"),
    "a Bind that ends early": PARSE + message(b"B", b"\0\0\0") + SYNC,
    "a Parse that ends early": message(b"P", b"\0select 1\0") + SYNC,
    "a Parse of missing types": message(b"P", b"\0select 1\0" + struct.pack("!H", 5)) + SYNC,
    "an empty Describe": message(b"D") + SYNC,
    "a function call": message(b"F", bytes(20)),
    "a second password": message(b"p", b"x\0"),
}
ANSWERED = {
    "a Bind of no statement": (message(b"B", b"\0nope\0" + bytes(6)) + SYNC, b"C26000"),
    "a Describe of neither kind": (message(b"D", b"X\0") + SYNC, b"C08P01"),
    "an Execute of no portal": (message(b"E", b"nope\0" + bytes(4)) + SYNC, b"C34000"),
    "an Execute that ends early": (message(b"E", b"\0") + SYNC, b"C08P01"),
    "a Close of nothing": (message(b"C", b"Snope\0") + SYNC, b"3\0\0\0\x04"),
    "copied data that nobody asked for": (message(b"d", b"x") + message(b"c") + message(b"Q", b"\0"), b"I\0\0\0\x04"),
    "more formats than columns": (
        PARSE + message(b"B", b"\0\0" + struct.pack("!HHHHHH", 0, 0, 3, 0, 1, 7)) + SYNC, b"C08P01",
    ),
    "text behind the text": (message(b"Q", b"select 1\0more\0"), b"SELECT 1"),
    "hundreds of Syncs": (SYNC * 300 + message(b"Q", b"\0"), b"I\0\0\0\x04"),
}  # fmt: skip


@pytest.mark.parametrize("sent", ENDING.values(), ids=ENDING)
def test_a_broken_message_ends_the_connection_with_a_reason(sandbox: Sandbox, sent: bytes) -> None:
    with logged_in(sandbox) as connection:
        connection.sendall(sent)
        answer = rest(connection)
    assert b"SFATAL\0C08P01\0Minvalid frontend message: " in answer


@pytest.mark.parametrize(("sent", "part"), ANSWERED.values(), ids=ANSWERED)
def test_a_message_out_of_place_is_answered_and_the_connection_goes_on(
    sandbox: Sandbox, sent: bytes, part: bytes
) -> None:
    with logged_in(sandbox) as connection:
        connection.sendall(sent + message(b"Q", b"select 'the end'\0"))
        answer = b""
        while b"the end" not in answer:
            piece = connection.recv(65536)
            assert piece, answer
            answer += piece
    assert part in answer


@pytest.mark.parametrize("key", [struct.pack("!II", 1, 2), struct.pack("!I", 1), struct.pack("!I", 1) + bytes(300)])
def test_a_cancel_with_an_unknown_key_is_ignored(sandbox: Sandbox, key: bytes) -> None:
    with plain(sandbox) as connection:
        connection.sendall(struct.pack("!II", 8 + len(key), 80877102) + key)
        assert rest(connection) == b""


def test_a_client_gone_in_the_middle_of_a_message_or_an_answer_frees_its_backend(sandbox: Sandbox) -> None:
    with engine(sandbox) as below:

        def backends() -> set[int]:
            sql = "select pid from pg_stat_activity where usename = 'awsuser' and application_name = 'hostile'"
            return {row[0] for row in below.execute(sql).fetchall()}

        with shut_gate(sandbox.ready["engine"]["dsn"]) as endless:
            for sent in (
                b"Q" + struct.pack("!I", 500) + b"sel",
                message(b"Q", endless.encode() + b"\0"),
                message(b"Q", b"select repeat('x', 5000) from raw_shop.orders a, raw_shop.orders b\0"),
                message(b"Q", b"begin\0") + message(b"Q", endless.encode() + b"\0"),
                PARSE,
            ):
                with logged_in(sandbox) as connection:
                    connection.sendall(message(b"Q", b"set application_name to hostile\0"))
                    until(connection, READY)
                    assert len(backends()) == 1
                    connection.sendall(sent)
                wait_until(lambda: not backends())


def test_idle_connections_do_not_keep_others_out(sandbox: Sandbox) -> None:
    silent = [
        socket.create_connection((sandbox.ready["wire"]["host"], sandbox.ready["wire"]["port"])) for _ in range(200)
    ]
    opened: list[psycopg.Connection[Any]] = []
    try:
        threads = [threading.Thread(target=lambda: opened.append(database(sandbox))) for _ in range(60)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(opened) == 60
        assert {one.execute("select 1").fetchone() for one in opened} == {(1,)}
    finally:
        for one in (*silent, *opened):
            one.close()
