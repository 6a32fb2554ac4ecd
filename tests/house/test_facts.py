"""The page of facts about Redshift: every citation of it resolves, and every fact on it names its source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "redshift-facts.md"
SOURCES = "Where a fact comes from"

NUMBER = r"\d+(?:\.\d+)*"
GAP = r"(?:\s|\n\s*(?:#|--))+"  # a citation may go on in the next line of a comment
CITATION = re.compile(
    rf"§\s?(?P<first>{NUMBER})(?:[–-]§?(?P<last>{NUMBER}))?"
    rf"(?:,?{GAP}(?:rows?|numbers?|facts?){GAP}(?P<row>\d+)(?:[–-](?P<last_row>\d+))?)?"
)
NO_NUMBER = re.compile(r"§(?!\s?\d)")
HEADING = re.compile(rf"^(#+) (?:({NUMBER})\.? )?(.+)$")
BULLET = re.compile(rf"^- (?:\*\*({NUMBER})\*\* )?(.*)$")
ROW = re.compile(rf"^\| (?:({NUMBER}) \|)?(.*)$")
CODE = re.compile(r"`[^`]*`")
BRACKETS = re.compile(r"\[([^\]]*)\]")
TAG = re.compile(r"^(?P<name>[\w-]+)(?P<issue>#\d+)?(?:: \S.*)?$")
ISSUE_OF_A_REPOSITORY = re.compile(r"^[\w.-]+/[\w.-]+#\d+$")


@dataclass(frozen=True)
class Page:
    """The page: sections in order, facts by number, tags that it explains, lines that break its rules."""

    sections: list[str]
    facts: dict[str, str]
    explained: set[str]
    broken: list[str]

    @property
    def places(self) -> set[str]:
        """The numbers that can be cited."""
        return {*self.sections, *self.facts}


def read(text: str) -> Page:
    """Bullets and rows of tables are facts once a numbered heading has come; before it they are ordinary text."""
    page = Page([], {}, set(), [])
    section, title, fact = "", "", ""
    for line in text.splitlines():
        if heading := HEADING.match(line):
            section, title, fact = heading[2] or "", heading[3], ""
            page.sections.extend([section] if section else [])
        elif not section:
            page.explained.update(re.findall(r"^\| `([^`]+)` \|", line) if title == SOURCES else [])
        elif item := BULLET.match(line) or (None if is_head_of_table(line) else ROW.match(line)):
            fact = item[1] or ""
            if not is_next(fact, section, page.facts):
                page.broken.append(line)
            page.facts[fact] = item[2]
        elif fact and line.startswith("  "):
            page.facts[fact] += " " + line.strip()
        else:
            fact = ""
    return page


def is_head_of_table(line: str) -> bool:
    return line.startswith(("| § |", "| ---"))


def is_next(number: str, section: str, facts: dict[str, str]) -> bool:
    """Whether a fact's number is the section's and one more than the last one there."""
    before = sum(1 for one in facts if one.rpartition(".")[0] == section)
    return number == f"{section}.{before + 1}"


def tags(fact: str) -> list[str]:
    """The texts in square brackets; brackets inside of code belong to the code."""
    return [tag.strip() for inside in BRACKETS.findall(CODE.sub("", fact)) for tag in inside.split(";")]


def is_explained(tag: str, explained: set[str]) -> bool:
    if ISSUE_OF_A_REPOSITORY.match(tag):
        return "owner/repo#N" in explained
    parts = TAG.match(tag)
    return bool(parts and parts["name"] in explained)


def faults_of(page: Page) -> list[str]:
    """What is wrong with a page's numbers and sources, in words."""
    twice = {number for number in page.sections if page.sections.count(number) > 1}
    faults = [f"section {number} is there twice" for number in sorted(twice)]
    faults += [f"not the next number of its section: {line}" for line in page.broken]
    for number, fact in page.facts.items():
        if not tags(fact):
            faults.append(f"{number} names no source")
        faults += [f"{number}: {tag} is not explained" for tag in tags(fact) if not is_explained(tag, page.explained)]
    return faults


def span(first: str, last: str) -> Iterator[str]:
    """Every number of a range; a range that runs backwards or over several levels gives none of the page's numbers."""
    level, _, start = first.rpartition(".")
    same, _, end = last.rpartition(".")
    if level != same or int(end) <= int(start):
        yield f"{first}–{last}"
    else:
        for count in range(int(start), int(end) + 1):
            yield f"{level}.{count}" if level else str(count)


