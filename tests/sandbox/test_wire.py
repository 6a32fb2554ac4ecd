"""The wire port through psycopg: startup, both query protocols, errors, cancel, big results; what reaches the logs."""

from __future__ import annotations

import select
import socket
import struct
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb
from tests.conftest import Sandbox, wait_until
from tests.sandbox.asking import shut_gate
from tests.sandbox.front import aws, database, engine, own


@pytest.fixture
def connection(sandbox: Sandbox) -> Iterator[psycopg.Connection[Any]]:
    with database(sandbox) as connection:
        yield connection


@pytest.fixture
def table(sandbox: Sandbox) -> Iterator[str]:
    name = f"public.w_{uuid.uuid4().hex[:12]}"
    yield name
    with database(sandbox) as connection:
        connection.execute(f"drop table if exists {name}".encode())


def failing(call: Any, *arguments: Any) -> tuple[str | None, str | None]:
    """SQLSTATE and message of the error `call` raises."""
    with pytest.raises(psycopg.Error) as error:
        call(*arguments)
    return error.value.sqlstate, error.value.diag.message_primary


def refused(sandbox: Sandbox, **parameters: Any) -> str:
    with pytest.raises(psycopg.OperationalError) as error:
        database(sandbox, **parameters)
    return str(error.value)


def logged(sandbox: Sandbox, text: str) -> list[tuple[str, str]]:
    """SQL and status of the call log's statements that hold `text`."""
    statements = own(sandbox, "GET", "calls")[1]["statements"]
    return [(one["sql"], one["status"]) for one in statements if text in one["sql"]]


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


def test_another_database_is_entered_by_name(sandbox: Sandbox) -> None:
    with database(sandbox, dbname="marketing") as connection:
        assert connection.execute("select current_database()").fetchone() == ("marketing",)


@pytest.mark.parametrize("literal", [False, True])
def test_temporary_credentials_enter_over_tls_only(sandbox: Sandbox, literal: bool) -> None:
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


def test_settings_of_the_start_hold(sandbox: Sandbox) -> None:
    options = r"-c search_path=pg_catalog,public --statement_timeout=12345 -c application_name=two\ words"
    with database(sandbox, options=options) as connection:
        shown = [
            connection.execute(f"show {name}".encode()).fetchone() for name in ("search_path", "statement_timeout")
        ]
        assert shown[0] == ("pg_catalog,public",)
        assert shown[1] in (("12345ms",), ("12345",))
        assert connection.info.parameter_status("application_name") == "two words"


@pytest.mark.parametrize("options", ["-c no_such_setting=1", "-c 'a;b=1'", "-c role=rdsdb"])
def test_a_setting_nobody_may_make_is_refused(sandbox: Sandbox, options: str) -> None:
    assert "FATAL" in refused(sandbox, options=options)


def test_sign_in_by_an_identity_provider_is_refused_by_name(sandbox: Sandbox) -> None:
    wire = sandbox.ready["wire"]
    parameters = b"user\0a\0database\0dev\0idp_type\0Okta\0token\0t\0\0"
    with socket.create_connection((wire["host"], wire["port"]), 20) as raw:
        raw.sendall(struct.pack("!II", len(parameters) + 8, 196608) + parameters)
        answer = raw.makefile("rb").read()
    assert b"sign-in through an identity provider is not supported by the sandbox" in answer


def test_the_drivers_own_parameters_do_not_disturb(sandbox: Sandbox) -> None:
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
def test_what_is_no_startup_packet_ends_the_connection(sandbox: Sandbox, packet: bytes) -> None:
    wire = sandbox.ready["wire"]
    with socket.create_connection((wire["host"], wire["port"]), 20) as raw:
        raw.sendall(packet)
        answer = raw.makefile("rb").read()
    assert answer[:1] == b"E"
    assert b"FATAL" in answer


def test_gss_is_declined_and_the_rest_goes_on(sandbox: Sandbox) -> None:
    wire = sandbox.ready["wire"]
    with socket.create_connection((wire["host"], wire["port"]), 20) as raw:
        raw.sendall(struct.pack("!II", 8, 80877104))
        assert raw.recv(1) == b"N"
        raw.sendall(struct.pack("!II", 8, 80877103))
        assert raw.recv(1) == b"S"


def test_a_newer_minor_version_is_talked_down(sandbox: Sandbox) -> None:
    wire = sandbox.ready["wire"]
    parameters = b"user\0awsuser\0_pq_.extra\0on\0\0"
    with socket.create_connection((wire["host"], wire["port"]), 20) as raw:
        raw.sendall(struct.pack("!II", len(parameters) + 8, 196610) + parameters)
        assert raw.recv(9)[:1] == b"v"


