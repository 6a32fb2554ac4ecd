"""Each type has one spelling, whichever catalog view it comes from."""

from __future__ import annotations

import pytest

from wharfinger.catalog.types import base_of, normalise

SPELLINGS = [
    ("character varying(64)", "varchar(64)"),
    ("VARCHAR(65535)", "varchar(65535)"),
    ("character varying", "varchar"),
    ("nvarchar(10)", "varchar(10)"),
    ("character(3)", "char(3)"),
    ("bpchar", "char"),
    ("geometry(Point, 4326)", "geometry(point, 4326)"),
    ("numeric(38,10)", "numeric(38,10)"),
    ("decimal(12, 2)", "numeric(12,2)"),
    ("timestamp without time zone", "timestamp"),
    ("timestamp(6) without time zone", "timestamp"),
    ("timestamp with time zone", "timestamptz"),
    ("time without time zone", "time"),
    ("time with time zone", "timetz"),
    ("timetz", "timetz"),
    ("int8", "bigint"),
    ("int", "integer"),
    ("float8", "double precision"),
    ("double precision", "double precision"),
    ("float4", "real"),
    ("bool", "boolean"),
    ("binary varying(64000)", "varbyte(64000)"),
    ("super", "super"),
    ("hllsketch", "hllsketch"),
    ("array<struct<a:int,b:varchar(10)>>", "array<struct<a:int,b:varchar(10)>>"),
    ("map<string,int>", "map<string,int>"),
    ("interval day to second(6)", "interval day to second(6)"),
]


@pytest.mark.parametrize(("told", "expected"), SPELLINGS)
def test_a_type_is_spelled_as_redshift_ddl_writes_it(told: str, expected: str) -> None:
    assert normalise(told) == expected


@pytest.mark.parametrize("told", [told for told, _ in SPELLINGS])
def test_spelling_a_type_twice_changes_nothing(told: str) -> None:
    assert normalise(normalise(told)) == normalise(told)


def test_the_base_of_a_type() -> None:
    assert base_of("numeric(12,2)") == "numeric"
    assert base_of("double precision") == "double precision"
