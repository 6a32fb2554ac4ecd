"""Pages of a result, read without botocore's visit of every value: the same values and errors as botocore's."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from tests.contract.doors import OpenDoor

from wharfinger.adapters.aws.result_pages import read_pages_quickly

VALUES = "1::int8 as n, 1.50::decimal(8, 2) as d, 2.5::float8 as f, true as b, 'é'::varchar as t, null::int as none"


@pytest.fixture
def clients(open_door: OpenDoor) -> tuple[Any, Any]:
    """A client as botocore makes it, and one with `read_pages_quickly`."""
    door = open_door("workgroup iam")
    keys = door.sandbox.identity("admin")
    made = [
        boto3.client(
            "redshift-data",
            endpoint_url=door.sandbox.endpoint_url,
            region_name=door.sandbox.ready["region"],
            aws_access_key_id=keys["access_key_id"],
            aws_secret_access_key=keys["secret_access_key"],
        )
        for _ in range(2)
    ]
    read_pages_quickly(made[1])
    return made[0], made[1]


def ran(client: Any, sql: str) -> str:
    started = client.execute_statement(WorkgroupName="demo-workgroup", Database="dev", Sql=sql, WaitTimeSeconds=30)
    assert started["Status"] == "FINISHED"
    return str(started["Id"])


@pytest.mark.parametrize("values", [VALUES, VALUES + ", 'ab'::varbyte as bytes", "'\"blobValue\"'::varchar as word"])
def test_a_page_is_the_same_as_botocore_reads_it(clients: tuple[Any, Any], values: str) -> None:
    id = ran(clients[0], f"select {values}")
    as_botocore, quickly = (client.get_statement_result(Id=id) for client in clients)
    for answer in (as_botocore, quickly):
        del answer["ResponseMetadata"]
    assert quickly == as_botocore
    assert quickly["Records"]


def test_the_values_of_a_page_are_not_walked_by_botocore(
    clients: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, quick = clients
    id = ran(plain, f"select {VALUES}")
    walked: list[str] = []
    parser = "botocore.parsers.BaseJSONParser._handle_structure"
    from botocore.parsers import BaseJSONParser

    walk = BaseJSONParser._handle_structure

    def note(self: Any, shape: Any, value: Any) -> Any:
        walked.append(shape.name)
        return walk(self, shape, value)

    monkeypatch.setattr(parser, note)
    plain.get_statement_result(Id=id)
    assert walked.count("Field") == 6
    walked.clear()
    quick.get_statement_result(Id=id)
    assert "Field" not in walked


def test_an_error_stays_an_error(clients: tuple[Any, Any]) -> None:
    with pytest.raises(ClientError) as error:
        clients[1].get_statement_result(Id="no-such-statement")
    assert error.value.response["Error"]["Code"] in ("ResourceNotFoundException", "ValidationException")
