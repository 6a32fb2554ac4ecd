"""`--json` decides whether the answer is JSON, wherever it is on the line as an option."""

from __future__ import annotations

import pytest
from tests.command_line import Run


@pytest.mark.parametrize("line", [["--json", "show"], ["show", "--json"], ["show", "a", "b", "c", "--json"]])
def test_a_line_that_is_not_right_is_told_in_json_when_that_was_asked_for(cli: Run, line: list[str]) -> None:
    answer = cli(*line)
    assert answer.code == 2
    assert answer.document["error"]["kind"] == "invalid"


def test_behind_two_dashes_it_is_a_name_like_any_other(cli: Run) -> None:
    answer = cli("show", "a", "b", "--", "--json")
    assert answer.code == 2
    assert answer.out == ""
