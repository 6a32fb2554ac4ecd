"""Ages as people write them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from wharfinger.core.ages import age
from wharfinger.core.errors import Invalid


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("30m", timedelta(minutes=30)),
        ("12h", timedelta(hours=12)),
        ("7d", timedelta(days=7)),
        ("2w", timedelta(weeks=2)),
        ("0d", timedelta(0)),
    ],
)
def test_a_number_and_a_unit_are_a_time_span(text: str, span: timedelta) -> None:
    assert age(text, "max_age") == span


@pytest.mark.parametrize("text", ["", "7", "d", "7D", "7 d", " 7d", "7d\n", "-7d", "1.5d", "٣d", "100000d", "7days"])
def test_anything_else_is_invalid_and_names_its_field(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        age(text, "max_age")

    assert caught.value.fields == ("max_age",)
    assert caught.value.subject == text
