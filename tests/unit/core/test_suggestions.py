"""Suggestions for a misspelt word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wharfinger.core.suggestions import did_you_mean, distance, nearest

REGIONS = ["ap-east-1", "eu-west-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2"]


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("us-esat-1", REGIONS, "us-east-1"),
        ("us-est-1", REGIONS, "us-east-1"),
        ("eu-wets-1", REGIONS, "eu-west-1"),
        ("prdo", ["dev", "prod"], "prod"),
        ("DEV", ["dev", "prod"], "dev"),
        ("connect_time", ["connect_timeout", "retries"], "connect_timeout"),
        ("demo-clustr", ["demo-cluster", "other"], "demo-cluster"),
    ],
)
def test_the_nearest_word_is_suggested(word: str, known: list[str], meant: str) -> None:
    assert nearest(word, known) == meant


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("elsewhere", ["demo-workgroup", "demo-cluster"]),
        ("pass", ["pass", "host", "port", "user"]),
        ("dev", ["prod"]),
        ("a", ["ab1", "xyz"]),
        ("x" * 10_000, ["dev"]),
    ],
)
def test_a_word_that_resembles_none_gets_no_suggestion(word: str, known: list[str]) -> None:
    assert nearest(word, known) == ""


def test_of_equally_near_words_the_first_in_the_alphabet_is_suggested() -> None:
    assert nearest("us-east-3", reversed(REGIONS)) == "us-east-1"


@given(st.text("abcd", max_size=9), st.lists(st.text("abcd", min_size=1, max_size=9)))
def test_a_known_word_other_than_the_word_itself_is_suggested(word: str, known: list[str]) -> None:
    found = nearest(word, known)

    assert found == "" or (found in known and found != word)


@given(st.text("abc", max_size=7), st.text("abc", max_size=7))
def test_the_distance_is_the_same_both_ways(one: str, other: str) -> None:
    assert distance(one, other, 9) == distance(other, one, 9)
    assert (distance(one, other, 9) == 0) == (one == other)


def test_a_word_without_a_near_one_gets_the_other_advice() -> None:
    assert did_you_mean("ordrs", ["orders", "items"], "Correct it") == "Did you mean orders?"
    assert did_you_mean("payments", ["orders", "items"], "Correct it") == "Correct it"
