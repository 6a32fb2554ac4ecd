"""Texts below the doors contain no option and no command; no message names a file that only the repository has."""

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


THERE = re.compile(
    r"\bdocs/|\b\w+\.md\b|\bREADME\b|\bCHANGELOG\b|\bmake (demo|test|docs|up|wheel|lint)\b"
    r"|\N{SECTION SIGN}\s?\d|redshift-facts"
)
"""Files, commands and sections of the repository."""


def below_the_doors() -> list[Path]:
    return [path for path in sorted(ROOT.rglob("*.py")) if path.relative_to(ROOT).parts[0] not in DOORS]


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Each string of a module with its line: messages, docstrings, pieces of f-strings."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def messages(path: Path) -> Iterator[tuple[int, str]]:
    """Each string of a module that is no docstring."""
    tree = ast.parse(path.read_text())
    bodies = [body for node in ast.walk(tree) if isinstance(body := getattr(node, "body", None), list)]
    said = {id(one.value) for body in bodies for one in body if isinstance(one, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.lineno, node.value


@pytest.mark.parametrize("package", ["wharfinger", "wharfinger_sandbox"])
def test_no_message_sends_to_a_file_that_an_installed_user_does_not_have(package: str) -> None:
    paths = [path for path in sorted((ROOT.parent / package).rglob("*.py")) if "migrations" not in path.parts]
    assert paths
    assert [
        f"{path.relative_to(ROOT.parent)}:{line}: {text!r}"
        for path in paths
        for line, text in messages(path)
        if THERE.search(text)
    ] == []


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