def cited(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each citation as written, and the numbers it means."""
    for found in CITATION.finditer(text):
        first, last = found["first"], found["last"] or found["first"]
        if found["row"]:
            first, last = f"{first}.{found['row']}", f"{last}.{found['last_row'] or found['row']}"
        yield " ".join(found[0].split()), [first] if first == last else list(span(first, last))
    for found in NO_NUMBER.finditer(text):
        yield text[found.start() : found.start() + 12].partition("\n")[0], ["without a number"]


def unresolved(text: str, places: set[str]) -> list[str]:
    """The citations of a text that name no fact."""
    return [citation for citation, numbers in cited(text) if not places.issuperset(numbers)]


def citing_files() -> list[Path]:
    """All files that may cite, except this module with its wrong examples."""
    patterns = ("src/**/*.py", "src/**/*.sql", "src/**/*.toml", "tests/**/*.py", "bench/*.py", "docs/**/*.md", "*.md")
    return sorted({path for pattern in patterns for path in ROOT.glob(pattern)} - {Path(__file__)})


def text_of(path: Path) -> str:
    text = path.read_text()
    return text.replace("| § |", "") if path == PAGE else text  # its tables name their first column so


def test_every_citation_resolves() -> None:
    places = read(PAGE.read_text()).places
    dangling = {
        str(path.relative_to(ROOT)): citations
        for path in citing_files()
        if (citations := unresolved(text_of(path), places))
    }
    assert dangling == {}


def test_the_search_for_citations_sees_code_sql_tests_and_pages() -> None:
    citing = {path for path in citing_files() if next(cited(text_of(path)), None)}
    assert {"src", "tests", "docs"} <= {path.relative_to(ROOT).parts[0] for path in citing}
    assert {".py", ".sql", ".md"} <= {path.suffix for path in citing}
    assert sum(1 for path in citing for _ in cited(text_of(path))) > 150


def test_every_fact_has_a_number_and_a_source_that_the_page_explains() -> None:
    page = read(PAGE.read_text())
    assert faults_of(page) == []
    assert len(page.facts) > 300


def test_every_section_holds_facts_or_sections_and_never_both() -> None:
    page = read(PAGE.read_text())
    above = {fact.rpartition(".")[0] for fact in page.facts}
    split = {section.rpartition(".")[0] for section in page.sections} - {""}
    assert above & split == set()
    assert above | split == set(page.sections)


def test_no_source_is_explained_that_nothing_uses() -> None:
    page = read(PAGE.read_text())
    used = {tag for fact in page.facts.values() for tag in tags(fact)}
    assert {name for name in page.explained if not any(is_explained(tag, {name}) for tag in used)} == set()


def test_the_table_of_errors_keeps_its_46_rows() -> None:
    page = read(PAGE.read_text())
    assert {f"7.{row}" for row in range(1, 47)} <= page.facts.keys()
    assert "password authentication failed" in page.facts["7.18"]


SMALL = """\
# Facts

- no fact yet

## Where a fact comes from

| tag | what it is |
| --- | --- |
| `ran` | seen |
| `owner/repo#N` | an issue |

## 1. Service

### 1.1 Wire

- **1.1.1** It is JSON
  with numbers [ran].
- **1.1.2** Takes `LIMIT [n]` [owner/name#12].

## 2. Errors

| § | text | source |
| --- | --- | --- |
| 2.1 | `no` | [ran: twice] |
| 2.2 | `maybe` | [ran] |
"""


def test_a_page_is_read_into_sections_facts_and_tags() -> None:
    page = read(SMALL)
    assert page.sections == ["1", "1.1", "2"]
    assert list(page.facts) == ["1.1.1", "1.1.2", "2.1", "2.2"]
    assert page.facts["1.1.1"] == "It is JSON with numbers [ran]."
    assert page.explained == {"ran", "owner/repo#N"}
    assert faults_of(page) == []


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        ("with numbers [ran].", "with numbers.", "1.1.1 names no source"),
        ("numbers [ran].", "numbers [heard].", "1.1.1: heard is not explained"),
        ("numbers [ran].", "numbers [ran; ].", "1.1.1:  is not explained"),
        ("`LIMIT [n]` [owner/name#12]", "`LIMIT [ran]`", "1.1.2 names no source"),
        ("[owner/name#12]", "[owner/name]", "1.1.2: owner/name is not explained"),
        ("| `owner/repo#N` | an issue |\n", "", "1.1.2: owner/name#12 is not explained"),
        ("## 2. Errors", "### 1.1 Errors", "section 1.1 is there twice"),
        ("**1.1.2** Takes", "**1.1.3** Takes", "not the next number of its section: - **1.1.3** Takes"),
        ("**1.1.2** Takes", "**1.1.1** Takes", "not the next number of its section: - **1.1.1** Takes"),
        ("**1.1.2** Takes", "Takes", "not the next number of its section: - Takes"),
        ("| 2.2 |", "| |", "not the next number of its section: | | `maybe`"),
        ("| 2.2 |", "| 3.2 |", "not the next number of its section: | 3.2 |"),
    ],
)
def test_a_page_that_breaks_its_rules_is_found_out(right: str, wrong: str, fault: str) -> None:
    assert SMALL.count(right) == 1
    assert [one for one in faults_of(read(SMALL.replace(right, wrong))) if one.startswith(fault)]


@pytest.mark.parametrize(
    "text",
    [
        "facts §1",
        "(redshift-facts §1.1, §2).",
        "§1.1.2",
        "§2.2, that is",
        "§2 row 2",
        "§2, row 1)",
        "§2 number 1",
        "§1.1 fact 2",
        "see §2,\n    # row 2",
        "-- see §2 row\n-- 2",
        "§1–2",
        "§1.1.1–1.1.2",
        "§2.1-2.2",
        "§2 rows 1–2",
        "no citation at all",
    ],
)
def test_a_citation_of_what_is_there_resolves(text: str) -> None:
    assert unresolved(text, read(SMALL).places) == []


@pytest.mark.parametrize(
    ("text", "citation"),
    [
        ("facts §3", "§3"),
        ("(redshift-facts §1.1, §1.2)", "§1.2"),
        ("§1.1.3", "§1.1.3"),
        ("§1.1.1.1", "§1.1.1.1"),
        ("§11", "§11"),
        ("§2 row 3", "§2 row 3"),
        ("see §2,\n    # row 3", "§2, # row 3"),
        ("§1.1 fact 9", "§1.1 fact 9"),
        ("§1–3", "§1–3"),
        ("§2.1–2.3", "§2.1–2.3"),
        ("§2.2–2.1", "§2.2–2.1"),
        ("§1.1–2", "§1.1–2"),
        ("§2 rows 2–3", "§2 rows 2–3"),
        ("redshift-facts §n", "§n"),
        ("as § says", "§ says"),
    ],
)
def test_a_citation_of_what_is_not_there_is_found(text: str, citation: str) -> None:
    assert unresolved(text, read(SMALL).places) == [citation]