def test_several_statements_of_one_text_answer_one_by_one(connection: psycopg.Connection[Any]) -> None:
    cursor = psycopg.ClientCursor(connection)
    cursor.execute("select 1; /* no; statement */ ; select 'a;b' -- end\n; select 3;")
    results = [cursor.fetchall()]
    while cursor.nextset():
        results.append(cursor.fetchall())
    assert results == [[(1,)], [("a;b",)], [(3,)]]


@pytest.mark.parametrize("nothing", ["", "  ", ";", "-- only words", "/* and; more */;;"])
def test_an_empty_text_is_answered(connection: psycopg.Connection[Any], nothing: str) -> None:
    for cursor in (connection.cursor(), psycopg.ClientCursor(connection)):
        cursor.execute(nothing.encode())
        assert cursor.pgresult is not None
        assert cursor.pgresult.status == psycopg.pq.ExecStatus.EMPTY_QUERY


def test_several_statements_stand_or_fall_together(connection: psycopg.Connection[Any], table: str) -> None:
    cursor = psycopg.ClientCursor(connection)
    assert failing(cursor.execute, f"create table {table} (a int); select 1/0")[0] == "22012"
    assert connection.execute("select to_regclass(%s)::text", [table]).fetchone() == (None,)


def test_values_are_bound_and_statements_prepared(connection: psycopg.Connection[Any]) -> None:
    for number in range(8):
        row = connection.execute("select %s::int + 1, %s::text", [number, "o'x"], prepare=True).fetchone()
        assert row == (number + 1, "o'x")
    row = connection.execute("select %b::int8", [2**40]).fetchone()
    assert row == (2**40,)


def test_a_pipeline_answers_in_its_order(connection: psycopg.Connection[Any], table: str) -> None:
    with connection.pipeline():
        connection.execute(f"create table {table} (a int)".encode())
        cursors = [connection.execute("select %s::int", [number]) for number in range(200)]
    assert [cursor.fetchone() for cursor in cursors] == [(number,) for number in range(200)]


def test_an_error_in_a_pipeline_skips_to_its_end(connection: psycopg.Connection[Any]) -> None:
    def three() -> None:
        with connection.pipeline():
            for number in (1, 0, 2):
                connection.execute(f"select 1/{number}".encode())

    assert failing(three)[0] == "22012"
    assert connection.execute("select 3").fetchone() == (3,)


def test_a_server_side_cursor_reads_in_pieces(connection: psycopg.Connection[Any]) -> None:
    with connection.transaction(), connection.cursor(name="some_rows") as cursor:
        cursor.itersize = 7
        cursor.execute("select a.n * 10 + b.n from (values (0),(1),(2)) a(n), (values (0),(1),(2),(3),(4),(5)) b(n)")
        assert len(cursor.fetchall()) == 18


def test_errors_have_redshifts_words_and_the_clients_position(connection: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable) as error:
        connection.execute("select * from not_there")
    assert (error.value.diag.message_primary, error.value.diag.statement_position) == (
        'relation "not_there" does not exist',
        "15",
    )
    assert error.value.diag.source_file is None


def test_a_transaction_is_spoilt_by_an_error_until_its_end(connection: psycopg.Connection[Any]) -> None:
    connection.execute("begin")
    failing(connection.execute, "select 1/0")
    assert failing(connection.execute, "select 1") == (
        "25P02",
        "current transaction is aborted, commands ignored until end of transaction block",
    )
    connection.execute("rollback")
    assert connection.execute("select 1").fetchone() == (1,)


REFUSED = "select count(*) filter (where true) from {table}"


@pytest.mark.parametrize("simple", [False, True])
def test_what_redshift_refuses_is_refused_and_spoils_a_transaction(
    connection: psycopg.Connection[Any], table: str, simple: bool
) -> None:
    connection.execute(f"create table {table} (a int)".encode())
    cursor: Any = psycopg.ClientCursor(connection) if simple else connection.cursor()
    state, said = failing(cursor.execute, REFUSED.format(table=table).encode())
    assert (state, said) != (None, None)
    assert "refused" not in str(said).split()
    cursor.execute("begin")
    assert failing(cursor.execute, REFUSED.format(table=table).encode()) == (state, said)
    assert failing(cursor.execute, "select 1")[0] == "25P02"
    cursor.execute("rollback")


@pytest.mark.parametrize("simple", [False, True])
def test_command_tags_are_redshifts(connection: psycopg.Connection[Any], table: str, simple: bool) -> None:
    name = f"tag_{uuid.uuid4().hex[:8]}"
    cursor: Any = psycopg.ClientCursor(connection) if simple else connection.cursor()
    for sql, tag in (
        (f"create table {table} (a int) diststyle even", "CREATE TABLE"),
        (f"insert into {table} values (1), (2)", "INSERT 0 2"),
        (f"create user {name} password disable", "CREATE USER"),
        (f"grant select on {table} to {name}", "GRANT"),
        (f"revoke select on {table} from {name}", "REVOKE"),
        (f"drop user {name}", "DROP USER"),
    ):
        cursor.execute(sql)
        assert cursor.statusmessage == tag


