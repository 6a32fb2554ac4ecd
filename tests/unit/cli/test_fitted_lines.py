"""Texts and tables fitted to the width of a terminal."""

from __future__ import annotations

import pytest

from wharfinger.cli.layout import Styled, labelled, table, width_of, wrapped

ARN = "arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/cf694e86-adab-5fb1-8796-c6da5ca4b739"
GRANT = 'GRANT SELECT ON "raw shop"."or. Ders", raw_shop.customers, raw_shop.carts TO "IAM:analyst"'
COMMAND = "wharfinger connection grants analyst 'dev.raw shop.*' --via admin"
TEXT = f"target: Allow redshift-serverless:GetWorkgroup on {ARN}; without it, name the workgroup yourself"
WIDTHS = [20, 40, 80, 120, 200]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("text", [TEXT, f"Next: {COMMAND}", f"  Why: {TEXT}", "word " * 60, "x" * 90])
def test_no_word_is_broken_and_none_is_lost(text: str, width: int) -> None:
    lines = wrapped(text, width, "    ")

    assert " ".join(" ".join(lines).split()) == " ".join(text.split())
    for line in lines:
        assert width_of(line) <= width or len(line.split()) == 1 or COMMAND in line, line


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "whole", [GRANT, COMMAND, "pip install 'wharfinger[sandbox]'", "alter user x password disable"]
)
def test_what_is_to_be_copied_is_in_one_line(whole: str, width: int) -> None:
    lines = wrapped(f"As its owner or superuser, in database dev: {whole}", width, "  ")

    assert [line for line in lines if line.endswith(whole)] != []


def test_a_sentence_behind_a_statement_is_no_part_of_it() -> None:
    lines = wrapped("As owner: GRANT USAGE ON SCHEMA raw TO alice. Then try again, please, once more", 42, "  ")

    assert lines == ["As owner:", "  GRANT USAGE ON SCHEMA raw TO alice. Then", "  try again, please, once more"]


@pytest.mark.parametrize("text", ["Next: Select some tables first", "Next: Set SSL_CERT_FILE to that file"])
def test_a_sentence_that_begins_like_a_statement_is_none(text: str) -> None:
    assert len(wrapped(text, 20, "  ")) > 1
    assert all(width_of(line) <= 20 for line in wrapped(text, 20, "  "))


def test_a_name_with_blanks_stays_whole() -> None:
    assert wrapped('the table dev.raw_shop." padded name " is', 30, "  ") == [
        "the table",
        '  dev.raw_shop." padded name "',
        "  is",
    ]


def test_a_text_that_fits_stays_as_it_is() -> None:
    assert wrapped("    [x] a  view", 15, "      ") == ["    [x] a  view"]


def test_wide_characters_count_twice() -> None:
    assert wrapped("漢字漢字 漢字漢字", 10) == ["漢字漢字", "漢字漢字"]


def cells(*texts: str) -> list[list[Styled]]:
    return [[Styled(text)] for text in texts]


def drawn(headings: list[str], rows: list[list[list[Styled]]], width: int) -> list[str]:
    return ["".join(span.text for span in line) for line in table(headings, rows, width)]


def test_a_table_wraps_its_cells_between_words() -> None:
    rows = [cells("identity", "passed", "the user analyst in account 123456789012"), cells("query", "failed", "")]

    assert drawn(["CHECK", "STATUS", "DETAIL"], rows, 42) == [
        "CHECK     STATUS  DETAIL",
        "─" * 42,
        "identity  passed  the user analyst in",
        "                  account 123456789012",
        "query     failed",
    ]


@pytest.mark.parametrize("width", WIDTHS)
def test_a_table_cuts_nothing_off(width: int) -> None:
    long = "dev.raw_shop.a_table_whose_name_is_so_long_that_it_needs_more_than_forty_columns"
    for headings, row in (
        (["TABLE", "KIND", "STATE"], (long, "table", "new")),
        (["CHECK", "DETAIL"], ("target", f"denied: {ARN}")),
        (["NAME", "TARGET", "DATABASE"], ("shop", "cluster " + "c" * 63, "d" * 127)),
    ):
        text = "\n".join(drawn(headings, [cells(*row)], width))
        for word in " ".join(row).split():
            assert word in text, text
        assert "…" not in text


def test_a_long_word_of_the_last_column_has_a_line_of_its_own() -> None:
    assert drawn(["CHECK", "STATUS", "DETAIL"], [cells("target", "skipped", f"no {'x' * 30} right")], 40) == [
        "CHECK   STATUS   DETAIL",
        "─" * 40,
        "target  skipped  no",
        " " * 10 + "x" * 30,
        " " * 17 + "right",
    ]


def test_a_table_that_does_not_fit_is_a_block_for_each_row() -> None:
    rows = [cells("a" * 30, "one", ""), cells("b" * 30, "two", "three")]

    assert drawn(["NAME", "KIND", "MORE"], rows, 36) == [
        f"NAME  {'a' * 30}", "KIND  one", "", f"NAME  {'b' * 30}", "KIND  two", "MORE  three",
    ]  # fmt: skip


def test_a_cell_may_have_several_lines_and_styles() -> None:
    (_, _, first, second) = table(
        ["COLUMN", "TEXT"], [[[Styled("id", "bold"), Styled("int", "dim")], [Styled("x")]]], 40
    )

    assert [(span.text, span.style) for span in first if span.text.strip()] == [("id", "bold"), ("x", "")]
    assert [(span.text, span.style) for span in second if span.text.strip()] == [("int", "dim")]


def test_labelled_values_stand_in_one_column() -> None:
    assert labelled([("kind", "table"), ("can miss", "an update that leaves the counts unchanged")], 40) == [
        "kind      table",
        "can miss  an update that leaves the",
        "          counts unchanged",
    ]
    assert labelled([("kind", "a b c d e f")], 12) == ["kind", "  a b c d e", "  f"]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_statement_never_runs_into_the_next_column(width: int) -> None:
    statement = 'grant select on all tables in schema "raw_shop" to group "readers"'
    row = cells("1  add", statement, "group readers needs select on every table of raw_shop")
    lines = drawn(["#", "STATEMENT", "WHY"], [row], width)

    (found,) = [line for line in lines if statement in line]
    assert found.partition(statement)[2][:2].strip() == ""
