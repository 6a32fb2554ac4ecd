"""The JSON shape of an error, and the Protocol with which a door words fields and verbs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from typing_extensions import TypedDict

from wharfinger.core.errors import Kind, WharfingerError
from wharfinger.core.verbs import Call

SUBJECT_CHARACTERS = 500
"""The most characters of a subject: three quoted names of 127 bytes fit."""

WHY_CHARACTERS = 2000
"""The most characters of a reason. Some quote the input, which may have any length."""


class ErrorDocument(TypedDict):
    """An error: what happened, to which subject, why, and what to do next."""

    kind: Kind
    what: str
    subject: str
    why: str
    next_step: str


class ErrorAnswer(TypedDict):
    """The whole answer of a request that failed."""

    error: ErrorDocument


class Words(Protocol):
    """How one door calls an input field and a verb."""

    def field(self, name: str) -> str:
        """What the field `name` (snake case) is called at this door: an option, a form field, a tool argument.

        Empty where it cannot be entered.
        """

    def call(self, call: Call) -> str:
        """The verb with its arguments at this door: a command, a link, a tool call."""


def advice(next_step: str, fields: Iterable[str], call: Call | None, words: Words) -> str:
    """`next_step` as one door words it: the fields in brackets behind it, the verb behind a colon."""
    named = ", ".join(filter(None, map(words.field, fields)))
    text = f"{next_step} ({named})" if named and next_step else next_step or named
    if call is None:
        return text
    return f"{text}: {words.call(call)}" if text else words.call(call)


def shortened(text: str, most: int) -> str:
    """At most `most` characters of `text`: its beginning and its end, with dots between them."""
    if len(text) <= most:
        return text
    end = most // 4
    return f"{text[: most - end - 1]}…{text[-end:]}"


def error_document(error: WharfingerError, words: Words) -> ErrorDocument:
    """The error object of the interface, worded for one door."""
    return {
        "kind": error.kind,
        "what": error.what,
        "subject": shortened(error.subject, SUBJECT_CHARACTERS),
        "why": shortened(error.why, WHY_CHARACTERS),
        "next_step": advice(error.next_step, error.fields, error.call, words),
    }


def error_answer(error: WharfingerError, words: Words) -> ErrorAnswer:
    """The document of a request that failed."""
    return {"error": error_document(error, words)}
