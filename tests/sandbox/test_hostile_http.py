"""HTTP requests that no SDK sends: the sandbox refuses them in AWS's form and has no internal error."""

from __future__ import annotations

import base64
import json
import random
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import botocore.session
import pytest
from botocore.model import Shape
from tests.conftest import LAST_RESORT, Sandbox
from tests.sandbox.data_api import DataApiClient
from tests.sandbox.front import aws, fetch, refusal, send, shut_gate, signed

JSON = "application/x-amz-json-1.1"
FORM = "application/x-www-form-urlencoded; charset=utf-8"
TARGETS = {
    "redshift-data": "RedshiftData",
    "redshift-serverless": "RedshiftServerless",
    "secretsmanager": "secretsmanager",
    "kms": "TrentService",
}
GOOD = {"Sql": "select 1", "ClusterIdentifier": "demo-cluster", "Database": "dev", "WaitTimeSeconds": 30}


def post(
    sandbox: Sandbox, body: bytes | dict[str, Any], operation: str = "ExecuteStatement", service: str = "redshift-data"
) -> tuple[int, dict[str, Any]]:
    """Send a signed request of a JSON service; returns status and document."""
    content = json.dumps(body).encode() if isinstance(body, dict) else body
    headers = {"Content-Type": JSON, "X-Amz-Target": f"{TARGETS[service]}.{operation}"}
    status, _, answer = send(sandbox, signed(sandbox, service, headers, content))
    return status, json.loads(answer)


def raw(sandbox: Sandbox, data: bytes, *, half: bool = False) -> bytes:
    """The bytes returned for `data` until the server has answered or closed; `half`: the request is incomplete."""
    host, port = sandbox.endpoint_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=LAST_RESORT) as connection:
        connection.sendall(data)
        if half:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        while not _complete(answer) and (piece := connection.recv(65536)):
            answer += piece
    return answer


def _complete(answer: bytes) -> bool:
    head, mark, body = answer.partition(b"\r\n\r\n")
    if not mark or head.startswith(b"HTTP/1.1 100"):
        return bool(mark) and _complete(body)
    length = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return body.endswith(b"0\r\n\r\n") if not length else len(body) >= int(length[0])


def request(sandbox: Sandbox, *more: str, body: bytes = json.dumps(GOOD).encode(), version: str = "1.1") -> bytes:
    """A valid request as bytes, with additional header lines."""
    headers = {"Content-Type": JSON, "X-Amz-Target": "RedshiftData.ExecuteStatement"}
    lines = [f"{name}: {value}" for name, value in signed(sandbox, "redshift-data", headers, body).headers.items()]
    if not any(name.startswith("Host") for name in lines):
        lines.append(f"Host: {sandbox.endpoint_url.removeprefix('http://')}")
    return "\r\n".join([f"POST / HTTP/{version}", *lines, *more, "", ""]).encode()


NO_OBJECTS = [
    b'{"Sql": "select 1"',
    b"[]",
    b"null",
    b"1",
    b'"text"',
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b'{"Sql": "\xff\xfe"}',
    json.dumps(GOOD).encode("utf-16"),
    b"\xef\xbb\xbf{}",
    b'{"WaitTimeSeconds": ' + b"9" * 5000 + b"}",
    b"<xml/>",
]


@pytest.mark.parametrize("body", NO_OBJECTS, ids=range(len(NO_OBJECTS)))
def test_a_body_that_is_not_a_json_object_is_refused(sandbox: Sandbox, body: bytes) -> None:
    status, answer = post(sandbox, body)
    assert (status, answer["__type"]) == (400, "SerializationException")


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"WaitTimeSeconds": 1.0}, "SerializationException"),
        ({"WaitTimeSeconds": float("nan")}, "SerializationException"),
        ({"WaitTimeSeconds": True}, "SerializationException"),
        ({"WaitTimeSeconds": "1"}, "SerializationException"),
        ({"WithEvent": 1}, "SerializationException"),
        ({"Sql": ["select 1"]}, "SerializationException"),
        ({"Sql": "select '\ud800'"}, "SerializationException"),
        ({"Parameters": [None]}, "SerializationException"),
        ({"Parameters": [{"name": "a", "value": None}]}, "ValidationException"),
        ({"Database": "de\0v"}, "ValidationException"),
        ({"DbUser": "aws\0user"}, "ValidationException"),
        ({"SecretArn": "arn\0"}, "ValidationException"),
        ({"ClusterIdentifier": "demo\0cluster"}, "ValidationException"),
        ({"WaitTimeSeconds": 10**30}, "ValidationException"),
        ({"StatementName": "x" * 2049}, "ValidationException"),
    ],
)
def test_a_member_of_the_wrong_kind_is_refused(sandbox: Sandbox, members: dict[str, Any], code: str) -> None:
    status, answer = post(sandbox, GOOD | members)
    assert (status, answer["__type"]) == (400, code)


