"""Errors as documents: what quotes an input of any length stays readable."""

from __future__ import annotations

import pytest
from tests.unit.neutral_words import NeutralWords

from wharfinger.core.errors import Invalid
from wharfinger.documents.errors import SUBJECT_CHARACTERS, WHY_CHARACTERS, error_document, shortened


def test_a_long_subject_and_a_long_reason_are_shortened() -> None:
    told = error_document(Invalid("Not a name", subject="s" * 10_000, why="w" * 10_000), NeutralWords())

    assert (len(told["subject"]), len(told["why"])) == (SUBJECT_CHARACTERS, WHY_CHARACTERS)


@pytest.mark.parametrize(
    ("text", "most", "shown"), [("abcdefgh", 8, "abcdefgh"), ("abcdefghi", 8, "abcde…hi"), ("", 8, "")]
)
def test_the_beginning_and_the_end_stay(text: str, most: int, shown: str) -> None:
    assert shortened(text, most) == shown
