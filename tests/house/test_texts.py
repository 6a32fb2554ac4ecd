"""Texts below the doors contain no option and no command of Wharfinger's command line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tools.interface import commands

ROOT = Path(__file__).parents[2] / "src" / "wharfinger"
DOORS = ("cli", "worker.py")

OPTIONS = sorted(
    {option for _, command in commands() for one in command.params for option in one.opts if "--" in option}
)
GROUPS = sorted({path.split()[0] for path, _ in commands()})
OURS = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, OPTIONS))})(?![\w-])|\bwharfinger ({'|'.join(GROUPS)})\b")
THEIRS = re.compile(r"\b(aws|dbt|chmod|psql|pip)('s)? [^.;]*")
"""Commands of other tools, whose options may have the same names."""


def below_the_doors() -> list[Path]:
    return [path for path in sorted(ROOT.rglob("*.py")) if path.relative_to(ROOT).parts[0] not in DOORS]


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Each string of a module with its line: messages, docstrings, pieces of f-strings."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def of_ours(text: str) -> str | None:
    """The first option or command of Wharfinger in a text."""
    found = OURS.search(THEIRS.sub("", text))
    return found[0] if found else None


@pytest.mark.parametrize("path", below_the_doors(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_text_below_the_doors_holds_an_option_or_a_command(path: Path) -> None:
    assert [f"line {line}: {text!r}" for line, text in texts(path) if of_ours(text)] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Add --region, for example", "--region"),
        ("See `wharfinger connection list`", "wharfinger connection"),
        ("Resume it: aws redshift modify-cluster --host x", None),
        ("give dbt --target x", None),
        ("wharfinger master key", None),
        ("a--region", None),
        ("Name the region", None),
    ],
)
def test_an_option_and_a_command_are_recognised(text: str, found: str | None) -> None:
    assert of_ours(text) == found