def test_unknown_members_and_nulls_are_ignored(sandbox: Sandbox) -> None:
    more = {"Sqls": ["select 2", "select 3"], "ExecutionMode": "AUTO_COMMIT", "Nonsense": {"a": [1]}, "SecretArn": None}
    status, answer = post(sandbox, GOOD | more | {"Parameters": None, "ResultFormat": None})
    assert (status, answer["Status"]) == (200, "FINISHED")
    _, described = post(sandbox, {"Id": answer["Id"]}, "DescribeStatement")
    assert (described["QueryString"], "SubStatements" in described) == ("select 1", False)
    empty = {"StatementName": None, "Status": None, "RoleLevel": None, "MaxResults": None, "NextToken": None}
    status, listed = post(sandbox, empty, "ListStatements")
    assert status == 200
    assert answer["Id"] in [one["Id"] for one in listed["Statements"]]
    assert post(sandbox, empty | {"SessionId": None}, "ListSessions")[0] == 200


SQLS = {
    "select 'é🙂\u202e' as \"ünï\"": "FINISHED",
    "select 1\0": "FAILED",
    "": "FINISHED",
    " ;; ": "FINISHED",
    "-- nothing": "FINISHED",
    "/* open": "FAILED",
    "select 'open": "FAILED",
    "select $$open": "FAILED",
    'select "open': "FAILED",
    ")": "FAILED",
    "select " + "(" * 5000: "FAILED",
    "select " + "1+" * 20_000 + "1": None,
    "select " + "not " * 20_000 + "true": None,
    "grant": "FAILED",
    "create user": "FAILED",
    "show": "FAILED",
    "set": "FAILED",
    "\\copy t from x": "FAILED",
    "select '{}'::super.a.b[": "FAILED",
    "with a as (select 1 as x, x as y, y as z) select * from a": "FINISHED",
}


@pytest.mark.parametrize(("sql", "status"), SQLS.items(), ids=range(len(SQLS)))
def test_sql_of_any_kind_ends_with_a_status(sandbox: Sandbox, sql: str, status: str | None) -> None:
    code, answer = post(sandbox, GOOD | {"Sql": sql})
    assert code == 200
    _, described = post(sandbox, {"Id": answer["Id"], "WaitTimeSeconds": 30}, "DescribeStatement")
    assert described["Status"] == status or (status is None and described["Status"] in ("FINISHED", "FAILED"))
    assert "internal error" not in described.get("Error", "")


def test_a_batch_has_one_to_forty_statements(sandbox: Sandbox) -> None:
    target = {"ClusterIdentifier": "demo-cluster", "Database": "dev", "WaitTimeSeconds": 30}
    for sqls in ([], ["select 1"] * 41):
        assert post(sandbox, target | {"Sqls": sqls}, "BatchExecuteStatement")[1]["__type"] == "ValidationException"
    assert post(sandbox, target | {"Sqls": ["select 1"] * 40}, "BatchExecuteStatement")[1]["Status"] == "FINISHED"
    assert post(sandbox, target | {"Sqls": ["", "-- nothing"]}, "BatchExecuteStatement")[1]["Status"] == "FINISHED"


@pytest.mark.parametrize(
    "token",
    [
        "", "AAAA", "!!!!", "é", "x" * 10_000,
        *(base64.urlsafe_b64encode(text.encode()).decode() for text in
          ('[-5,"x"]', "{}", "null", "[1]", '[1e400,"x"]', '[true,"x"]', "[" * 5000, '["a","b"]')),
    ],
    ids=range(13),
)  # fmt: skip
def test_a_forged_next_token_is_refused(sandbox: Sandbox, token: str) -> None:
    finished = post(sandbox, GOOD)[1]["Id"]
    for operation, members in (
        ("ListStatements", {}),
        ("ListSessions", {}),
        ("ListTables", {"ClusterIdentifier": "demo-cluster", "Database": "dev"}),
        ("GetStatementResult", {"Id": finished}),
    ):
        status, answer = post(sandbox, members | {"NextToken": token}, operation)
        # An empty token means the first page.
        assert (status, answer.get("message")) == ((400, "Invalid NextToken.") if token else (200, None)), operation


