"""redshift_connector: the current version, which reads the catalog with SHOW, and 2.1, which reads pg_catalog."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Sandbox
from tests.sandbox.client_environments import CLIENTS, OURS, ask


@pytest.fixture(scope="module", params=[OURS, pytest.param(CLIENTS, marks=pytest.mark.clients)], ids=["2.2", "2.1"])
def said(request: pytest.FixtureRequest, shared_sandbox: Sandbox) -> Any:
    python: Path = request.param
    document = ask(shared_sandbox, python, "redshift_driver.py")
    assert document["version"].startswith("2.2." if python == OURS else "2.1.")
    return document


def test_it_signs_in_in_every_way(said: Any) -> None:
    assert said["users"] == {
        "password": "awsuser",
        "plain": "awsuser",
        "cluster": "awsuser",
        "cluster by keys": "awsuser",
        "cluster by address": "awsuser",
        "group federation": "IAM:admin",
        "workgroup": "IAM:admin",
        "workgroup by address": "IAM:admin",
    }
    assert said["wrong password"] == [
        "InterfaceError", "28000", 'password authentication failed for user "awsuser"',
    ]  # fmt: skip


def test_transactions_are_atomic(said: Any) -> None:
    kind, sqlstate, message = said["rolled back"]
    assert (kind, sqlstate) == ("ProgrammingError", "42P01")
    assert re.fullmatch(r'relation "driver_\w+" does not exist', message)
    assert said["transaction refused"] == ["ProgrammingError", "22012", "division by zero"]


def test_rows_written_with_parameters_come_back_as_they_were(said: Any) -> None:
    assert said["updated"] == 1
    assert said["rows"] == [
        ["1", "é'", "1.50", "2024-01-02 03:04:05.678000", "2024-01-02", '{"a":[1,2]}', "abc"],
        ["2", None, None, None, None, None, None],
    ]
    assert said["types"] == [23, 1043, 1700, 1114, 1082, 4000, 6551]
    assert said["values"] == [
        "1", "2", "2.5", "3.5", "True", "a  ", "2024-01-02 01:04:05+00:00", "01:02:03", "1 day, 0:00:00", "None",
    ]  # fmt: skip


def test_every_parameter_style_and_reading_in_pieces(said: Any) -> None:
    assert said["styles"] == dict.fromkeys(("qmark", "numeric", "named", "format", "pyformat"), 2)
    assert said["pieces"] == [7, 9993]


def test_it_lists_the_catalog(said: Any) -> None:
    catalog = said["catalog"]
    assert [one["table_cat"] for one in catalog["catalogs"]] == ["dev"]
    assert {"raw_shop", "analytics", "public"} <= {one["table_schem"] for one in catalog["schemas"]}
    tables = {one["table_name"]: one["table_type"] for one in catalog["tables"] if one["table_type"] != "INDEX"}
    name = min(tables, key=len)
    assert tables == {name: "TABLE", f"{name}_lines": "TABLE", f"{name}_view": "VIEW"}
    assert [(one["column_name"], one["type_name"], one["ordinal_position"]) for one in catalog["columns"]] == [
        ("id", "int4", 1), ("name", "varchar", 2), ("amount", "numeric", 3), ("at", "timestamp", 4),
        ("day", "date", 5), ("doc", "super", 6), ("raw", "varbyte", 7),
    ]  # fmt: skip
    amount = catalog["columns"][2]
    assert (amount["column_size"], amount["decimal_digits"]) == (12, 2)
    (key,) = catalog["primary keys"]
    assert (key["table_name"], key["column_name"], key["key_seq"], key["pk_name"]) == (name, "id", 1, f"{name}_pkey")
    assert any(one["procedure_name"] == f"nothing_{name}" for one in catalog["procedures"])


def test_it_reads_keys_rights_and_parameters_where_its_version_can(said: Any) -> None:
    catalog = said["catalog"]
    names = ("imported keys", "exported keys", "functions", "function columns", "procedure columns", "table privileges")
    if said["version"].startswith("2.1.") and isinstance(catalog["functions"], str):
        assert {re.sub(r"^get_\w+ ", "", catalog[one]) for one in names} == {
            "requires minimum show discovery version 4, but found 0"
        }
        return
    for side in ("imported keys", "exported keys"):
        (key,) = catalog[side]
        assert (key["pkcolumn_name"], key["fkcolumn_name"]) == ("id", "parent")
    (function,) = catalog["functions"]
    assert function["specific_name"] == "larger(double precision, double precision)"
    assert [one["type_name"] for one in catalog["function columns"]] == ["float8", "float8"]
    assert [(one["column_name"], one["type_name"]) for one in catalog["procedure columns"]] == [
        ("a", "int4"), ("b", "varchar"),
    ]  # fmt: skip
    assert catalog["table privileges"] == []
