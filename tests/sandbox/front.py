"""Access to a running sandbox: AWS clients, plain HTTP requests, wire connections, the engine, blocking queries."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from http.client import HTTPConnection
from typing import Any

import boto3
import psycopg
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from tests.conftest import LAST_RESORT, Sandbox

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/analytics-role"


def aws(
    sandbox: Sandbox,
    service: str,
    identity: str | dict[str, Any] = "admin",
    *,
    region: str = "us-east-1",
    attempts: int = 1,
    validate: bool = True,
) -> Any:
    """A boto3 client for an identity of the ready file, or for the Credentials of an STS response.

    Without `validate` botocore does not check the parameters.
    """
    if isinstance(identity, str):
        keys = sandbox.identity(identity)
        access, secret, token = keys["access_key_id"], keys["secret_access_key"], None
    else:
        access, secret, token = identity["AccessKeyId"], identity["SecretAccessKey"], identity.get("SessionToken")
    return _client(sandbox.endpoint_url, service, access, secret, token, region, attempts, validate)


@cache
def _client(
    endpoint_url: str,
    service: str,
    access: str,
    secret: str,
    token: str | None,
    region: str,
    attempts: int,
    validate: bool,
) -> Any:
    """A cached client, since creating one takes longer than most requests."""
    return boto3.client(
        service,
        endpoint_url=endpoint_url,
        region_name=region,
        aws_access_key_id=access,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(
            retries={"total_max_attempts": attempts, "mode": "standard"},
            parameter_validation=validate,
            max_pool_connections=100,
            read_timeout=LAST_RESORT,
            connect_timeout=LAST_RESORT,
        ),
    )


def refusal(call: Any, **members: Any) -> tuple[str, int, str]:
    """Code, HTTP status and message of the error that `call` raises; fails when it raises none."""
    try:
        call(**members)
    except ClientError as error:
        said = error.response["Error"]
        return said["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"], said["Message"]
    raise AssertionError("it was not refused")


def signed(
    sandbox: Sandbox, service: str, headers: dict[str, str], body: bytes, *, secret: str | None = None
) -> AWSRequest:
    """A request to the sandbox, signed with admin's key (with `secret` in place of admin's secret key)."""
    keys = sandbox.identity("admin")
    request = AWSRequest("POST", sandbox.endpoint_url + "/", headers, body)
    SigV4Auth(Credentials(keys["access_key_id"], secret or keys["secret_access_key"]), service, "us-east-1").add_auth(
        request
    )
    return request


def send(sandbox: Sandbox, request: AWSRequest) -> tuple[int, str, bytes]:
    """Send `request` unchanged; returns status, content type and body of the response."""
    return fetch(sandbox, request.method, "/", request.data, dict(request.headers.items()))


def own(sandbox: Sandbox, method: str, path: str, document: Any = None) -> tuple[int, Any]:
    """A request to `/_sandbox/<path>`; returns status and document."""
    data = None if document is None else json.dumps(document).encode()
    status, _, body = fetch(sandbox, method, f"/_sandbox/{path}", data)
    return status, json.loads(body)


def fetch(
    sandbox: Sandbox, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, str, bytes]:
    """One plain HTTP request; returns status, content type and body."""
    connection = HTTPConnection(sandbox.endpoint_url.removeprefix("http://"), timeout=LAST_RESORT)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.getheader("content-type", ""), answer.read()
    finally:
        connection.close()


def database(sandbox: Sandbox, **parameters: Any) -> psycopg.Connection[Any]:
    """A psycopg connection to the wire port in autocommit mode, by default as awsuser."""
    wire, admin = sandbox.ready["wire"], sandbox.ready["admin"]
    usual: dict[str, Any] = {
        "host": wire["host"],
        "port": wire["port"],
        "user": admin["user"],
        "password": admin["password"],
        "dbname": "dev",
        "sslmode": "verify-full",
        "sslrootcert": wire["ca_file"],
        "connect_timeout": LAST_RESORT,
        "autocommit": True,
    }
    return psycopg.connect(**{**usual, **parameters})


def engine(sandbox: Sandbox, dbname: str = "dev") -> psycopg.Connection[Any]:
    """A connection to the engine itself as its superuser."""
    return psycopg.connect(sandbox.ready["engine"]["dsn"], dbname=dbname, autocommit=True)


# A system function, so that it is in no list of user functions. It is not dropped, since a waiting query may need it.
_GATE = """
create function pg_catalog.wf_test_gate(number bigint) returns int language plpgsql
as 'begin perform pg_advisory_xact_lock_shared(number); return 1; end'
"""


@contextmanager
def shut_gate(dsn: str) -> Iterator[str]:
    """A query that runs until the block ends and then returns one row with 1; Redshift has no sleep function.

    It waits inside a function: for a table's lock a statement would wait before it starts.
    """
    number = secrets.randbits(62)
    with closing(psycopg.connect(dsn, autocommit=True)) as keeper:
        if keeper.execute("select to_regproc('pg_catalog.wf_test_gate')").fetchone() == (None,):
            keeper.execute(_GATE)
        keeper.execute("select pg_advisory_lock(%s)", [number])
        # The lock is released with this connection.
        yield f"select pg_catalog.wf_test_gate({number})"


def failing(call: Any, *arguments: Any) -> tuple[str | None, str | None]:
    """SQLSTATE and message of the error that `call` raises."""
    with pytest.raises(psycopg.Error) as error:
        call(*arguments)
    return error.value.sqlstate, error.value.diag.message_primary


def refused(sandbox: Sandbox, **parameters: Any) -> str:
    with pytest.raises(psycopg.OperationalError) as error:
        database(sandbox, **parameters)
    return str(error.value)


def logged(sandbox: Sandbox, text: str) -> list[tuple[str, str]]:
    """SQL and status of the statements in the call log that contain `text`."""
    statements = own(sandbox, "GET", "calls")[1]["statements"]
    return [(one["sql"], one["status"]) for one in statements if text in one["sql"]]


def running(sandbox: Sandbox, connection: psycopg.Connection[Any]) -> bool:
    with engine(sandbox) as below:
        row = below.execute(
            "select state from pg_stat_activity where pid = %s", [connection.info.backend_pid]
        ).fetchone()
    return row == ("active",)
