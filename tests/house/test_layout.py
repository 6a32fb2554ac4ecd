"""Rules of the repository that no linter checks."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def modules(*folders: str) -> list[Path]:
    found = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    assert found
    return found


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dbt.lock", "requirements-clients.lock"])
def test_a_lock_file_pins_versions_and_hashes_and_names_no_registry(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    requirements = re.split(r"(?<!\\)\n(?=\S)", text.strip())
    assert len(requirements) > 30
    for requirement in requirements:
        assert re.match(r"[\w.\[\],-]+==[\w.+!]+", requirement), requirement
        assert "--hash=sha256:" in requirement, requirement


def test_no_module_outgrows_four_hundred_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in modules("src", "tests", "bench")
        if (lines := len(path.read_text().splitlines())) > 400
    }
    assert long == {}


def test_no_except_is_silent() -> None:
    silent = re.compile(r"except[^\n]*:\s*\n\s+pass\b")
    assert [str(path.relative_to(ROOT)) for path in modules("src") if silent.search(path.read_text())] == []


ERRORS = {"Invalid", "NotFound", "Conflict", "Refused", "Failed", "Unavailable", "EndUnknown", "AnswerLost"}


def advises(call: ast.Call) -> bool:
    """Whether the call that makes an error passes a next step that is not empty, or a verb that helps."""
    given = {one.arg: one.value for one in call.keywords}
    if None in given or "call" in given:
        return True
    step = given.get("next_step")
    texts = [step.body, step.orelse] if isinstance(step, ast.IfExp) else [step]
    return not any(text is None or (isinstance(text, ast.Constant) and not text.value) for text in texts)


def test_every_error_says_what_to_do_next() -> None:
    silent = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in modules("src/wharfinger")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in ERRORS
        and not advises(call)
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Invalid('what')", False),
        ("Invalid('what', next_step='')", False),
        ("Invalid('what', next_step='Wait' if late else '')", False),
        ("Invalid('what', next_step=f'Use {name}')", True),
        ("Invalid('what', next_step='Wait')", True),
        ("Invalid('what', call=call('connection:list'))", True),
        ("Invalid('what', **more)", True),
    ],
)
def test_an_empty_next_step_is_none(text: str, answer: bool) -> None:
    made = ast.parse(text).body[0]
    assert isinstance(made, ast.Expr)
    assert isinstance(made.value, ast.Call)
    assert advises(made.value) is answer


def test_no_two_test_modules_have_one_name() -> None:
    names = [path.name for path in modules("tests") if path.name.startswith("test_")]
    assert sorted(names) == sorted(set(names))
