"""The error tree, by what to do now.

WharfingerError
├── Invalid       fix the input
├── NotFound      name something that exists
├── Conflict      look again, the state has moved
├── Refused       a rule or a right says no
├── Failed        Redshift, dbt or a model said no; its words are kept in `why`
└── Unavailable   try later; the only kind that is retried
"""

from __future__ import annotations

from typing import ClassVar, Literal, TypedDict

Kind = Literal["invalid", "not_found", "conflict", "refused", "failed", "unavailable"]


class ErrorDocument(TypedDict):
    """The one JSON shape of an error, the same through every door."""

    kind: Kind
    what: str
    subject: str
    why: str
    next_step: str


class WharfingerError(Exception):
    """Something went wrong and a person can act on it.

    `what` happened, to which `subject`, `why`, and the `next_step` to take. None of them ever holds a secret or a
    value from a table. `check` names the check of a connection test that this speaks against (region, identity,
    target, sign-in, database, query, catalog, table-info), empty where it speaks against none.
    """

    kind: ClassVar[Kind] = "failed"

    def __init__(self, what: str, *, subject: str = "", why: str = "", next_step: str = "", check: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.subject = subject
        self.why = why
        self.next_step = next_step
        self.check = check

    def __str__(self) -> str:
        head = f"{self.what}: {self.subject}" if self.subject else self.what
        return ". ".join(part.rstrip(".") for part in (head, self.why, self.next_step) if part)

    def document(self) -> ErrorDocument:
        """The error as the JSON object that every door prints under `error`."""
        return {
            "kind": self.kind,
            "what": self.what,
            "subject": self.subject,
            "why": self.why,
            "next_step": self.next_step,
        }


class Invalid(WharfingerError):
    """The input is wrong; fix it."""

    kind = "invalid"


class NotFound(WharfingerError):
    """What was named does not exist."""

    kind = "not_found"


class Conflict(WharfingerError):
    """The state is not the one this was meant for; look again."""

    kind = "conflict"


class Refused(WharfingerError):
    """A rule or a right says no."""

    kind = "refused"


class Failed(WharfingerError):
    """Redshift, AWS, dbt or a model said no; `why` keeps its words."""

    kind = "failed"


class Unavailable(WharfingerError):
    """Not now: throttled, unreachable, starting. The only kind that is retried."""

    kind = "unavailable"
