"""Every operation, every member and every constraint of botocore's model of the Data API, over real HTTP.

The cases are made from the model that is installed, so that a newer one brings its own.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.model import ListShape, OperationModel, Shape, StructureShape
from tests.conftest import Sandbox
from tests.sandbox.data_api import ADMIN, CLUSTER, DataApiClient
from tests.sandbox.front import aws, shut_gate

MODEL = botocore.session.get_session().get_service_model("redshift-data")
OPERATIONS = {name: MODEL.operation_model(name) for name in MODEL.operation_names}
MEMBERS = [(name, member) for name, model in OPERATIONS.items() for member in model.input_shape.members]
TIMES = {"CreatedAt", "UpdatedAt", "SessionTtl"}


def test_the_model_is_the_one_with_twelve_operations() -> None:
    assert len(OPERATIONS) == 12
    assert len(MEMBERS) >= 89


class World:
    """The statements, session and secret that valid requests refer to."""

    def __init__(self, sandbox: Sandbox, endless: str) -> None:
        self.endless = endless
        self.ask = DataApiClient(sandbox)
        self.data = aws(sandbox, "redshift-data", validate=False)
        self.raw: list[dict[str, Any]] = []
        self.data.meta.events.register("before-parse.redshift-data.*", self._keep)
        self.data.meta.events.register("before-call.redshift-data.*", self._send)
        self.body: dict[str, Any] = {}
        secrets = aws(sandbox, "secretsmanager")
        self.secret = secrets.create_secret(
            Name=f"model-{uuid.uuid4()}",
            SecretString=json.dumps(
                {"username": sandbox.ready["admin"]["user"], "password": sandbox.ready["admin"]["password"]}
            ),
        )["ARN"]

    def _keep(self, response_dict: dict[str, Any], **_: Any) -> None:
        self.raw.append(json.loads(response_dict["body"]))

    def _send(self, params: dict[str, Any], **_: Any) -> None:
        params["body"] = json.dumps(self.body).encode()

    def call(self, operation: str, body: dict[str, Any]) -> dict[str, Any]:
        """The raw response, which botocore must also parse; `body` is sent without botocore's validation."""
        self.body = body
        getattr(self.data, xform_name(operation))()
        return self.raw[-1]

    def base(self, operation: str) -> dict[str, Any]:
        """The minimal valid request."""
        if operation == "ExecuteStatement":
            return {"Sql": "select 1", "WaitTimeSeconds": 30, **CLUSTER}
        if operation == "BatchExecuteStatement":
            return {"Sqls": ["select 1"], "WaitTimeSeconds": 30, **CLUSTER}
        if operation == "CancelStatement":
            return {"Id": self.ask.data.execute_statement(Sql=self.endless, **CLUSTER)["Id"]}
        if operation == "GetStatementResultV2":
            return {"Id": self.ask.done("select 1", ResultFormat="CSV")["Id"]}
        if operation in ("DescribeStatement", "GetStatementResult"):
            return {"Id": self.ask.done("select 1")["Id"]}
        return {} if operation in ("ListStatements", "ListSessions") else dict(ADMIN)

    def with_member(self, operation: str, member: str) -> dict[str, Any]:
        """A valid request with `member`, with or without the members that depend on it."""
        body = self.base(operation)
        if member == "NextToken":
            return self._second_page(operation)
        if member == "WorkgroupName":
            body.pop("ClusterIdentifier", None)
            body.pop("DbUser", None)
        if member == "SecretArn":
            body.pop("DbUser", None)
        if member == "SessionId":
            body = {name: value for name, value in body.items() if name not in ADMIN}
        if member == "Parameters":
            key, sql = ("Sqls", ["select :a"]) if operation.startswith("Batch") else ("Sql", "select :a")
            body[key] = sql
        return body | ({} if member in body else {member: self._value(member)})

    def _value(self, member: str) -> Any:
        if member == "SessionId":
            return self.ask.run("select 1", SessionKeepAliveSeconds=600)["SessionId"]
        values: dict[str, Any] = {
            "SecretArn": self.secret, "DbUser": "awsuser", "Database": "dev", "ClusterIdentifier": "demo-cluster",
            "WorkgroupName": "demo-workgroup", "StatementName": "by the model", "WithEvent": True,
            "Parameters": [{"name": "a", "value": "b"}], "ClientToken": uuid.uuid4().hex, "ResultFormat": "JSON",
            "SessionKeepAliveSeconds": 60, "WaitTimeSeconds": 30, "ExecutionMode": "AUTO_COMMIT", "MaxResults": 1,
            "Status": "FINISHED", "RoleLevel": False, "ConnectedDatabase": "marketing", "Schema": "pg_catalog",
            "Table": "pg_class", "SchemaPattern": "pg_c%", "TablePattern": "pg_cl_ss",
        }  # fmt: skip
        return values[member]

    def _second_page(self, operation: str) -> dict[str, Any]:
        body = self.base(operation)
        if operation.startswith("GetStatementResult"):
            format = "CSV" if operation.endswith("V2") else "JSON"
            body = {
                "Id": self.ask.done("select repeat('x', 60000) from generate_series(1, 40)", ResultFormat=format)["Id"]
            }
        else:
            for _ in range(2):
                self.ask.run("select 1", **({"SessionKeepAliveSeconds": 60} if operation == "ListSessions" else {}))
            body["MaxResults"] = 1
        return body | {"NextToken": self.call(operation, body)["NextToken"]}


