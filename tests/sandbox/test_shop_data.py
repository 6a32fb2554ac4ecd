"""The generated company: reproducible, large enough, and with all its edge cases."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from stdnum import iban, luhn
from stdnum.br import cpf
from stdnum.es import dni
from stdnum.nl import bsn
from stdnum.us import ssn
from tests.conftest import LAST_RESORT

from wharfinger_sandbox.data import manifest
from wharfinger_sandbox.data.ddl import create_table
from wharfinger_sandbox.data.generate import column_values, copy_text
from wharfinger_sandbox.data.labels import labels
from wharfinger_sandbox.data.shop import TABLES, of_database
from wharfinger_sandbox.data.shop_edge_cases import LONGEST_NAME
from wharfinger_sandbox.data.shop_views import EXTERNAL, VIEWS, dbt_statements
from wharfinger_sandbox.data.spec import Column, Table

DIGEST = """
import hashlib
from wharfinger_sandbox.data.generate import copy_text
from wharfinger_sandbox.data.shop import TABLES, of_database
digest = hashlib.sha256()
for table in TABLES:
    for block in copy_text(table, of_database(table.database)):
        digest.update(block.encode())
print(digest.hexdigest())
"""


def table(path: str) -> Table:
    return next(one for one in TABLES if one.path == path)


def column(path: str, name: str) -> tuple[Table, Column]:
    one = table(path)
    return one, next(column for column in one.columns if column.name == name)


def values(path: str, name: str) -> list[str]:
    one, wanted = column(path, name)
    return [value for value in column_values(one, wanted, of_database(one.database)) if value != r"\N"]


def test_two_processes_generate_the_same_bytes() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=LAST_RESORT,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_there_are_many_tables_in_two_databases() -> None:
    databases = Counter(one.database for one in TABLES)
    assert databases["dev"] >= 60
    assert databases["marketing"] >= 15
    assert {one.schema for one in TABLES} >= {"raw_stripe", "raw_shop", "ads", "email", "web"}


def test_most_tables_are_small_and_two_are_large() -> None:
    rows = sorted(one.rows for one in TABLES)
    assert [count for count in rows if count > 100_000] == [120_000, 150_000]
    assert sum(100 <= count <= 10_000 for count in rows) > 0.7 * len(rows)
    assert rows[0] == 0


@pytest.mark.parametrize("one", TABLES, ids=lambda one: one.name)
def test_copy_text_has_as_many_rows_and_fields_as_it_should(one: Table) -> None:
    lines = "".join(copy_text(one, of_database(one.database))).split("\n")[:-1]
    assert len(lines) == one.rows
    assert {line.count("\t") + 1 for line in lines} <= {len(one.columns)}


@pytest.mark.parametrize("one", TABLES, ids=lambda one: one.name)
def test_names_and_texts_fit_what_the_engine_and_redshift_take(one: Table) -> None:
    assert len(one.name.encode()) <= 63
    assert len({column.name for column in one.columns}) == len(one.columns)
    for column in one.columns:
        assert len(column.name.encode()) <= 63
        if match := re.match(r"(?:var)?char\((\d+)\)", column.type):
            lengths = [len(v.encode()) for v in column_values(one, column, of_database(one.database))]
            assert max(lengths, default=0) <= int(match[1]) + 2, column.name


def test_hostile_names_are_there() -> None:
    names = [one.name for one in TABLES] + [column.name for one in TABLES for column in one.columns]
    wanted = {
        "double quote": '"', "single quote": "'", "space": " ", "dot": ".", "percent": "%", "backslash": "\\",
        "tab": "\t", "line feed": "\n", "semicolon": ";", "emoji": "🛒", "unicode": "ö", "colon": ":", "dollar": "$",
    }  # fmt: skip
    assert {label for label, mark in wanted.items() if any(mark in name for name in names)} == set(wanted)
    assert {"select", "from", "where", "group", "user", "order"} <= set(names)
    assert len(LONGEST_NAME.encode()) == 63
    assert any(name != name.strip() for name in names)
    assert any('"' in one.schema for one in TABLES)


def test_special_tables_are_there() -> None:
    assert len(table("raw_shop.product_features_wide").columns) == 400
    assert table("raw_shop.orders_archive").rows == 0
    assert values("raw_shop.all_null", "a") == values("raw_shop.all_null", "b") == []
    assert values("raw_shop.legacy_import", "old_total") == []


def test_extreme_values_are_there() -> None:
    def of(name: str) -> set[str]:
        return set(values("raw_shop.extreme_values", name))

    assert {"9" * 28 + "." + "9" * 10, "0.0000000001"} <= of("exact")
    assert {"NaN", "Infinity", "-Infinity"} <= of("double") & of("single")
    assert "NaN" not in of("finite_double")
    assert any(len(value.encode()) == 60_000 for value in of("long_text"))
    assert {"", " ", "NULL"} <= of("blank_or_null")
    assert {"5874897-12-31", "9999-12-31"} <= of("day")
    assert {"294276-12-31 23:59:59", "0044-03-15 12:00:00 BC"} <= of("moment")
    assert {one.type.split("(")[0] for one in table("raw_shop.extreme_values").columns} >= {
        "smallint", "integer", "bigint", "numeric", "real", "double precision", "boolean", "date", "timestamp",
        "timestamptz", "time", "timetz", "char", "varchar", "super", "varbyte",
    }  # fmt: skip


def test_comments_are_on_some_tables_and_not_on_others_and_some_are_long() -> None:
    commented = [one for one in TABLES if one.comment]
    assert 8 <= len(commented) <= len(TABLES) // 2
    assert max(len(one.comment) for one in commented) > 256
    assert max(len(column.comment) for one in TABLES for column in one.columns) > 256
    assert not any(one.comment for one in TABLES if one.schema == "raw_stripe")


def test_every_kind_of_relation_and_key_is_there() -> None:
    assert {view.kind for view in VIEWS} == {"view", "late_binding_view", "materialized_view"}
    assert len(EXTERNAL.tables) == 2
    orders = create_table(table("raw_shop.orders"), of_database("dev"))
    assert 'primary key ("id")' in orders
    assert 'foreign key ("customer_id") references "raw_shop"."customers" ("id")' in orders
    assert "distkey(customer_id)" in orders
    assert "foreign key" not in create_table(table("raw_stripe.charges"), of_database("dev"))


def test_a_table_comes_after_those_it_refers_to() -> None:
    for database in ("dev", "marketing"):
        order = list(of_database(database))
        for one in of_database(database).values():
            for column in one.columns:
                parent = column.references.rpartition(".")[0]
                assert not parent or parent == one.path or order.index(parent) < order.index(one.path)


def test_personal_numbers_pass_their_countries_checks() -> None:
    assert all(luhn.is_valid(value) for value in values("raw_stripe.payment_methods", "card_number_clear"))
    assert not any(luhn.is_valid(value) for value in values("raw_shop.orders", "order_number"))
    assert all(iban.is_valid(value) for value in values("raw_stripe.bank_accounts", "iban"))
    assert all(ssn.is_valid(value) for value in values("raw_shop.employees", "ssn"))
    assert all(dni.is_valid(value) for value in values("raw_shop.b2b_contacts", "dni"))
    assert all(bsn.is_valid(value) for value in values("raw_shop.b2b_contacts", "bsn"))
    assert all(cpf.is_valid(value) for value in values("raw_stripe.invoices", "customer_tax_id"))


def test_labels_name_each_personal_kind_several_times() -> None:
    kinds = Counter(one.personal for one in labels() if one.personal)
    assert set(kinds) == {
        "email", "phone", "card", "iban", "person_name", "address", "ip_address", "national_id", "date_of_birth",
        "secret",
    }  # fmt: skip
    assert min(kinds.values()) >= 2
    assert not [one for one in labels() if one.personal and one.resembles]
    assert len(labels()) == sum(len(one.columns) for one in TABLES)


def test_the_dbt_project_becomes_statements_without_a_trace_of_jinja() -> None:
    made = list(dbt_statements())
    assert len(made) == 11
    assert not [sql for sql in made if "{{" in sql or "{%" in sql]
    assert sum(sql.startswith("create view") for sql in made) == 3


def test_the_manifest_contains_no_path_or_time_of_its_creation() -> None:
    text = manifest.MANIFEST.read_text(encoding="utf-8")
    assert len(text) < 100_000
    assert not re.search(r"/(?:home|root|tmp|work|Users)/", text)
    assert re.findall(r'"created_at": (?!0\.0)', text) == []


@pytest.mark.dbt
def test_the_manifest_is_what_dbt_makes_of_the_project() -> None:
    import json

    dbt = Path(__file__).parents[2] / ".venv-dbt" / "bin" / "dbt"
    made, kept = manifest.parse(dbt), json.loads(manifest.MANIFEST.read_text(encoding="utf-8"))
    for one in (made, kept):
        one["metadata"].pop("dbt_version")
    assert made == kept
