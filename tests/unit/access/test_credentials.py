"""What the home knows of passwords, and the steps and notes that follow from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.access.test_applier import ADMIN

from wharfinger.access.model import Credentials, State, User
from wharfinger.access.password_record import PasswordRecord, PasswordState, is_same_warehouse, newest
from wharfinger.access.planning.changes import DisabledPassword, NewPassword, PasswordChange
from wharfinger.access.planning.credentials import disabled_users, password_changes, password_notes

THEN = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
LATER = THEN + timedelta(hours=1)


def states(credentials: Credentials, name: str = "alice", *, exists: bool = True) -> tuple[State, State]:
    current = State(users=frozenset({User(name, id=7)} if exists else ()))
    return current, State(users=frozenset({User(name, credentials=credentials)}))


def record(state: PasswordState, user: str = "alice", user_id: int = 7, at: datetime = THEN) -> PasswordRecord:
    return PasswordRecord(user, user_id, state, at)


CASES: list[tuple[Credentials, PasswordRecord | None, PasswordChange | None, str]] = [
    ("iam", None, DisabledPassword("alice"), ""),
    ("iam", record("set"), DisabledPassword("alice"), ""),
    ("iam", record("unknown"), DisabledPassword("alice"), ""),
    ("iam", record("disabled", user_id=8), DisabledPassword("alice"), ""),
    ("iam", record("disabled"), None, "disabled it at 2026-12-01 09:30 UTC"),
    ("password", None, None, "whether alice can sign in with a password cannot be seen"),
    ("password", record("unknown"), None, "whether alice can sign in"),
    ("password", record("disabled", user_id=8), None, "whether alice can sign in"),
    ("password", record("set"), None, ""),
    ("password", record("disabled"), NewPassword("alice"), ""),
]


@pytest.mark.parametrize(("credentials", "known", "change", "note"), CASES)
def test_a_password_is_as_declared_only_where_a_record_about_this_very_user_says_so(
    credentials: Credentials, known: PasswordRecord | None, change: PasswordChange | None, note: str
) -> None:
    current, desired = states(credentials)
    records = {} if known is None else {known.user: known}

    assert password_changes(current, desired, records) == (() if change is None else (change,))
    notes = [one.text for one in password_notes(ADMIN, current, desired, records, makes_passwords=False)]
    assert len(notes) == bool(note)
    assert note in "".join(notes)


def test_a_user_of_an_iam_identity_needs_no_step_and_one_that_is_made_now_neither() -> None:
    current, desired = states("iam", "IAM:bob")
    assert password_changes(current, desired, {}) == ()
    (note,) = password_notes(ADMIN, current, desired, {}, makes_passwords=False)
    assert "whether IAM:bob have a password beside" in note.text
    assert password_changes(*states("iam", exists=False), {}) == ()


def test_the_users_whose_passwords_were_disabled_are_those_of_records_about_them() -> None:
    current, _ = states("iam")
    assert disabled_users(current, {"alice": record("disabled")}) == {"alice"}
    assert disabled_users(current, {"alice": record("set")}) == set()
    assert disabled_users(current, {"alice": record("disabled", user_id=8)}) == set()


def test_the_newest_record_holds_and_a_newer_one_of_a_warehouse_that_may_be_another_proves_nothing() -> None:
    old, new = record("disabled"), record("set", at=LATER)
    assert newest([new, old], []) == {"alice": new}
    assert newest([old], [new]) == {"alice": record("unknown", at=LATER)}
    assert newest([record("disabled", at=LATER)], [record("set")])["alice"].state == "disabled"
    assert newest([], [old]) == {}
    assert newest([record("set")], [record("disabled", at=LATER)])["alice"].state == "set"


def test_two_connections_lead_to_one_warehouse_only_when_account_or_host_are_the_same() -> None:
    one = replace(ADMIN, id="1", account_id="123456789012")
    other = replace(one, id="2", name="other", sign_in="secret")
    assert is_same_warehouse(one, replace(one, account_id=""))
    assert is_same_warehouse(one, other)
    for different in ({"account_id": ""}, {"account_id": "9"}, {"region": "eu-west-1"}, {"target": "x"}):
        assert not is_same_warehouse(one, replace(other, **different))
    at_host = replace(ADMIN, id="3", host="h", port=5439)
    assert is_same_warehouse(at_host, replace(at_host, id="4"))
    assert not is_same_warehouse(at_host, replace(at_host, id="4", port=5440))