@pytest.fixture(scope="module")
def world(shared_sandbox: Sandbox) -> Iterator[World]:
    with shut_gate(shared_sandbox.ready["engine"]["dsn"]) as endless:
        yield World(shared_sandbox, endless)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_minimal_request_gets_a_response_in_the_models_shape(world: World, operation: str) -> None:
    answer = world.call(operation, world.base(operation))
    assert list(strays(OPERATIONS[operation].output_shape, answer, operation)) == []


@pytest.mark.parametrize(("operation", "member"), MEMBERS)
def test_every_member_has_a_good_value(world: World, operation: str, member: str) -> None:
    body = world.with_member(operation, member)
    if operation == "ListSessions" and member == "Status":
        body["Status"] = "AVAILABLE"
    answer = world.call(operation, body)
    assert list(strays(OPERATIONS[operation].output_shape, answer, operation)) == []


@pytest.mark.parametrize(("operation", "member"), MEMBERS)
def test_every_constraint_of_a_member_is_kept(world: World, operation: str, member: str) -> None:
    body = world.base(operation)
    if member == "WorkgroupName":
        body.pop("ClusterIdentifier", None)
    path = f"{member[0].lower()}{member[1:]}"
    for bad, where, code in bad_values(OPERATIONS[operation], member):
        with pytest.raises(ClientError) as error:
            world.call(operation, body | {member: bad})
        answer = error.value.response["Error"]
        assert answer["Code"] == code, (bad, answer)
        if code == "ValidationException":
            known = answer["Message"].startswith("id must satisfy regex pattern: ^")
            assert known or f"at '{path}{where}' failed to satisfy constraint: Member must" in answer["Message"]


@pytest.mark.parametrize(
    ("operation", "member"),
    [(name, member) for name, model in OPERATIONS.items() for member in model.input_shape.required_members],
)
def test_every_required_member_is_required(world: World, operation: str, member: str) -> None:
    body = {name: value for name, value in world.base(operation).items() if name != member}
    with pytest.raises(ClientError) as error:
        world.call(operation, body)
    answer = error.value.response["Error"]
    assert answer["Code"] == "ValidationException"
    assert f"Value null at '{member[0].lower()}{member[1:]}' failed to satisfy constraint" in answer["Message"]