def test_another_identitys_statement_is_not_found(sandbox: Sandbox) -> None:
    with shut_gate(sandbox.ready["engine"]["dsn"]) as endless:
        theirs = DataApiClient(sandbox).data.execute_statement(
            Sql=endless, ClusterIdentifier="demo-cluster", Database="dev", DbUser="awsuser"
        )["Id"]
        stranger = aws(sandbox, "redshift-data", "analyst")
        for call in (stranger.describe_statement, stranger.get_statement_result, stranger.cancel_statement):
            assert refusal(call, Id=theirs) == ("ResourceNotFoundException", 400, "Query does not exist.")
        assert theirs not in [one["Id"] for one in stranger.list_statements(Status="ALL")["Statements"]]
        DataApiClient(sandbox).data.cancel_statement(Id=theirs)


def test_a_client_token_identifies_the_first_statement_of_its_owner(sandbox: Sandbox) -> None:
    target = {"ClusterIdentifier": "demo-cluster", "Database": "dev"}
    mine, theirs = aws(sandbox, "redshift-data", "admin"), aws(sandbox, "redshift-data", "analyst")
    first = mine.execute_statement(Sql="select 1", ClientToken="a-token-of-two", **target)
    again = mine.execute_statement(Sql="select 2", ClientToken="a-token-of-two", **target)
    other = theirs.execute_statement(Sql="select 3", ClientToken="a-token-of-two", **target)
    assert first["Id"] == again["Id"] != other["Id"]
    assert mine.describe_statement(Id=again["Id"])["QueryString"] == "select 1"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
def test_operations_are_asked_with_post_at_the_root(sandbox: Sandbox, method: str) -> None:
    good = signed(
        sandbox, "redshift-data", {"Content-Type": JSON, "X-Amz-Target": "RedshiftData.ListStatements"}, b"{}"
    )
    headers = dict(good.headers.items())
    status, _, answer = fetch(sandbox, method, "/", b"{}", headers)
    assert (status, json.loads(answer)["__type"]) == (404, "UnknownOperationException")
    for path in ("/x", "//", "/../etc/passwd", "/%00", "/?a=b"):
        assert fetch(sandbox, method, path, b"{}", headers)[0] in (400, 404)
    assert fetch(sandbox, "HEAD", "/", None, headers)[0] == 404


@pytest.mark.parametrize("target", ["", "RedshiftData", "RedshiftData.", "redshiftdata.ListStatements", "é", "x" * 5000,
                                    "RedshiftData.liststatements", "DynamoDB_20120810.ListTables", "."])  # fmt: skip
def test_a_wrong_target_is_refused(sandbox: Sandbox, target: str) -> None:
    headers = {"Content-Type": JSON, **({"X-Amz-Target": target} if target.isascii() else {})}
    status, _, answer = send(sandbox, signed(sandbox, "redshift-data", headers, b"{}"))
    assert status == 400
    assert b"UnknownOperationException" in answer


def test_headers_given_twice_or_not_at_all_are_refused(sandbox: Sandbox) -> None:
    length = f"Content-Length: {len(json.dumps(GOOD))}"
    body = json.dumps(GOOD).encode()
    assert b" 200 OK" in raw(sandbox, request(sandbox, length) + body).split(b"\r\n")[0]
    for more in ("X-Amz-Target: RedshiftData.ListStatements", "Content-Length: 5", "Host: elsewhere"):
        assert b" 400 " in raw(sandbox, request(sandbox, length, more) + body).split(b"\r\n")[0], more
    for bad in (
        b"GET / HTTP/1.1\r\n\r\n", b"hello\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00" + bytes(200),
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /?\xff\xfe=1 HTTP/1.1\r\nHost: x\r\n\r\n",
    ):  # fmt: skip
        assert raw(sandbox, bad).startswith(b"HTTP/1.1 400 "), bad
    headers = b"".join(b"X-%d: a\r\n" % number for number in range(2000))
    assert raw(sandbox, b"GET / HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n").startswith(b"HTTP/1.1 403 ")


def test_bodies_may_come_in_chunks_and_after_a_question(sandbox: Sandbox) -> None:
    body = json.dumps(GOOD).encode()
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(body[at : at + 7]), body[at : at + 7]) for at in range(0, len(body), 7))
    chunked = request(sandbox, "Transfer-Encoding: chunked") + chunks + b"0\r\n\r\n"
    assert raw(sandbox, chunked).startswith(b"HTTP/1.1 200 ")
    asked = request(sandbox, f"Content-Length: {len(body)}", "Expect: 100-continue") + body
    assert b"HTTP/1.1 200 OK" in raw(sandbox, asked)
    old = request(sandbox, f"Content-Length: {len(body)}", version="1.0") + body
    assert raw(sandbox, old).startswith(b"HTTP/1.1 200 ")


