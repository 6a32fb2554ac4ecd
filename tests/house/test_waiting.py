"""Tests wait on conditions: no time is short enough to be reached on a busy machine, and no sleep is long enough."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[2]
WAITS = {"communicate", "join", "result", "select", "settimeout", "wait"}
"""Calls whose numbers are seconds, by their last name."""
EXCEPT = {
    ("tests/guard.py", "sleep"): "it waits between two looks at the processes, in a process of its own",
    ("tests/journeys/test_dbt_check.py", "target"): "a field of profiles.yml",
    ("bench/stage.py", "sleep"): "a pause between two looks at a condition, as wait_until has",
}


def is_seconds(node: ast.expr) -> bool:
    """Whether it is a number of a second or more; shorter times are pauses, which nothing expects to suffice."""
    return isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.value >= 1


def faults(path: str, text: str) -> Iterator[str]:
    """What is wrong with each call that waits for a time, or for ever."""
    for call in ast.walk(ast.parse(text)):
        if not isinstance(call, ast.Call):
            continue
        whole = ast.unparse(call.func)
        name = whole.rpartition(".")[2]
        if (path, name) in EXCEPT:
            continue
        limits = {one.arg: one.value for one in call.keywords if one.arg and "timeout" in one.arg}
        if whole in ("time.sleep", "sleep"):
            yield f"{path}:{call.lineno} sleeps; wait on a condition with wait_until"
        elif whole == "subprocess.run" and "timeout" not in limits:
            yield f"{path}:{call.lineno} has no timeout; LAST_RESORT says what was waited for"
        elif any(map(is_seconds, limits.values())) or (name in WAITS and any(map(is_seconds, call.args))):
            yield f"{path}:{call.lineno} gives up after a time of its own; use LAST_RESORT"


def test_nothing_is_given_a_time_that_a_busy_machine_needs() -> None:
    files = [path for folder in ("tests", "bench") for path in sorted((ROOT / folder).rglob("*.py"))]
    assert len(files) > 100
    found = [fault for path in files for fault in faults(str(path.relative_to(ROOT)), path.read_text())]
    assert found == []


@pytest.mark.parametrize(("path", "name"), EXCEPT)
def test_each_exception_is_needed(path: str, name: str) -> None:
    calls = [one for one in ast.walk(ast.parse((ROOT / path).read_text())) if isinstance(one, ast.Call)]
    assert name in {ast.unparse(one.func).rpartition(".")[2] for one in calls}


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("process.wait(30)", "of its own"),
        ("thread.join(timeout=10)", "of its own"),
        ("socket.create_connection(there, timeout=2.5)", "of its own"),
        ("subprocess.run(command, timeout=60)", "of its own"),
        ("subprocess.run(command)", "no timeout"),
        ("time.sleep(0.1)", "sleeps"),
    ],
)
def test_a_wait_for_a_time_is_found(code: str, words: str) -> None:
    assert [words in fault for fault in faults("tests/a.py", code)] == [True]


@pytest.mark.parametrize("code", ["process.wait(LAST_RESORT)", "','.join(texts)", "thread.join(0.5)", "event.wait()"])
def test_other_waits_are_left_alone(code: str) -> None:
    assert list(faults("tests/a.py", code)) == []


def test_no_property_fails_because_an_example_took_long() -> None:
    assert settings().deadline is None
    assert settings.get_profile("exploring").deadline is None
