"""Numbers of things in a sentence."""

from __future__ import annotations

import pytest

from wharfinger.core.counts import counted, some


@pytest.mark.parametrize(("number", "text"), [(0, "0 tables"), (1, "1 table"), (2, "2 tables"), (1200, "1,200 tables")])
def test_one_thing_is_named_in_the_singular(number: int, text: str) -> None:
    assert counted(number, "table") == text


def test_of_many_names_the_first_are_shown_and_the_others_counted() -> None:
    assert some(["a", "b"], 2) == "a, b"
    assert some(["a", "b", "c"], 2) == "a, b, c"
    assert some(["a", "b", "c", "d"], 2) == "a, b, …and 2 more"
    assert some([]) == ""
