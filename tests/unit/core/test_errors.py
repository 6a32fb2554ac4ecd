from __future__ import annotations

import pickle

import pytest

from wharfinger.core.errors import Conflict, Failed, Invalid, NotFound, Refused, Unavailable, WharfingerError
from wharfinger.core.secret import Secret


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (Invalid, "invalid"),
        (NotFound, "not_found"),
        (Conflict, "conflict"),
        (Refused, "refused"),
        (Failed, "failed"),
        (Unavailable, "unavailable"),
    ],
)
def test_each_kind_has_the_contracts_name_and_record(error: type[WharfingerError], kind: str) -> None:
    raised = error("No such table", subject="dev.a.b", why="it is gone", next_step="Refresh")
    assert raised.record() == {
        "kind": kind,
        "what": "No such table",
        "subject": "dev.a.b",
        "why": "it is gone",
        "next_step": "Refresh",
    }


def test_an_error_reads_as_sentences() -> None:
    error = Failed("Statement failed", subject="dev.a.b", why="ERROR: no.", next_step="Grant select")
    assert str(error) == "Statement failed: dev.a.b. ERROR: no. Grant select"
    assert str(Failed("Statement failed")) == "Statement failed"


def test_a_secret_shows_itself_to_reveal_only() -> None:
    secret = Secret("hunter2")
    assert secret.reveal() == "hunter2"
    for shown in (str(secret), repr(secret), f"{secret}", f"{secret!r}", str([secret]), "%s" % secret):  # noqa: UP031
        assert "hunter2" not in shown
        assert "••••••" in shown


def test_a_secret_compares_by_value_and_is_never_serialised() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert not Secret("")
    with pytest.raises(TypeError, match="seal"):
        pickle.dumps(Secret("a"))
