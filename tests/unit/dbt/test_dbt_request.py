"""What a door passes on becomes a request and a destination, or an error that names the field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from wharfinger.core.errors import Invalid
from wharfinger.dbt.writing.model import Destination, Request

NEEDED = {"profile": "quay", "schema": "dbt_alice"}


def test_what_is_not_given_follows_later() -> None:
    assert Request.parse(**NEEDED) == Request("quay", "dbt_alice")


def test_settings_get_the_type_that_dbt_wants() -> None:
    request = Request.parse(**NEEDED, field=["ra3_node=True", "role=builder", " retries =3", "query_group=a=b"])
    assert request.more == {"ra3_node": True, "role": "builder", "retries": 3, "query_group": "a=b"}


REFUSED: dict[str, tuple[dict[str, Any], str, tuple[str, ...]]] = {
    "no such method": ({"method": "saml"}, "No such method: saml", ("method",)),
    "a group in capitals": ({"db_group": ["A"]}, "lower case", ("db_group",)),
    "a key and a profile": (
        {"access_key_id": "A", "aws_profile": "b"},
        "exclude each other",
        ("access_key_id", "aws_profile"),
    ),
    "no threads": ({"threads": 0}, "must be 1 or more", ("threads",)),
    "keepalive before the start": ({"tcp_keepalive_idle": -1}, "number of seconds", ("tcp_keepalive_idle",)),
    "a port out of reach": ({"port": 65536}, "Not a TCP port: 65536", ("port",)),
    "a key of dbt's own": ({"profile": "config"}, "config", ("profile",)),
    "an empty profile": ({"profile": ""}, "The profile is empty", ("profile",)),
    "an empty target": ({"target": " "}, "The target is empty", ("target",)),
    "an empty schema": ({"schema": " "}, "The schema is empty", ("schema",)),
    "a schema of Redshift's own": ({"schema": "PG_mine"}, "Not a schema to build in: PG_mine", ("schema",)),
    "a schema of the standard": ({"schema": "information_schema"}, "Redshift's own", ("schema",)),
    "a schema too long": ({"schema": "x" * 128}, "Identifier too long", ("schema",)),
    "a field without value": ({"field": ["ra3_node"]}, "NAME=VALUE", ("field",)),
    "a dropped field": ({"field": ["search_path=x"]}, "ALTER USER", ("field",)),
    "an unknown field": ({"field": ["tcp_keepalive_idl=x"]}, "tcp_keepalive_idle", ("field",)),
    "another name of such a field": (
        {"field": ["pass=x"]},
        "it follows from the other inputs",
        ("field",),
    ),
    "a field's name in another program": ({"field": ["username=x"]}, "it follows from the other inputs", ("field",)),
    "a field that has an input of its own": ({"field": ["host=x"]}, "Not a field to set: host", ("field",)),
    "text for a number": ({"field": ["retries=many"]}, "whole number", ("field",)),
    "nothing for a number": ({"field": ["connect_timeout=0"]}, "1 or more", ("field",)),
}


@pytest.mark.parametrize(("given", "words", "fields"), REFUSED.values(), ids=REFUSED)
def test_an_input_that_is_wrong_by_itself_is_named(given: dict[str, Any], words: str, fields: tuple[str, ...]) -> None:
    with pytest.raises(Invalid) as refused:
        Request.parse(**{**NEEDED, **given})
    assert words in str(refused.value)
    assert refused.value.fields == fields
    assert refused.value.next_step


@pytest.mark.parametrize(
    ("given", "destination"),
    [
        ({}, Destination("text")),
        ({"profiles_dir": Path("x")}, Destination("text", Path("x"))),
        ({"write": True, "profiles_dir": Path("x")}, Destination("file", Path("x"))),
        ({"platform": "dbt-cloud"}, Destination("forms")),
    ],
)
def test_a_profile_goes_to_one_place(given: dict[str, Any], destination: Destination) -> None:
    assert Destination.parse(**given) == destination


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"platform": "airflow"}, "for"),
        ({"platform": "dbt-cloud", "write": True}, "write"),
        ({"platform": "dbt-cloud", "profiles_dir": Path("x")}, "profiles_dir"),
    ],
)
def test_the_platform_has_no_file(given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        Destination.parse(**given)
    assert field in refused.value.fields