def test_a_running_statement_is_cancelled(sandbox: Sandbox, connection: psycopg.Connection[Any]) -> None:
    said: list[Any] = []
    with shut_gate(sandbox.ready["engine"]["dsn"]) as endless:
        thread = threading.Thread(target=lambda: said.append(failing(connection.execute, endless)))
        thread.start()
        wait_until(lambda: logged(sandbox, endless) == [(endless, "STARTED")] and running(sandbox, connection))
        connection.cancel_safe(timeout=20)
        thread.join(20)
    assert said[0][0] == "57014"
    assert logged(sandbox, endless) == [(endless, "ABORTED")]


def test_nothing_runs_on_for_a_client_that_has_gone(sandbox: Sandbox) -> None:
    connection = database(sandbox)
    pid = connection.info.backend_pid
    there = "select count(*) from pg_stat_activity where pid = %s"
    with shut_gate(sandbox.ready["engine"]["dsn"]) as endless, engine(sandbox) as below:
        connection.pgconn.send_query(endless.encode())
        wait_until(lambda: running(sandbox, connection))
        connection.pgconn.finish()
        wait_until(lambda: below.execute(there, [pid]).fetchone() == (0,))
        wait_until(lambda: logged(sandbox, endless) == [(endless, "ABORTED")])
    connection.close()


def running(sandbox: Sandbox, connection: psycopg.Connection[Any]) -> bool:
    with engine(sandbox) as below:
        row = below.execute(
            "select state from pg_stat_activity where pid = %s", [connection.info.backend_pid]
        ).fetchone()
    return row == ("active",)


def test_a_foreign_key_cancels_nothing(sandbox: Sandbox, connection: psycopg.Connection[Any]) -> None:
    wire = sandbox.ready["wire"]
    with socket.create_connection((wire["host"], wire["port"]), 20) as raw:
        raw.sendall(struct.pack("!IIII", 16, 80877102, connection.info.backend_pid, 0))
        assert raw.recv(1) == b""
    assert connection.execute("select 1").fetchone() == (1,)


def test_a_backend_that_is_ended_ends_its_client(sandbox: Sandbox, connection: psycopg.Connection[Any]) -> None:
    with engine(sandbox) as below:
        below.execute("select pg_terminate_backend(%s)", [connection.info.backend_pid])
    assert failing(connection.execute, "select 1")[0] in ("57P01", None)


def test_every_text_is_logged_once_with_its_status(
    sandbox: Sandbox, connection: psycopg.Connection[Any], table: str
) -> None:
    own(sandbox, "DELETE", "calls")
    simple = psycopg.ClientCursor(connection)
    simple.execute(f"create table {table} (a int); insert into {table} values (1)")
    connection.execute(f"select * from {table} where a = %s".encode(), [1])
    failing(connection.execute, f"select nothing from {table}".encode())
    failing(simple.execute, f"select 1; select 1/0; select 2 /* {table} */")
    statements = own(sandbox, "GET", "calls")[1]["statements"]
    assert [(one["sql"], one["status"]) for one in statements] == [
        (f"create table {table} (a int)", "FINISHED"),
        (f"insert into {table} values (1)", "FINISHED"),
        (f"select * from {table} where a = $1", "FINISHED"),
        (f"select nothing from {table}", "FAILED"),
        ("select 1", "FINISHED"),
        ("select 1/0", "FAILED"),
    ]
    session = f"wire-{connection.info.backend_pid}"
    assert {(one["db_user"], one["database"], one["session"]) for one in statements} == {("awsuser", "dev", session)}
    assert all(one["seconds"] >= 0 for one in statements)
    assert len({one["id"] for one in statements}) == 6


def test_a_portal_read_in_pieces_is_one_statement(sandbox: Sandbox, connection: psycopg.Connection[Any]) -> None:
    mark = f"select 1 as a_{uuid.uuid4().hex} union all select 2"
    raw = connection.pgconn
    raw.send_query_params(mark.encode(), None)
    raw.set_single_row_mode()
    while raw.get_result() is not None:
        continue
    assert logged(sandbox, mark) == [(mark, "FINISHED")]


