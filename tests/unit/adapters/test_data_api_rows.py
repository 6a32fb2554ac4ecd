from __future__ import annotations

import math
from typing import Any

from wharfinger.adapters.redshift.data_api.rows import read_rows
from wharfinger.core.session import ResultColumn


def page(types: list[str], rows: list[list[dict[str, Any]]], token: str | None = None) -> dict[str, Any]:
    columns = [{"name": f"c{number}", "label": f"c{number}", "typeName": name} for number, name in enumerate(types)]
    return {"ColumnMetadata": columns, "Records": rows, **({"NextToken": token} if token else {})}


def value(type_name: str, field: dict[str, Any]) -> object:
    return read_rows(lambda _: page([type_name], [[field]])).one()[0]


def test_every_kind_of_field_becomes_a_plain_value() -> None:
    assert value("int8", {"longValue": 2**62}) == 2**62
    assert value("bool", {"booleanValue": False}) is False
    assert value("float8", {"doubleValue": 1.5}) == 1.5
    assert value("varchar", {"stringValue": ""}) == ""
    assert value("varchar", {"isNull": True}) is None
    assert value("float8", {"isNull": True}) is None
    assert value("timestamp", {"isNull": True}) is None
    assert value("varbyte", {"blobValue": b"\x00\xff"}) == b"\x00\xff"
    assert value("numeric", {"stringValue": "99999999999999999999.10"}) == "99999999999999999999.10"


def test_a_float_is_a_float_however_the_service_writes_what_is_no_number() -> None:
    assert math.isnan(value("float8", {"doubleValue": "NaN"}))  # type: ignore[arg-type]
    assert value("float4", {"stringValue": "-Infinity"}) == -math.inf
    assert value("float8", {"doubleValue": 3}) == 3.0


def test_times_read_as_the_engine_writes_them() -> None:
    assert value("timestamp", {"stringValue": "2022-02-22 00:00:00.0"}) == "2022-02-22 00:00:00"
    assert value("timestamp", {"stringValue": "2020-08-21 17:33:51.88712"}) == "2020-08-21 17:33:51.88712"
    assert value("timestamp", {"stringValue": "2020-08-21 17:33:51.05"}) == "2020-08-21 17:33:51.05"
    assert value("timestamp", {"stringValue": "294276-12-31 23:59:59.0 BC"}) == "294276-12-31 23:59:59 BC"
    assert value("timestamptz", {"stringValue": "2022-02-22 00:00:00.0+00"}) == "2022-02-22 00:00:00+00"
    assert value("varchar", {"stringValue": "12:00:00.0"}) == "12:00:00.0"


def test_pages_are_fetched_only_as_one_reads_and_none_is_kept() -> None:
    fetched: list[str | None] = []
    pages = {None: ("1", [[{"longValue": 0}], [{"longValue": 1}]]), "1": ("2", []), "2": (None, [[{"longValue": 2}]])}

    def fetch(token: str | None) -> dict[str, Any]:
        fetched.append(token)
        following, rows = pages[token]
        return page(["int8"], list(rows), following)

    rows = read_rows(fetch)
    assert rows.columns == (ResultColumn("c0", "int8"),)
    assert fetched == [None]
    assert next(rows.stream) == (0,)
    assert next(rows.stream) == (1,)
    assert fetched == [None]
    assert list(rows.stream) == [(2,)]
    assert fetched == [None, "1", "2"]


def test_a_page_gives_its_memory_back_while_it_is_read() -> None:
    first = page(["int8"], [[{"longValue": number}] for number in range(3)])
    rows = read_rows(lambda _: first)
    next(rows.stream)
    assert "Records" not in first
