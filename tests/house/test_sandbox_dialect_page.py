"""The page about the dialect lists every word the dialect knows, each under the way it is treated, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from wharfinger_sandbox.catalog.installer import scripts
from wharfinger_sandbox.dialect.functions import CALLS, MISSING, UNSUPPORTED, WORDS
from wharfinger_sandbox.dialect.leader_node import INFORMATION_SCHEMA, LEADER_ONLY, LEADER_RELATIONS, TABLE_ONLY

PAGE = (Path(__file__).parents[2] / "docs" / "sandbox-dialect.md").read_text()

CATALOG = "\n".join(text for _, text in scripts())
FUNCTIONS = {
    name
    for name in re.findall(r'^create or replace (?:function|aggregate) pg_catalog\."?(\w+)', CATALOG, re.MULTILINE)
    if not name.startswith("wf_")
}
VIEWS = {
    name
    for name in re.findall(r"^create or replace view pg_catalog\.(\w+) as$", CATALOG, re.MULTILINE)
    if not name.startswith("wf_")
}
ENGINE = {
    "btrim", "md5", "percentile_cont", "percentile_disc", "regexp_count", "regexp_substr", "split_part",
    "stddev", "stddev_pop", "stddev_samp", "var_pop", "var_samp", "variance",
}  # fmt: skip
"""Functions the page lists that the engine has of its own with Redshift's meaning. A list of some, not of all."""

TREATED = {
    "rewritten": {*CALLS, *WORDS, "approximate"},
    "leader node": set(LEADER_ONLY),
    "compute nodes": set(TABLE_ONLY),
    "refused": set(MISSING),
    "unsupported": set(UNSUPPORTED),
    "unchanged": FUNCTIONS - set(CALLS) - set(WORDS) - set(LEADER_ONLY) | ENGINE,
}


def section(page: str, heading: str) -> str:
    """The text from a heading of the second level to the next one."""
    return page.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    """The cells of each row of the table in `text`, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def words(cell: str) -> list[str]:
    """The first word of each code in a cell that holds nothing else: `nvl`, `array(…)`, `approximate count(…)`."""
    tokens = re.findall(r"`([^`]+)`", cell)
    assert cell == ", ".join(f"`{token}`" for token in tokens), f"not code alone: {cell}"
    found = [re.match(r"[a-z_][a-z0-9_.]*(?=$|[( ])", token) for token in tokens]
    assert all(found), f"no word: {cell}"
    return [match[0] for match in found if match]


def listed(page: str) -> dict[str, list[str]]:
    """The words of the table of functions by the way they are treated."""
    found: dict[str, list[str]] = {}
    for names, way, *_ in rows(section(page, "Functions")):
        found.setdefault(way, []).extend(words(names))
    return found


LISTED = listed(PAGE)


def test_a_function_is_listed_under_one_of_the_ways_that_the_page_explains() -> None:
    explained = {row[0] for row in rows(PAGE.split("\n## ")[0])}
    assert set(LISTED) == set(TREATED) == explained


@pytest.mark.parametrize(("way", "name"), sorted((way, name) for way, names in TREATED.items() for name in names))
def test_the_page_lists_a_word_under_the_way_the_dialect_treats_it(way: str, name: str) -> None:
    assert name in LISTED[way]


@pytest.mark.parametrize("way", sorted(TREATED))
def test_the_dialect_knows_every_function_that_the_page_lists(way: str) -> None:
    assert set(LISTED[way]) - TREATED[way] == set()


def test_no_function_is_listed_twice_under_one_way() -> None:
    # APPROXIMATE stands before two functions.
    again = {way: {name for name in names if names.count(name) > 1} for way, names in LISTED.items()}
    assert {way: names for way, names in again.items() if names} == {"rewritten": {"approximate"}}


def test_the_page_lists_the_catalog_tables_that_are_shown_as_the_leader_node_does() -> None:
    names = [name for row in rows(section(PAGE, "Catalog tables of the leader node")) for name in words(row[0])]
    assert sorted(names) == sorted([*LEADER_RELATIONS, *(f"information_schema.{view}" for view in INFORMATION_SCHEMA)])


def test_the_page_lists_every_system_view_and_no_other() -> None:
    first = section(PAGE, "System views").strip().split("\n\n")[0]
    names = words(first.replace("\n", " ").rstrip("."))
    assert len(names) > 30
    assert sorted(names) == sorted(VIEWS)


@pytest.mark.parametrize(
    "name",
    ["age", "array", "format", "mode", "nvl2", "pg_class", "sha", "sha1", "st_x", "svv_tables", "sysdate", "sum"],
)
def test_a_word_that_leaves_the_tables_is_missed_wherever_else_it_occurs(name: str) -> None:
    without = (
        re.sub(rf"`{name}(?:\([^`]*\))?`", "`gone`", PAGE) + f"\n\nThe {name} of `{name}s`, ` {name}`, and {name}.\n"
    )
    function = {word for names in listed(without).values() for word in names}
    table = {word for row in rows(section(without, "Catalog tables of the leader node")) for word in words(row[0])}
    views = set(words(section(without, "System views").strip().split("\n\n")[0].replace("\n", " ").rstrip(".")))
    assert name not in function | table | views
