from __future__ import annotations

import pytest

from wharfinger.adapters.redshift.sql_words import changes_rows, first_word, only_reads
from wharfinger.core.names import KEEP_CASE, needs_case


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        ("select 1", "select"),
        ("  \n SELECT 1", "select"),
        ("-- a comment\nselect 1", "select"),
        ("/* one\n-- two */ /* three */ ((select 1))", "select"),
        ("-- only a comment", ""),
        ("", ""),
        ("'text'", ""),
        ('"select"', ""),
    ],
)
def test_a_statements_first_word_is_found_behind_comments_and_brackets(sql: str, word: str) -> None:
    assert first_word(sql) == word


@pytest.mark.parametrize(
    "sql", ["select 1", "with a as (select 1) select * from a", "show tables from schema a.b", KEEP_CASE]
)
def test_a_read_may_be_run_again(sql: str) -> None:
    assert only_reads(sql)


@pytest.mark.parametrize(
    "sql", ["insert into a values (1)", "select * into b from a", "grant select on a to b", "call p()", "-- select 1"]
)
def test_what_may_change_something_is_no_read(sql: str) -> None:
    assert not only_reads(sql)


@pytest.mark.parametrize(("sql", "counts"), [("insert into a values (1)", True), ("create table a(b int)", False)])
def test_the_engine_counts_changed_rows_for_some_statements_only(sql: str, *, counts: bool) -> None:
    assert changes_rows(sql) is counts


@pytest.mark.parametrize(
    ("sql", "needs"),
    [
        ('select "Id" from t', True),
        ('select "id" from t', False),
        ('select "ID""x"', True),
        ("select ID from T", False),
        ("select '\"Id\"'", False),
        ('select 1 -- "Id"', False),
        ('select /* "Id" */ 1', False),
        ('select * from "IAM:raw".t', True),
    ],
)
def test_capitals_in_double_quotes_must_be_kept(sql: str, needs: bool) -> None:
    assert needs_case(sql) is needs
