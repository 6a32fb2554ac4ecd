"""A NextToken continues its own list only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wharfinger_sandbox.aws.errors import ApiError
from wharfinger_sandbox.data_api.paging import page, position, token


@given(st.integers(0, 50), st.integers(0, 20))
def test_following_the_tokens_gives_every_item_once(count: int, most: int) -> None:
    items, found, next_token = list(range(count)), [], None
    for _ in range(count + 1):
        body = {"MaxResults": most} | ({"NextToken": next_token} if next_token else {})
        part, next_token = page("Things", items, body, most=7)
        found += part
        if next_token is None:
            break
    assert found == items
    assert next_token is None


def test_pages_of_one_list_may_differ_in_size_and_their_requests_in_order() -> None:
    _, next_token = page("Things", "abcdefg", {"Database": "dev", "Schema": "s", "MaxResults": 2}, most=7)
    body = {"MaxResults": 3, "Schema": "s", "NextToken": next_token, "Database": "dev"}
    assert page("Things", "abcdefg", body, most=7)[0] == "cde"


@given(st.text())
def test_an_unknown_token_is_refused(text: str) -> None:
    if text:
        with pytest.raises(ApiError) as error:
            position(text, "mine")
        assert error.value.code == "ValidationException"


def test_a_token_of_another_request_is_refused() -> None:
    assert position(token(3, "mine"), "mine") == 3
    with pytest.raises(ApiError):
        position(token(3, "mine"), "yours")
