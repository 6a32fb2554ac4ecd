"""A log of an internal error contains the place in the code, never a value."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest
from tests.conftest import LAST_RESORT

from wharfinger.core.tracebacks import traceback_text

SECRET = "anna.bell@example.com"


def fault(act: Callable[[], object]) -> Exception:
    try:
        act()
    except Exception as error:  # noqa: BLE001 - whatever it is
        return error
    raise AssertionError("nothing was raised")


def while_handling() -> None:
    try:
        int(SECRET)
    except ValueError:
        {}[SECRET]


def from_another() -> None:
    try:
        int(SECRET)
    except ValueError as error:
        raise RuntimeError(SECRET) from error


def in_a_group() -> None:
    raise ExceptionGroup(SECRET, [ValueError(SECRET)])


@pytest.mark.parametrize(
    "act", [lambda: int(SECRET), while_handling, from_another, in_a_group, SECRET.encode("utf-16").decode]
)
def test_no_text_of_an_exception_that_may_hold_a_value_is_told(act: Callable[[], object]) -> None:
    text = traceback_text(fault(act))
    assert SECRET not in text
    assert "test_tracebacks.py" in text
    assert type(fault(act)).__name__ in text


def test_the_whole_chain_is_told_the_first_one_first() -> None:
    text = traceback_text(fault(from_another))
    assert text.index("ValueError") < text.index("which led to") < text.index("RuntimeError")
    assert text.count("Traceback") == 2


def test_what_was_passed_over_on_purpose_is_not_told() -> None:
    def passed_over() -> None:
        try:
            int(SECRET)
        except ValueError:
            raise RuntimeError(SECRET) from None

    assert "ValueError" not in traceback_text(fault(passed_over))


def test_what_speaks_of_code_or_files_keeps_its_words() -> None:
    assert "AttributeError: 'str' object has no attribute 'nothing'" in traceback_text(fault(lambda: "".nothing))  # type: ignore[attr-defined]
    assert "FileNotFoundError: No such file or directory: /no/such/file" in traceback_text(fault(open_nothing))


def open_nothing() -> None:
    with open("/no/such/file"):  # noqa: PTH123
        raise AssertionError


def test_a_worker_that_dies_tells_its_log_no_values() -> None:
    code = f"""
import logging, threading
from wharfinger.worker import keep_values_out_of_the_log

keep_values_out_of_the_log()
thread = threading.Thread(target=lambda: int({SECRET!r}))
thread.start()
thread.join()

class Closing:
    def __del__(self):
        int({SECRET!r})

del_me = Closing()
del del_me
try:
    int({SECRET!r})
except ValueError:
    logging.getLogger("dbos").exception("a thread of the queue")
int({SECRET!r})
"""
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=LAST_RESORT, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.count("ValueError") == 4, ended.stderr
    assert SECRET not in ended.stderr
