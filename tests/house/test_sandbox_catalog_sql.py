"""The sandbox's SQL: installed in a stated order, each object commented with its source, in lines a person can read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from wharfinger_sandbox.catalog.installer import ORDER, scripts

FOLDER = Path(__file__).parents[2] / "src/wharfinger_sandbox/catalog/sql"
FILES = {str(path.relative_to(FOLDER)): path.read_text() for path in sorted(FOLDER.rglob("*.sql"))}

CREATE = re.compile(
    r"\s*create\s+(?:or\s+replace\s+)?"
    r"(?:function|procedure|aggregate|(?:materialized\s+)?view|table|(?:event\s+)?trigger|domain|type)\b",
    re.IGNORECASE,
)
SOURCE = re.compile(r"Source: (?:redshift-facts \S+(?:, \S+)*|sandbox, internal|unverified)\.$")
"""Whether the section exists is checked by `test_facts.py`."""


def comments_above_creates(text: str) -> list[tuple[int, str, str]]:
    """The line number and text of each statement that creates an object, and the comment that ends right above it."""
    lines = text.splitlines()
    found = []
    for number, line in enumerate(lines):
        if CREATE.match(line):
            first = number
            while first and lines[first - 1].lstrip().startswith("--"):
                first -= 1
            comment = " ".join(above.strip().removeprefix("--").strip() for above in lines[first:number])
            found.append((number + 1, line.strip(), comment))
    return found


def faults(text: str) -> list[str]:
    """What is wrong with the comments of the objects that `text` creates, a line for each."""
    found = []
    for number, line, comment in comments_above_creates(text):
        source = SOURCE.search(comment)
        if not comment:
            found.append(f"{number}: no comment above {line}")
        elif not source:
            found.append(f"{number}: no source in the comment of {line}")
        elif len(comment[: source.start()].split()) < 1:
            found.append(f"{number}: nothing but a source in the comment of {line}")
    return found


def test_the_installer_knows_every_file_and_no_other() -> None:
    named = [path for path, _ in scripts()]
    assert sorted(named) == sorted(FILES)
    assert len(named) == len(set(named)) > 50
    assert {path.split("/")[0] for path in named} == set(ORDER)


@pytest.mark.parametrize("path", FILES)
def test_each_object_has_a_comment_that_says_what_it_is_and_its_source(path: str) -> None:
    assert faults(FILES[path]) == []


@pytest.mark.parametrize("path", FILES)
def test_a_file_begins_with_what_it_is_about(path: str) -> None:
    first, *_, last = FILES[path].split("\n")
    assert first.startswith("-- ")
    assert last == ""


def test_no_line_is_longer_than_120_characters() -> None:
    long = [
        f"{path}:{number}"
        for path, text in FILES.items()
        for number, line in enumerate(text.splitlines(), 1)
        if len(line) > 120 or line != line.rstrip()
    ]
    assert long == []


def test_no_file_outgrows_250_lines() -> None:
    assert {path for path, text in FILES.items() if len(text.splitlines()) > 250} == set()


def test_the_catalog_has_hundreds_of_commented_objects() -> None:
    assert sum(len(comments_above_creates(text)) for text in FILES.values()) > 300


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("create view v as select 1;", "1: no comment above create view v as select 1;"),
        ("-- About.\n\ncreate table t (a int);", "3: no comment above create table t (a int);"),
        ("-- A view.\ncreate or replace view v as", "2: no source in the comment of create or replace view v as"),
        ("-- A view. Source: memory.\ncreate view v as", "2: no source in the comment of create view v as"),
        ("-- Source: unverified.\ncreate domain d as", "2: nothing but a source in the comment of create domain d as"),
    ],
)
def test_a_missing_comment_or_source_is_found(text: str, fault: str) -> None:
    assert faults(text) == [fault]
    assert faults("-- A thing. Source: redshift-facts \u00a74.1,\n-- \u00a77.\n" + text.rpartition("\n")[2]) == []
