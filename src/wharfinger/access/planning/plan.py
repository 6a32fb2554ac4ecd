"""A plan: typed steps from the live state to the desired one, with a digest of both steps and state. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from wharfinger.access.model import Note, State
from wharfinger.access.planning.step import PASSWORD, Step
from wharfinger.core.names import KEEP_CASE, in_one_line, needs_case

Purpose = Literal["spec", "leave"]
"""`spec`: bring the warehouse to the state of a spec; `leave`: remove a user."""


STDIN = "stdin"
"""The source of a spec that came without a file."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a plan was made for, so that the plan can be made again when it is applied.

    `text` is the spec, or the name of the user to remove; `source` the spec's file name or STDIN, or the new
    owner.
    """

    purpose: Purpose
    text: str
    source: str = ""

    def title(self) -> str:
        """The request in a few words: the spec's file name, or `remove USER`."""
        return self.source if self.purpose == "spec" else f"remove {self.text}"


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps, with the request and the connection that they were made for.

    `digest` covers the steps, their SQL too, and the live state they change. When it was last applied, at `applied_at`,
    `applied` of the steps took effect.
    """

    id: str
    connection: str
    request: Request
    digest: str
    steps: tuple[Step, ...]
    notes: tuple[Note, ...]
    made_at: datetime
    applied_at: datetime | None = None
    applied: int = 0

    def makes_passwords(self) -> bool:
        """Whether a step sets a password."""
        return any(step.password_for for step in self.steps)


def digest(seen: State, steps: Iterable[Step]) -> str:
    """A text that is the same for the same state and steps, whatever the order in which the state was read."""
    state = {name: sorted(map(repr, items)) for name, items in _sets(seen)}
    text = json.dumps([state, [asdict(step) for step in steps]], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


_HEADER = "-- Wharfinger access plan"


def is_script(content: bytes) -> bool:
    """Whether a file that begins with `content` is one that `script` filled, or empty."""
    return not content or content.startswith(_HEADER.encode())


def script(plan: Plan) -> Iterator[str]:
    """The lines of a commented script for any SQL client; a placeholder stands for each password."""
    yield f"{_HEADER} {plan.id} for connection {in_one_line(plan.connection)}"
    if plan.makes_passwords():
        yield "-- Replace each placeholder by a password: 8 to 64 characters, upper case, lower case and a digit."
    numbered = list(enumerate(plan.steps, 1))
    for database in dict.fromkeys(step.database for step in plan.steps):
        yield from _database_script(database, [one for one in numbered if one[1].database == database])
    for note in plan.notes:
        yield f"\n-- Note on {in_one_line(note.about)}: {in_one_line(note.text)}"


def _database_script(database: str, steps: list[tuple[int, Step]]) -> Iterator[str]:
    yield f"\n-- Signed in to database {in_one_line(database)} as a superuser:"
    yield "begin;"
    if any(needs_case(step.sql) for _, step in steps):
        yield f"{KEEP_CASE};"
    for number, step in steps:
        yield f"\n-- {number}. {in_one_line(step.why)}{' (takes something away)' if step.destructive else ''}"
        text = step.sql
        if step.password_for:
            head, _, tail = text.rpartition(PASSWORD)
            text = f"{head}'<password of {_literal(step.password_for)}>'{tail}"
        yield f"{text};"
    yield "\ncommit;"


def _sets(state: State) -> Iterator[tuple[str, Iterable[object]]]:
    for name in State.__dataclass_fields__:
        yield name, getattr(state, name)


def _literal(text: str) -> str:
    return text.replace("'", "''")
