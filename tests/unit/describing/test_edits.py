"""A request's fields become one edit, or an error that names the fields."""

from __future__ import annotations

from typing import Any

import pytest

from wharfinger.core.errors import Invalid
from wharfinger.describing.edits import ChoosePersonal, ClearText, Edit, SetText, parse_edit
from wharfinger.personal.model import KINDS, parse_choice

EDITS: list[tuple[dict[str, Any], Edit]] = [
    ({"text": " Gross of tax "}, SetText("Gross of tax")),
    ({"text": "Gross of tax", "column": "total"}, SetText("Gross of tax", "total")),
    ({"clear": True}, ClearText()),
    ({"clear": True, "column": "total"}, ClearText("total")),
    ({"personal": "card", "column": "id"}, ChoosePersonal("id", "card")),
    ({"personal": "none", "column": "id"}, ChoosePersonal("id", "none")),
    ({"personal": "auto", "column": "id"}, ChoosePersonal("id", None)),
]


@pytest.mark.parametrize(("fields", "expected"), EDITS)
def test_each_request_is_one_edit(fields: dict[str, Any], expected: Edit) -> None:
    assert parse_edit(**fields) == expected


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, ("text", "clear", "personal")),
        ({"column": "id"}, ("text", "clear", "personal")),
        ({"text": "a", "clear": True}, ("text", "clear", "personal")),
        ({"text": "", "personal": "none", "column": "id"}, ("text", "clear", "personal")),
        ({"text": "  "}, ("text", "clear")),
        ({"text": "a" * 20_001}, ("text",)),
        ({"text": "a\x00b"}, ("text",)),
        ({"personal": "none"}, ("column",)),
        ({"personal": "gossip", "column": "id"}, ("personal",)),
    ],
)
def test_a_request_that_is_no_edit_is_refused_with_its_fields(fields: dict[str, Any], wrong: tuple[str, ...]) -> None:
    with pytest.raises(Invalid) as caught:
        parse_edit(**fields)
    assert caught.value.fields == wrong
    assert caught.value.next_step
    assert "--" not in str(caught.value)


def test_every_kind_is_a_choice_and_the_error_lists_them_all() -> None:
    assert [parse_choice(kind) for kind in KINDS] == list(KINDS)
    with pytest.raises(Invalid) as caught:
        parse_choice("Email")
    assert all(kind in caught.value.next_step for kind in (*KINDS, "none", "auto"))