def test_an_incomplete_or_too_large_body_does_not_disturb_other_requests(sandbox: Sandbox) -> None:
    assert raw(sandbox, request(sandbox, "Content-Length: 500") + b"{", half=True) == b""
    status, answer = post(sandbox, b'{"Sql": "' + b"x" * (33 * 1024 * 1024) + b'"}')
    assert (status, answer["__type"]) == (413, "RequestEntityTooLarge")
    status, answer = post(sandbox, GOOD | {"Sql": "select '" + "x" * (20 * 1024 * 1024) + "'"})
    assert (status, answer["message"]) == (400, "Cannot process query string larger than 100kB.")


@pytest.mark.parametrize(
    "body", [b"[{}]", b"{}", b"null", b"[" * 50_000, b"\xff", b'[{"operation": 1, "kind": "slow"}]']
)
def test_invalid_faults_are_refused(sandbox: Sandbox, body: bytes) -> None:
    assert fetch(sandbox, "PUT", "/_sandbox/faults", body)[0] == 400


def guess(shape: Shape, rnd: random.Random, depth: int = 0) -> Any:
    """A value of the right type without a valid meaning."""
    kind = shape.type_name
    if kind == "structure":
        members = shape.members.items()  # type: ignore[attr-defined]
        wanted = set(shape.required_members)  # type: ignore[attr-defined]
        return {name: guess(one, rnd, depth + 1) for name, one in members
                if depth < 4 and (name in wanted or rnd.random() < 0.3)}  # fmt: skip
    if kind == "list":
        return [guess(shape.member, rnd, depth + 1) for _ in range(rnd.choice((0, 1, 3)))]  # type: ignore[attr-defined]
    if kind == "map":
        return {"k": guess(shape.value, rnd, depth + 1)}  # type: ignore[attr-defined]
    texts = ["", "x", "é", "a\0b", "x" * 3000, "arn:aws:iam::1:role/x", "%", "{", "demo-cluster", "'", "1"]
    choices: dict[str, list[Any]] = {
        "integer": [0, -1, 1, 10**12], "long": [0, -1, 1, 10**18], "boolean": [True, False], "float": [0, 1.5, -1],
        "double": [0, 1.5], "blob": ["", "!!", "eA==", "é"], "timestamp": [0, -1, 1e18, "x"],
    }  # fmt: skip
    return rnd.choice(choices.get(kind, texts + list(shape.metadata.get("enum", ()))))


def flat(prefix: str, value: Any, shape: Shape) -> Iterator[tuple[str, str]]:
    """A value as the parameters of a query service."""
    if shape.type_name == "structure":
        for name, member in shape.members.items():  # type: ignore[attr-defined]
            if name in value:
                inner = member.serialization.get("name", name)
                yield from flat(f"{prefix}.{inner}" if prefix else inner, value[name], member)
    elif shape.type_name == "list":
        member = shape.member  # type: ignore[attr-defined]
        element = "" if shape.serialization.get("flattened") else "." + member.serialization.get("name", "member")
        for number, one in enumerate(value, 1):
            yield from flat(f"{prefix}{element}.{number}", one, member)
    elif shape.type_name != "map":
        yield prefix, str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("service", [*TARGETS, "redshift", "sts", "iam", "ec2"])
def test_invalid_values_of_every_operation_get_a_proper_response(sandbox: Sandbox, service: str) -> None:
    model = botocore.session.get_session().get_service_model(service)
    names = [name for name in model.operation_names if service != "ec2" or "SecurityGroup" in name]
    rnd, failed = random.Random(4), []  # noqa: S311 — the same on every run
    for name in names:
        shape = model.operation_model(name).input_shape
        members = guess(shape, rnd) if shape else {}
        if service in TARGETS:
            headers = {"Content-Type": JSON, "X-Amz-Target": f"{TARGETS[service]}.{name}"}
            body = json.dumps(members).encode()
        else:
            headers = {"Content-Type": FORM}
            pairs = [*flat("", members, shape)] if shape else []
            body = urlencode([("Action", name), ("Version", model.api_version), *pairs]).encode()
        status, _, answer = send(sandbox, signed(sandbox, service, headers, body))
        if status >= 500:
            failed.append((name, members, answer[:300]))
    assert len(names) >= 10
    assert failed == []
