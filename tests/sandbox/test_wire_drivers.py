"""redshift_connector: passwords, IAM, valid and invalid certificates."""

from __future__ import annotations

import datetime
import gc
import json
import os
import subprocess
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redshift_connector
from botocore.exceptions import ClientError
from cryptography import x509
from tests.conftest import LAST_RESORT, Sandbox
from tests.sandbox.front import database

from wharfinger_sandbox.wire.tls import CA_FILE, SERVER_FILE, server_context

# The driver does not close its socket when a login is refused.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

DBT_PYTHON = Path(__file__).parents[2] / ".venv-dbt" / "bin" / "python"
IAM = {"iam": True, "database": "dev", "region": "us-east-1"}


@pytest.fixture
def connect(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """A function that connects as awsuser, or with IAM as admin, with additional parameters."""
    opened: list[Any] = []
    wire, admin = sandbox.ready["wire"], sandbox.ready["admin"]
    for name, value in sandbox.env("admin").items():
        monkeypatch.setenv(name, value)

    def run(**parameters: Any) -> Any:
        keys = sandbox.identity("admin")
        by_password = {"host": wire["host"], "port": wire["port"], **admin, "database": "dev"}
        by_iam = {"access_key_id": keys["access_key_id"], "secret_access_key": keys["secret_access_key"]}
        usual = by_iam if parameters.get("iam") else by_password
        opened.append(redshift_connector.connect(**{**usual, "timeout": 20, **parameters}))
        return opened[-1]

    yield run
    for one in opened:
        one.close()


def refused(connect: Callable[..., Any], **parameters: Any) -> str:
    """The text of the error with which connecting fails. The driver then leaves its socket open; it is closed here."""
    said = ""
    try:
        connect(**parameters)
    except redshift_connector.InterfaceError as error:
        said = repr(error)
    gc.collect()
    return said


def value(connection: Any, sql: str, *arguments: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, arguments or None)
        return cursor.fetchone()[0]


def test_values_arrive_in_their_types(connect: Callable[..., Any]) -> None:
    with connect().cursor() as cursor:
        cursor.execute(
            "select 1::int2, 2::int4, 3::int8, 1.50::numeric(10,2), 'é'::varchar(10), true, date '2020-02-29', "
            "timestamp '2020-01-01 12:30:00.5', 1.5::float8, null::int4, getdate() is null"
        )
        assert list(cursor.fetchone()) == [
            1, 2, 3, Decimal("1.50"), "é", True, datetime.date(2020, 2, 29),
            datetime.datetime(2020, 1, 1, 12, 30, 0, 500000), 1.5, None, False,
        ]  # fmt: skip
        assert cursor.fetchone() is None


def test_parameters_and_transactions_work(connect: Callable[..., Any]) -> None:
    connection = connect()
    with connection.cursor() as cursor:
        cursor.execute("create temp table mine (a int, b varchar(20))")
        cursor.executemany("insert into mine values (%s, %s)", [(1, "o'x"), (2, None)])
        connection.commit()
        cursor.execute("insert into mine values (3, 'gone')")
        connection.rollback()
        cursor.execute("select a, b from mine order by a")
        assert [list(row) for row in cursor.fetchall()] == [[1, "o'x"], [2, None]]


def test_an_error_leaves_the_connection_usable(connect: Callable[..., Any]) -> None:
    connection = connect()
    with pytest.raises(redshift_connector.ProgrammingError) as error:
        value(connection, "select * from not_there")
    assert (error.value.args[0]["C"], error.value.args[0]["M"]) == ("42P01", 'relation "not_there" does not exist')
    connection.rollback()
    assert value(connection, "select 1") == 1


def test_a_wrong_password_is_an_interface_error(connect: Callable[..., Any]) -> None:
    said = refused(connect, password="wrong")
    assert "'C': '28000', 'M': 'password authentication failed for user \"awsuser\"'" in said


@pytest.mark.parametrize(
    ("parameters", "user"),
    [
        ({"cluster_identifier": "demo-cluster", "db_user": "awsuser"}, "awsuser"),
        ({"cluster_identifier": "demo-cluster", "group_federation": True}, "IAM:admin"),
        ({"is_serverless": True, "serverless_work_group": "demo-workgroup"}, "IAM:admin"),
    ],
)
@pytest.mark.parametrize("named_host", [False, True])
def test_iam_finds_the_way_and_the_user(
    sandbox: Sandbox, connect: Callable[..., Any], parameters: dict[str, Any], user: str, named_host: bool
) -> None:
    wire = sandbox.ready["wire"]
    where = {"host": wire["host"], "port": wire["port"]} if named_host else {}
    assert value(connect(**IAM, **parameters, **where, iam_disable_cache=True), "select current_user") == user


def test_iam_makes_a_user_when_asked_to(sandbox: Sandbox, connect: Callable[..., Any]) -> None:
    name = f"driver_{uuid.uuid4().hex[:8]}"
    made = {**IAM, "cluster_identifier": "demo-cluster", "db_user": name, "iam_disable_cache": True}
    assert "password authentication failed" in refused(connect, **made)
    assert value(connect(**made, auto_create=True), "select current_user") == name
    with database(sandbox) as connection:
        connection.execute(f"drop user {name}".encode())


def test_iam_says_what_is_missing(connect: Callable[..., Any]) -> None:
    with pytest.raises(ClientError, match="Cluster other not found"):
        connect(**IAM, cluster_identifier="other", db_user="awsuser")
    plain = {"cluster_identifier": "demo-cluster", "db_user": "awsuser", "ssl": False}
    assert "SSL must be enabled when using IAM" in refused(connect, **IAM, **plain)


def test_a_certificate_of_an_unknown_authority_is_not_trusted(
    connect: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    said = refused(connect)
    assert "communication error" in said
    assert "CERTIFICATE_VERIFY_FAILED" in said


@pytest.mark.parametrize("mode", ["verify-ca", "verify-full"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_certificate_is_valid_for_the_names_of_the_local_host(
    connect: Callable[..., Any], mode: str, host: str
) -> None:
    assert value(connect(host=host, sslmode=mode), "select 1") == 1


def test_libpq_does_not_trust_another_authority(sandbox: Sandbox, tmp_path: Path) -> None:
    _, other = server_context(tmp_path)
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        database(sandbox, sslrootcert=str(other))


def test_the_certificate_is_reused_while_valid_and_then_replaced(tmp_path: Path) -> None:
    server_context(tmp_path)
    first = (tmp_path / SERVER_FILE).read_bytes()
    server_context(tmp_path)
    assert (tmp_path / SERVER_FILE).read_bytes() == first
    ends = x509.load_pem_x509_certificate((tmp_path / CA_FILE).read_bytes()).not_valid_after_utc
    server_context(tmp_path, ends - datetime.timedelta(hours=1))
    assert (tmp_path / SERVER_FILE).read_bytes() != first
    assert (tmp_path / SERVER_FILE).stat().st_mode & 0o777 == 0o600


SCRIPT = """
import json, sys, redshift_connector
parameters, sqls = json.loads(sys.stdin.read())
with redshift_connector.connect(**parameters) as connection:
    with connection.cursor() as cursor:
        answers = []
        for sql in sqls:
            cursor.execute(sql)
            answers.append([str(one) for one in cursor.fetchone()])
print(json.dumps([redshift_connector.__version__, answers]))
"""


@pytest.mark.dbt
@pytest.mark.parametrize("way", ["password", "cluster", "workgroup"])
def test_the_drivers_version_that_dbt_uses_connects_too(sandbox: Sandbox, way: str) -> None:
    wire, keys = sandbox.ready["wire"], sandbox.identity("admin")
    iam = {**IAM, "access_key_id": keys["access_key_id"], "secret_access_key": keys["secret_access_key"]}
    parameters: dict[str, Any] = {
        "password": {"host": wire["host"], "port": wire["port"], "database": "dev", **sandbox.ready["admin"]},
        "cluster": {**iam, "cluster_identifier": "demo-cluster", "db_user": "awsuser"},
        "workgroup": {**iam, "is_serverless": True, "serverless_work_group": "demo-workgroup"},
    }[way]
    done = subprocess.run(
        [DBT_PYTHON, "-c", SCRIPT],
        input=json.dumps([parameters, ["select current_user", "select 1.50::numeric(4,2), 'a'::varchar(5)"]]),
        env={"PATH": os.environ["PATH"], **sandbox.env("admin")},
        capture_output=True, text=True, check=False, timeout=LAST_RESORT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    version, answers = json.loads(done.stdout)
    assert version.startswith("2.1.")
    user = {"password": "awsuser", "cluster": "awsuser", "workgroup": "IAM:admin"}[way]
    assert answers == [[user], ["1.50", "a"]]