def test_the_engines_counters_show_at_once_what_ran(
    sandbox: Sandbox, connection: psycopg.Connection[Any], table: str
) -> None:
    connection.execute(f"create table {table} (a int)".encode())
    connection.execute(f"insert into {table} values (1), (2), (3)".encode())
    connection.execute(f"select * from {table}".encode())
    sql = "select n_live_tup, seq_tup_read from pg_stat_user_tables where schemaname || '.' || relname = %s"
    with engine(sandbox) as below:
        assert below.execute(sql, [table]).fetchone() == (3, 3)


def test_a_big_result_does_not_pile_up(sandbox: Sandbox, connection: psycopg.Connection[Any]) -> None:
    """The client does not read; the sandbox must wait instead of keeping what the engine has ready."""
    rows, width = 40_000, 5_000
    before = resident(sandbox)
    connection.pgconn.send_query(
        f"select repeat('x', {width}) from (values (0),(1)) a(n), "
        f"(select row_number() over () from pg_class a, pg_class b limit {rows // 2}) b".encode()
    )
    wait_until(lambda: stalled(sandbox, connection))
    assert resident(sandbox) - before < 50_000_000
    seen = 0
    connection.pgconn.set_single_row_mode()
    while (result := connection.pgconn.get_result()) is not None:
        seen += result.ntuples
    assert seen == rows


def stalled(sandbox: Sandbox, connection: psycopg.Connection[Any]) -> bool:
    with engine(sandbox) as below:
        row = below.execute(
            "select wait_event from pg_stat_activity where pid = %s", [connection.info.backend_pid]
        ).fetchone()
    return row == ("ClientWrite",)


def resident(sandbox: Sandbox) -> int:
    """Bytes of memory the sandbox's own process holds."""
    return int(Path(f"/proc/{sandbox.process.pid}/statm").read_text().split()[1]) * 4096


def test_users_logged_in_read_their_own_settings_anew(sandbox: Sandbox, connection: psycopg.Connection[Any]) -> None:
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


def test_passwords_do_not_show_in_what_is_logged(sandbox: Sandbox, connection: psycopg.Connection[Any]) -> None:
    name, password = f"shy_{uuid.uuid4().hex[:8]}", "Aa1" + uuid.uuid4().hex
    weak = f"weak{uuid.uuid4().hex}"
    connection.execute(f"create user {name} password '{password}'".encode())
    connection.execute(f"drop user {name}".encode())
    failing(connection.execute, f"create user {name} password '{weak}'".encode())
    assert logged(sandbox, f"create user {name}") == [
        (f"create user {name} password '***'", "FINISHED"),
        (f"create user {name} password '***'", "FAILED"),
    ]
    everything = str(own(sandbox, "GET", "calls")[1])
    assert (password in everything, weak in everything) == (False, False)
    kept = "select count(*) from sys_query_history where query_text like %s or query_text like %s"
    assert connection.execute(kept, [f"%{password[:20]}%", f"%{weak[:20]}%"]).fetchone() == (0,)


def test_an_idle_session_ends_after_the_users_timeout(connection: psycopg.Connection[Any], sandbox: Sandbox) -> None:
    name, password = f"idle_{uuid.uuid4().hex[:8]}", "Aa1" + uuid.uuid4().hex
    connection.execute(f"create user {name} password '{password}' session timeout 60".encode())
    try:
        with engine(sandbox) as below:
            # A minute is the shortest that Redshift lets one choose; nobody wants to wait for it.
            below.execute("call pg_catalog.wf_alter_user(%s)", [Jsonb({"name": name, "session_timeout": 1})])
        with database(sandbox, user=name, password=password) as theirs:
            theirs.execute("select 1")
            wait_until(lambda: select.select([theirs.fileno()], [], [], 0)[0])
            assert failing(theirs.execute, "select 1")[0] == "57P05"
    finally:
        connection.execute(f"drop user {name}".encode())


def test_what_ran_shows_in_the_system_views(connection: psycopg.Connection[Any], table: str) -> None:
    cursor = psycopg.ClientCursor(connection)
    with connection.transaction():
        cursor.execute(f"create table {table} (a int)")
        cursor.execute(f"insert into {table} values (1), (2)")
    failing(connection.execute, f"select nothing from {table}".encode())
    shown = connection.execute(
        "select trim(query_type), trim(status), trim(query_text) from sys_query_history "
        "where query_text like %s and query_text not like '%%sys_query_history%%' order by query_id",
        [f"%{table}%"],
    ).fetchall()
    assert shown == [
        ("DDL", "success", f"create table {table} (a int)"),
        ("INSERT", "success", f"insert into {table} values (1), (2)"),
        ("SELECT", "failed", f"select nothing from {table}"),
    ]
    steps = connection.execute(
        "select d.step_name from sys_query_detail d join pg_class c on c.oid = d.table_id where c.relname = %s",
        [table.partition(".")[2]],
    ).fetchall()
    assert [one[0].strip() for one in steps] == ["insert"]
