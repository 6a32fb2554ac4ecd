"""Carrying out a plan: database by database, each in one transaction, passwords in safe hands before it is sent."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

from wharfinger.access.passwords import digest
from wharfinger.access.plan import Plan
from wharfinger.access.ports import Connections, PasswordKeeper
from wharfinger.access.steps import Step, new_password
from wharfinger.connections.model import Connection
from wharfinger.core.errors import WharfingerError
from wharfinger.core.secret import Secret
from wharfinger.core.session import EndUnknown, Statement, Usage


@dataclass(slots=True)
class Applied:
    """How far a plan came: `applied` of `of` steps, the users that got a password, and what stopped it."""

    applied: int
    of: int
    users: tuple[str, ...] = ()
    error: WharfingerError | None = None


class MakePassword(Protocol):
    """Makes a password."""

    def __call__(self) -> Secret: ...


def carry_out(
    plan: Plan,
    connections: Connections,
    connection: Connection,
    usage: Usage,
    keeper: PasswordKeeper,
    make_password: MakePassword,
) -> Applied:
    """Run the steps of `plan`. A step that fails undoes its whole database; what other databases got stays.

    `error` tells what failed and which step; nothing more is sent then. Raises what `keeper` raises.
    """
    applied = Applied(0, len(plan.steps))
    for database in _order(plan, connection):
        part = [(number, step) for number, step in enumerate(plan.steps, 1) if step.database == database]
        passwords = {step.password_for: make_password() for _, step in part if step.password_for}
        if passwords:
            keeper.keep(passwords)
        try:
            with closing(connections.open(connection, usage, database=database)) as session:
                session.together(_statements(part, passwords))
        except WharfingerError as error:
            # When nobody knows whether they were set, they stay where they are.
            if passwords and not isinstance(error, EndUnknown):
                keeper.take_back(passwords)
            applied.error = error
            return applied
        applied.applied += len(part)
        applied.users += tuple(passwords)
    return applied


def set_password(
    user: str,
    connections: Connections,
    connection: Connection,
    usage: Usage,
    keeper: PasswordKeeper,
    make_password: MakePassword,
) -> None:
    """Give `user` a new password. Raises what the warehouse or `keeper` says against it."""
    password = make_password()
    step = new_password(connection.database, user)
    keeper.keep({user: password})
    try:
        with closing(connections.open(connection, usage)) as session:
            session.together(_statements([(1, step)], {user: password}))
    except WharfingerError as error:
        if not isinstance(error, EndUnknown):
            keeper.take_back([user])
        raise


def _statements(part: list[tuple[int, Step]], passwords: dict[str, Secret]) -> list[Statement]:
    return [Statement(_text(step, passwords), label=f"step {number}") for number, step in part]


def _text(step: Step, passwords: dict[str, Secret]) -> str:
    if not step.password_for:
        return step.sql
    return step.with_digest(digest(passwords[step.password_for], step.password_for))


def _order(plan: Plan, connection: Connection) -> list[str]:
    """The connection's own database first, since users and groups are made there; last when a user leaves."""
    own = connection.database
    last = plan.request.purpose == "leave"
    return sorted({step.database for step in plan.steps}, key=lambda name: ((name == own) == last, name))
