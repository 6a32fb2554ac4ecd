"""How declared users sign in, as far as the home's own records go: steps and notes about passwords. Pure.

No view shows whether a user has a password (redshift-facts §4.5.8). A user declared `iam` is therefore as declared only
when Wharfinger itself has disabled the password of this very user, and has set none since.
"""

from __future__ import annotations

from collections.abc import Iterator

from wharfinger.access.model import Note, State, User, is_federated
from wharfinger.access.password_record import PasswordRecord, PasswordRecords
from wharfinger.access.planning.changes import DisabledPassword, NewPassword, PasswordChange
from wharfinger.connections.model import Connection
from wharfinger.core.counts import listed_names
from wharfinger.core.verbs import call

DISABLED_TEXT = (
    "whether it has a password cannot be seen: Wharfinger disabled it at {:%Y-%m-%d %H:%M} UTC, and one that somebody "
    "else has set since would not show"
)
FEDERATED_TEXT = (
    "whether {} have a password beside their IAM sign-in cannot be seen; Redshift gives them none, and Wharfinger "
    "neither sets nor disables one"
)
UNKNOWN_TEXT = (
    "whether {} can sign in with a password cannot be seen, and this home has set none for them; a new one replaces "
    "what they have"
)
RENAME_TEXT = (
    "a password is sent as an md5 digest, which contains the user's name: a later ALTER USER … RENAME may clear the "
    "password; then make a new one"
)


def password_changes(current: State, desired: State, records: PasswordRecords) -> tuple[PasswordChange, ...]:
    """The passwords of existing declared users to disable or to make anew, in the order of their names.

    The user of an IAM identity is left out: Redshift makes it without a password (redshift-facts §2.11, §2.12).
    """
    changes: list[PasswordChange] = []
    for user, record in _existing(current, desired, records):
        disabled = record is not None and record.state == "disabled"
        if user.credentials == "iam" and not disabled and not is_federated(user.name):
            changes.append(DisabledPassword(user.name))
        if user.credentials == "password" and disabled:
            changes.append(NewPassword(user.name))
    return tuple(changes)


def password_notes(
    connection: Connection, current: State, desired: State, records: PasswordRecords, *, makes_passwords: bool
) -> Iterator[Note]:
    """What cannot be seen of the declared users' passwords, and what a digest means for those made now."""
    federated: list[str] = []
    unknown: list[str] = []
    for user, record in _existing(current, desired, records):
        if user.credentials == "iam" and is_federated(user.name):
            federated.append(user.name)
        elif user.credentials == "iam" and record is not None and record.state == "disabled":
            yield Note(f"user {user.name}", DISABLED_TEXT.format(record.at))
        elif user.credentials == "password" and (record is None or record.state == "unknown"):
            unknown.append(user.name)
    if federated:
        yield Note("passwords", FEDERATED_TEXT.format(listed_names(federated)))
    rotate = call("access:rotate", connection=connection.name, database_user="")
    if unknown:
        yield Note("passwords", UNKNOWN_TEXT.format(listed_names(unknown)), rotate)
    if makes_passwords:
        yield Note("passwords", RENAME_TEXT, rotate)


def disabled_users(state: State, records: PasswordRecords) -> frozenset[str]:
    """The live users whose passwords Wharfinger has disabled."""
    return frozenset(
        user.name
        for user in state.users
        if user.name in records and records[user.name].is_about(user) and records[user.name].state == "disabled"
    )


def _existing(current: State, desired: State, records: PasswordRecords) -> Iterator[tuple[User, PasswordRecord | None]]:
    """Each declared user that exists, with the record about that very user."""
    live = {user.name: user for user in current.users}
    for user in sorted(desired.users, key=lambda one: one.name):
        if user.name in live:
            record = records.get(user.name)
            yield user, record if record is not None and record.is_about(live[user.name]) else None
