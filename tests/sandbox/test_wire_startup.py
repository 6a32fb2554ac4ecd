"""The start of wire connections: startup packets, passwords, temporary credentials, users' settings and limits."""

from __future__ import annotations

import select
import socket
import struct
import uuid
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb
from tests.conftest import Sandbox, wait_until
from tests.sandbox.front import aws, database, engine, failing, refused

from wharfinger_sandbox.passwords import md5, sha256


def test_the_server_is_redshifts_postgresql(sandbox: Sandbox, connection: psycopg.Connection[Any]) -> None:
    assert connection.info.server_version == 80002
    told = connection.info.parameter_status
    assert (told("is_superuser"), told("session_authorization")) == ("on", "awsuser")
    assert told("search_path") is None
    assert connection.execute("select current_user, pg_backend_pid()").fetchone() == (
        "awsuser",
        connection.info.backend_pid,
    )


def test_a_wrong_password_is_refused(sandbox: Sandbox) -> None:
    for parameters in ({"password": "wrong"}, {"user": "not_there"}, {"password": "wrong", "sslmode": "disable"}):
        user = parameters.get("user", "awsuser")
        assert f'FATAL:  password authentication failed for user "{user}"' in refused(sandbox, **parameters)


def test_a_password_also_works_without_tls(sandbox: Sandbox) -> None:
    with database(sandbox, sslmode="disable", require_auth="md5") as connection:
        assert connection.execute("select current_user").fetchone() == ("awsuser",)


def test_a_missing_database_is_refused(sandbox: Sandbox) -> None:
    assert 'FATAL:  database "not_there" does not exist' in refused(sandbox, dbname="not_there")
    assert "not currently accepting connections" in refused(sandbox, dbname="template1")


def test_another_database_is_connected_by_name(sandbox: Sandbox) -> None:
    with database(sandbox, dbname="marketing") as connection:
        assert connection.execute("select current_database()").fetchone() == ("marketing",)


@pytest.mark.parametrize("literal", [False, True])
def test_temporary_credentials_need_tls_on_the_wire(sandbox: Sandbox, literal: bool) -> None:
    redshift, cluster = aws(sandbox, "redshift"), {"ClusterIdentifier": "demo-cluster"}
    if literal:
        made, user = redshift.get_cluster_credentials_with_iam(**cluster), "IAM:admin"
    else:
        made, user = redshift.get_cluster_credentials(DbUser="awsuser", **cluster), "awsuser"
    login = {"user": made["DbUser"], "password": made["DbPassword"]}
    with database(sandbox, **login) as connection:
        assert connection.execute("select current_user").fetchone() == (user,)
    said = refused(sandbox, sslmode="disable", **login)
    assert f'no pg_hba.conf entry for host "::ffff:127.0.0.1", user "{made["DbUser"]}", database "dev", SSL off' in said


def test_groups_of_credentials_open_their_tables_for_the_session(
    sandbox: Sandbox, connection: psycopg.Connection[Any], table: str
) -> None:
    group = f"grp_{uuid.uuid4().hex[:8]}"
    for sql in (
        f"create table {table} (a int)",
        f"create user {group}_user password disable",
        f"create group {group}",
        f"grant select on {table} to group {group}",
    ):
        connection.execute(sql.encode())
    wanted = {"ClusterIdentifier": "demo-cluster", "DbUser": f"{group}_user", "DbName": "dev"}
    redshift = aws(sandbox, "redshift")
    joining = redshift.get_cluster_credentials(**wanted, DbGroups=[group])
    plain = redshift.get_cluster_credentials(**wanted)
    with database(sandbox, user=joining["DbUser"], password=joining["DbPassword"]) as theirs:
        assert theirs.execute(f"select count(*) from {table}".encode()).fetchone() == (0,)
    memberships = "select count(*) from pg_auth_members where member = %s::regrole"
    with engine(sandbox) as below:
        wait_until(lambda: below.execute(memberships, [f"{group}_user"]).fetchone() == (0,))
    with database(sandbox, user=plain["DbUser"], password=plain["DbPassword"]) as theirs:
        said = failing(theirs.execute, f"select count(*) from {table}".encode())
        assert said == ("42501", f"permission denied for relation {table.partition('.')[2]}")
    for sql in (f"drop table {table}", f"drop group {group}", f"drop user {group}_user"):
        connection.execute(sql.encode())


@pytest.mark.parametrize("spelled", ["{clear}", "sha256|{clear}", "sha256|{sha256}", "{md5}"])
def test_a_password_signs_in_however_it_was_given(
    sandbox: Sandbox, connection: psycopg.Connection[Any], spelled: str
) -> None:
    name, clear = f"kept_{uuid.uuid4().hex[:8]}", "Aa1" + uuid.uuid4().hex
    given = spelled.format(clear=clear, sha256=sha256(clear, "5a17"), md5=md5(name, clear))
    connection.execute(f"create user {name} password '{given}'".encode())
    try:
        for sslmode in ("verify-full", "disable"):
            with database(sandbox, user=name, password=clear, sslmode=sslmode) as theirs:
                assert theirs.execute("select current_user").fetchone() == (name,)
        assert "password authentication failed" in refused(sandbox, user=name, password=clear + "x")
    finally:
        connection.execute(f"drop user {name}".encode())