@pytest.mark.parametrize(
    ("operation", "body", "text"),
    [
        (name, body, text)
        for name in ("ExecuteStatement", "BatchExecuteStatement")
        for body, text in (
            ({"Database": "dev"}, "Either ClusterIdentifier, WorkgroupName or SessionId must be provided."),
            ({**CLUSTER, "WorkgroupName": "demo-workgroup"}, "ClusterIdentifier and WorkgroupName"),
            ({"ClusterIdentifier": "demo-cluster"}, "Database"),
            ({"SessionId": str(uuid.uuid4()), "Database": "dev"}, "Database .* SessionId"),
            ({"ClusterIdentifier": "unknown", "Database": "dev"}, r"Redshift endpoint doesn't exist in this region\."),
            ({"WorkgroupName": "demo-cluster", "Database": "dev"}, r"Redshift endpoint doesn't exist in this region\."),
        )
    ],
)
def test_members_that_exclude_each_other_are_refused(
    world: World, operation: str, body: dict[str, Any], text: str
) -> None:
    sql = {"Sql": "select 1"} if operation == "ExecuteStatement" else {"Sqls": ["select 1"]}
    with pytest.raises(ClientError, match=text) as error:
        world.call(operation, sql | body)
    assert error.value.response["Error"]["Code"] == "ValidationException"


def strays(shape: Shape, value: Any, path: str) -> Iterator[str]:
    """The unknown, missing and wrongly typed members of a raw response."""
    if isinstance(shape, StructureShape):
        yield from (f"{path}.{name} is unknown" for name in value.keys() - shape.members.keys())
        yield from (f"{path}.{name} is missing" for name in shape.required_members if name not in value)
        if shape.is_tagged_union and len(value) != 1:
            yield f"{path} has {len(value)} members"
        for name in value.keys() & shape.members.keys():
            yield from strays(shape.members[name], value[name], f"{path}.{name}")
    elif isinstance(shape, ListShape):
        for number, one in enumerate(value):
            yield from strays(shape.member, one, f"{path}[{number}]")
    elif not has_type(shape, value):
        yield f"{path} is {type(value).__name__}, not {shape.type_name}"
    elif shape.type_name == "string":
        pattern, enum = shape.metadata.get("pattern"), shape.metadata.get("enum")
        if (pattern and not re.fullmatch(pattern, value)) or (enum and value not in enum):
            yield f"{path} is {value!r}"


def has_type(shape: Shape, value: Any) -> bool:
    types: dict[str, tuple[type, ...]] = {
        "string": (str,), "blob": (str,), "boolean": (bool,), "integer": (int,), "long": (int,),
        "double": (int, float), "timestamp": (int, float),
    }  # fmt: skip
    return isinstance(value, types[shape.type_name]) and (shape.type_name == "boolean" or not isinstance(value, bool))


def bad_values(model: OperationModel, member: str) -> Iterator[tuple[Any, str, str]]:
    """Values that violate one constraint each, the member the error names, and the code of the error."""
    yield from bad_for(model.input_shape.members[member], "")


def bad_for(shape: Shape, where: str) -> Iterator[tuple[Any, str, str]]:
    limits = shape.metadata
    wrong_type: dict[str, Any] = {"string": 1, "list": "x", "integer": "x", "boolean": "x", "structure": []}
    yield wrong_type[shape.type_name], where, "SerializationException"
    if shape.type_name == "integer":
        if "max" in limits:
            yield limits["max"] + 1, where, "ValidationException"
        if "min" in limits:
            yield limits["min"] - 1, where, "ValidationException"
    elif shape.type_name == "string":
        if "max" in limits:
            yield "x" * (limits["max"] + 1), where, "ValidationException"
        if limits.get("min"):
            yield "x" * (limits["min"] - 1), where, "ValidationException"
        if "pattern" in limits:
            yield "No such thing!", where, "ValidationException"
        if "enum" in limits:
            yield "NONE_OF_THEM", where, "ValidationException"
    elif isinstance(shape, ListShape):
        if "max" in limits:
            yield ["select 1"] * (limits["max"] + 1), where, "ValidationException"
        if limits.get("min"):
            yield [], where, "ValidationException"
        for bad, deeper, code in bad_for(shape.member, f"{where}.1.member"):
            yield [bad], deeper, code
    elif isinstance(shape, StructureShape):
        for name in shape.required_members:
            yield {}, f"{where}.{name}", "ValidationException"
        good = dict.fromkeys(shape.members, "a")
        for name, inner in shape.members.items():
            for bad, deeper, code in bad_for(inner, f"{where}.{name}"):
                yield good | {name: bad}, deeper, code
