"""Records what becomes of passwords while the steps of one database are applied."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from wharfinger.access.password_record import PasswordRecord, PasswordState
from wharfinger.access.planning.step import Step
from wharfinger.access.ports import Passwords
from wharfinger.access.state import decode, statements
from wharfinger.connections.model import Connection
from wharfinger.core.errors import WharfingerError
from wharfinger.core.session import Session


class Recording:
    """The records of the users whose passwords the steps of one database change.

    Each is `unknown` from before the first statement is sent until the transaction has ended, so that an interruption
    leaves no record that claims more than is known.
    """

    def __init__(
        self, passwords: Passwords, connection: Connection, now: Callable[[], datetime], steps: Iterable[Step]
    ) -> None:
        self._passwords = passwords
        self._connection = connection
        self._now = now
        self._states: dict[str, PasswordState] = {}
        self._dropped: list[str] = []
        for step in steps:
            if step.disables:
                self._states[step.disables] = "disabled"
            if step.password_for:
                self._states[step.password_for] = "set"
            if step.drops:
                self._dropped.append(step.drops)
        self._before: dict[str, PasswordRecord] = {}

    def begin(self) -> None:
        """Nothing is known of these passwords from now on."""
        if not self._states:
            return
        known = self._passwords.of(self._connection)
        self._before = {user: known[user] for user in self._states if user in known}
        unknown = [PasswordRecord(user, 0, "unknown", self._now()) for user in self._states]
        self._passwords.put(self._connection, unknown)

    def undone(self) -> None:
        """The steps took no effect: what was known before holds again."""
        self._passwords.put(self._connection, self._before.values())
        self._passwords.forget(self._connection, self._states.keys() - self._before.keys())

    def committed(self, session: Session) -> None:
        """The steps are in effect. Without the users' ids, which are read in `session`, the records stay `unknown`."""
        self._passwords.forget(self._connection, self._dropped)
        if not self._states:
            return
        try:
            ids = {user.name: user.id for user in decode.users(session.run(statements.USERS))}
        except WharfingerError:
            return
        at = self._now()
        records = [PasswordRecord(user, ids[user], state, at) for user, state in self._states.items() if user in ids]
        self._passwords.put(self._connection, records)