def test_settings_of_the_startup_packet_apply(sandbox: Sandbox) -> None:
    options = r"-c search_path=pg_catalog,public --statement_timeout=12345 -c application_name=two\ words"
    with database(sandbox, options=options) as connection:
        shown = [
            connection.execute(f"show {name}".encode()).fetchone() for name in ("search_path", "statement_timeout")
        ]
        assert shown[0] == ("pg_catalog,public",)
        assert shown[1] in (("12345ms",), ("12345",))
        assert connection.info.parameter_status("application_name") == "two words"


@pytest.mark.parametrize("options", ["-c no_such_setting=1", "-c 'a;b=1'", "-c role=rdsdb"])
def test_a_setting_that_cannot_be_changed_is_refused(sandbox: Sandbox, options: str) -> None:
    assert "FATAL" in refused(sandbox, options=options)


def test_sign_in_by_an_identity_provider_is_refused_by_name(sandbox: Sandbox) -> None:
    wire = sandbox.ready["wire"]
    parameters = b"user\0a\0database\0dev\0idp_type\0Okta\0token\0t\0\0"
    with socket.create_connection((wire["host"], wire["port"]), 20) as raw:
        raw.sendall(struct.pack("!II", len(parameters) + 8, 196608) + parameters)
        answer = raw.makefile("rb").read()
    assert b"sign-in through an identity provider is not supported by the sandbox" in answer


def test_the_drivers_own_parameters_are_ignored(sandbox: Sandbox) -> None:
    wire = sandbox.ready["wire"]
    parameters = b"user\0awsuser\0database\0dev\0client_protocol_version\x002\0driver_version\0x\0os_version\0y\0\0"
    with socket.create_connection((wire["host"], wire["port"]), 20) as raw:
        raw.sendall(struct.pack("!II", len(parameters) + 8, 196608) + parameters)
        assert raw.recv(1) == b"R"


@pytest.mark.parametrize(
    "packet",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        struct.pack("!II", 8, 0x00020000),
        struct.pack("!II", 9, 196608) + b"\0",
        struct.pack("!II", 12, 196608) + b"user",
        struct.pack("!II", 16, 196608) + b"user\0\xff\0\0",
        struct.pack("!I", 4),
    ],
)
def test_bytes_that_are_no_startup_packet_end_the_connection(sandbox: Sandbox, packet: bytes) -> None:
    wire = sandbox.ready["wire"]
    with socket.create_connection((wire["host"], wire["port"]), 20) as raw:
        raw.sendall(packet)
        answer = raw.makefile("rb").read()
    assert answer[:1] == b"E"
    assert b"FATAL" in answer


def test_gss_is_declined_and_the_connection_continues(sandbox: Sandbox) -> None:
    wire = sandbox.ready["wire"]
    with socket.create_connection((wire["host"], wire["port"]), 20) as raw:
        raw.sendall(struct.pack("!II", 8, 80877104))
        assert raw.recv(1) == b"N"
        raw.sendall(struct.pack("!II", 8, 80877103))
        assert raw.recv(1) == b"S"


def test_a_newer_minor_version_is_negotiated_down(sandbox: Sandbox) -> None:
    wire = sandbox.ready["wire"]
    parameters = b"user\0awsuser\0_pq_.extra\0on\0\0"
    with socket.create_connection((wire["host"], wire["port"]), 20) as raw:
        raw.sendall(struct.pack("!II", len(parameters) + 8, 196610) + parameters)
        assert raw.recv(9)[:1] == b"v"


def test_changed_user_settings_apply_to_the_next_connection(
    sandbox: Sandbox, connection: psycopg.Connection[Any]
) -> None:
    name, password = f"set_{uuid.uuid4().hex[:8]}", "Aa1" + uuid.uuid4().hex
    connection.execute(f"create user {name} password '{password}'".encode())
    try:
        connection.execute(f"alter user {name} set search_path to pg_catalog".encode())
        with database(sandbox, user=name, password=password) as theirs:
            assert theirs.execute("show search_path").fetchone() == ("pg_catalog",)
            assert theirs.info.parameter_status("is_superuser") == "off"
        connection.execute(f"alter user {name} connection limit 0".encode())
        assert 'connection limit "0" exceeded' in refused(sandbox, user=name, password=password)
        connection.execute(f"alter user {name} password disable connection limit unlimited".encode())
        assert "password authentication failed" in refused(sandbox, user=name, password=password)
    finally:
        connection.execute(f"drop user {name}".encode())


def test_an_idle_session_ends_after_the_users_timeout(connection: psycopg.Connection[Any], sandbox: Sandbox) -> None:
    name, password = f"idle_{uuid.uuid4().hex[:8]}", "Aa1" + uuid.uuid4().hex
    connection.execute(f"create user {name} password '{password}' session timeout 60".encode())
    try:
        with engine(sandbox) as below:
            # Redshift's shortest timeout is a minute, which is too long for a test.
            below.execute("call pg_catalog.wf_alter_user(%s)", [Jsonb({"name": name, "session_timeout": 1})])
        with database(sandbox, user=name, password=password) as theirs:
            wait_until(lambda: select.select([theirs.fileno()], [], [], 0)[0])
            assert failing(theirs.execute, "select 1")[0] == "57P05"
    finally:
        connection.execute(f"drop user {name}".encode())
