"""The interface page and the program agree."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest
from tools.interface import PAGE, commands, documents, generated
from typing_extensions import is_typeddict

import wharfinger.documents
from wharfinger.cli.output import EXIT_CODES
from wharfinger.cli.wording import COMMANDS, WORDS
from wharfinger.core.verbs import VERBS, Call
from wharfinger.documents.answers import ANSWERS

TEXT = PAGE.read_text()


def shapes() -> Iterator[Any]:
    """Every document below `wharfinger.documents`."""
    for module in pkgutil.iter_modules(wharfinger.documents.__path__, "wharfinger.documents."):
        for value in vars(importlib.import_module(module.name)).values():
            if is_typeddict(value) and value.__module__ == module.name:
                yield value


def test_the_generated_parts_are_what_the_program_says_now() -> None:
    assert generated(TEXT) == TEXT, "run `make docs`"


def test_the_page_has_each_command_and_no_other() -> None:
    headings = re.findall(r"^#### `wharfinger (.+)`$", TEXT, re.MULTILINE)
    assert headings == [path for path, _ in commands()]


def test_each_answer_belongs_to_a_command() -> None:
    assert set(ANSWERS) <= {path for path, _ in commands()}


def test_the_page_has_each_document_and_no_other() -> None:
    headings = re.findall(r"^#### (\w+)$", TEXT, re.MULTILINE)
    assert headings == sorted(documents())
    known = {shape.__name__ for shape in shapes()}
    inherited = {base.__name__ for shape in shapes() for base in getattr(shape, "__orig_bases__", ())}
    assert set(headings) <= known
    assert known - set(headings) <= inherited


@pytest.mark.parametrize("name", sorted(documents()))
def test_a_document_says_what_it_is_and_its_references_resolve(name: str) -> None:
    schema = documents()[name]
    assert schema.get("description", "").strip()
    for reference in re.findall(r'"#/\$defs/(\w+)"', json.dumps(schema)):
        assert reference in documents()


@pytest.mark.parametrize(("kind", "code"), sorted(EXIT_CODES.items()))
def test_the_page_gives_each_kind_of_error_its_exit_code(kind: str, code: int) -> None:
    (row,) = [line for line in TEXT.splitlines() if line.startswith(f"| {code} |")]
    assert f"`{kind}`" in row


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_each_verb_is_a_command(verb: str) -> None:
    words = COMMANDS.get(verb, verb.replace(":", " ")).split()
    path = " ".join(word for word in words if not word.startswith("-"))
    assert path in {path for path, _ in commands()}
    assert WORDS.call(Call(verb)).startswith(f"wharfinger {path}")
