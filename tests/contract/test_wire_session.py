"""Behaviour of the wire session alone: connections that are reused, dropped and refused."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.conftest import LAST_RESORT, wait_until
from tests.contract.doors import Door, OpenDoor, in_a_thread

from wharfinger.connections.model import Secrets
from wharfinger.core.errors import Failed, Invalid, NotFound, Refused, Unavailable
from wharfinger.core.secret import Secret
from wharfinger.core.session import EndUnknown, Statement, Usage

KILL = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'awsuser'"
PID = Statement("select pg_backend_pid()")


def test_a_connection_serves_one_statement_after_the_other(wire: Door) -> None:
    session = wire.open()
    assert len({session.run(PID).one() for _ in range(5)}) == 1


def test_a_setting_or_an_open_transaction_never_reaches_the_next_statement(wire: Door) -> None:
    session = wire.open()
    usual = session.run(Statement("select current_setting('search_path')")).one()
    first = session.run(PID).one()
    session.run(Statement("set search_path to pg_catalog"))
    assert session.run(Statement("select current_setting('search_path')")).one() == usual
    session.run(Statement("begin"))
    assert session.run(PID).one() != first


def test_host_and_port_are_looked_up_where_the_connection_has_none(wire: Door, open_door: OpenDoor) -> None:
    assert wire.run("select 1") == [(1,)]
    assert wire.calls()["operations"] == {"DescribeClusters": 1}
    ready = wire.sandbox.ready["wire"]
    given = open_door("wire password", host="localhost", port=ready["port"])
    assert given.run("select 1") == [(1,)]
    assert given.calls()["operations"] == {}


def test_an_idle_connection_that_the_server_closed_is_replaced(wire: Door) -> None:
    session = wire.open()
    first = session.run(PID).one()
    wire.engine(KILL)
    lines = session._pool._idle  # type: ignore[attr-defined]
    wait_until(lambda: not lines[0].is_alive())
    second = session.run(PID).one()
    assert first != second


@pytest.mark.parametrize(("prefix", "error"), [("", Unavailable), ("create table contract_lost as ", EndUnknown)])
def test_a_connection_that_breaks_in_the_middle_is_told(wire: Door, prefix: str, error: type[Exception]) -> None:
    session = wire.open()

    def work() -> Exception:
        with pytest.raises(error) as caught:
            session.run(Statement(prefix + endless))
        return caught.value

    with wire.endless() as endless:
        thread, ended = in_a_thread(work)
        wait_until(lambda: wire.statuses() == ["STARTED"])
        wire.engine(KILL)
        thread.join(timeout=LAST_RESORT)
    assert [type(end) for end in ended] == [error]
    assert session.run(Statement("select 1")).one() == (1,)


def test_a_wrong_password_says_so_and_keeps_it_to_itself(wire: Door) -> None:
    wire.secrets = replace(wire.secrets, password=Secret("not-the-password"))
    usage = Usage()
    with pytest.raises(Refused) as caught:
        wire.run("select 1", usage)
    assert caught.value.check == "sign-in"
    assert "not-the-password" not in str(caught.value)
    assert usage.statements == 0


def test_a_missing_password_is_told_before_anything_is_sent(wire: Door) -> None:
    wire.secrets = Secrets()
    with pytest.raises(Invalid):
        wire.run("select 1")
    assert wire.calls()["operations"] == {}


def test_a_database_that_is_not_there_fails_its_own_check(wire: Door) -> None:
    with pytest.raises(NotFound) as caught:
        wire.open(database="not there").run(Statement("select 1"))
    assert caught.value.check == "database"


def test_a_certificate_that_nobody_vouches_for_is_refused(wire: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(Failed) as caught:
        wire.run("select 1")
    assert caught.value.check == "target"
    assert "SSL_CERT_FILE" in caught.value.next_step


@pytest.fixture
def plain_server() -> Iterator[int]:
    """A server that answers "no TLS here" to everybody."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                with client:
                    client.recv(8)
                    client.sendall(b"N")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=LAST_RESORT)


def test_a_server_without_tls_gets_no_password(open_door: OpenDoor, plain_server: int) -> None:
    with pytest.raises(Failed, match="does not support TLS"):
        open_door("wire password", host="127.0.0.1", port=plain_server).run("select 1")


def test_nobody_at_the_address_is_told_with_the_address(open_door: OpenDoor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(Unavailable, match=f"Nothing listens at 127.0.0.1:{port}"):
        open_door("wire password", host="127.0.0.1", port=port).run("select 1")


def test_a_host_that_does_not_exist_is_told(open_door: OpenDoor) -> None:
    with pytest.raises((NotFound, Unavailable)) as caught:
        open_door("wire password", host="no-such-host.invalid", port=5439).run("select 1")
    assert caught.value.check == "target"
