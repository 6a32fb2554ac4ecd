"""Requests checked against the service's model: missing members, wrong types, violated limits."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.model import StructureShape

from wharfinger_sandbox.aws.constraints import violations
from wharfinger_sandbox.aws.errors import ApiError
from wharfinger_sandbox.aws.protocol import operation_model


def shape(operation: str) -> StructureShape:
    known = operation_model("redshift-data", operation)
    assert known is not None
    assert known.input_shape is not None
    return known.input_shape


def problems(operation: str, body: dict[str, Any]) -> list[str]:
    return list(violations(shape(operation), body, ""))


@pytest.mark.parametrize(
    ("member", "value", "text"),
    [
        ("WaitTimeSeconds", True, "BOOL_VALUE can not be converted to Integer"),
        ("WaitTimeSeconds", "1", "STR_VALUE can not be converted to Integer"),
        ("WithEvent", 1, "INT_VALUE can not be converted to Boolean"),
        ("Sql", ["select 1"], "LIST_VALUE can not be converted to String"),
        ("Sql", "select '\ud800'", "the text at 'sql' is not Unicode"),
        ("Parameters", [{"name": 7, "value": "x"}], "INT_VALUE can not be converted to String"),
    ],
)
def test_a_wrong_type_cannot_be_read(member: str, value: Any, text: str) -> None:
    with pytest.raises(ApiError) as error:
        problems("ExecuteStatement", {"Sql": "select 1", member: value})
    assert (error.value.code, error.value.message) == ("SerializationException", text)


def test_limits_are_exact() -> None:
    assert problems("ListTables", {"Database": "dev", "MaxResults": 1000}) == []
    assert problems("ListTables", {"Database": "dev", "MaxResults": 0}) == []
    (problem,) = problems("ListTables", {"Database": "dev", "MaxResults": 1001})
    assert problem == (
        "Value '1001' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000"
    )


def test_every_problem_is_told_with_its_place() -> None:
    body = {"Parameters": [{"name": "a", "value": "1"}, {"name": "a b"}]}
    missing, pattern, value = problems("ExecuteStatement", body)
    assert missing == "Value null at 'sql' failed to satisfy constraint: Member must not be null"
    assert pattern.startswith("Value 'a b' at 'parameters.2.member.name' failed to satisfy constraint: ")
    assert value.startswith("Value null at 'parameters.2.member.value'")
