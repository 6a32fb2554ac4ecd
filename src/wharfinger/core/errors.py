"""The error tree, by what to do now.

WharfingerError
├── Invalid       fix the input
├── NotFound      name something that exists
├── Conflict      look again, the state has changed
├── Refused       a rule or a right says no
├── Failed        Redshift, AWS, dbt or a model said no; `why` holds its message
└── Unavailable   try later; the only kind that is retried
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal, NotRequired, TypedDict

from wharfinger.core.rights import MissingRight, MissingRightRecord
from wharfinger.core.verbs import Call

Kind = Literal["invalid", "not_found", "conflict", "refused", "failed", "unavailable"]


class ErrorRecord(TypedDict):
    """An error as JSON values, as it is stored: not worded for any door yet."""

    kind: Kind
    what: str
    subject: str
    why: str
    next_step: str
    fields: NotRequired[list[str]]
    call: NotRequired[dict[str, object]]
    lacks: NotRequired[MissingRightRecord]


class WharfingerError(Exception):
    """Something went wrong and a person can act on it.

    `what` happened, to which `subject`, `why`, and the `next_step` to take. None of them ever holds a secret or a
    value from a table, and none uses the words of one door: `fields` names the input fields that are wrong or
    missing (snake case, as in REST) and `call` the verb that would help; each door words them in its own way.
    `check` names the check of a connection test that this error fails (region, identity, target, sign-in,
    database, query, catalog, table-info); empty where it fails none. `lacks` is the right in the warehouse whose
    absence is the cause, where one is.
    """

    kind: ClassVar[Kind] = "failed"

    def __init__(
        self,
        what: str,
        *,
        subject: str = "",
        why: str = "",
        next_step: str = "",
        check: str = "",
        fields: Sequence[str] = (),
        call: Call | None = None,
        lacks: MissingRight | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.subject = subject
        self.why = why
        self.next_step = next_step
        self.check = check
        self.fields = tuple(fields)
        self.call = call
        self.lacks = lacks

    def __str__(self) -> str:
        head = f"{self.what}: {self.subject}" if self.subject else self.what
        return ". ".join(part.rstrip(".") for part in (head, self.why, self.next_step) if part)

    def record(self) -> ErrorRecord:
        """The error as JSON values, for storage; `error_of` is the opposite."""
        record: ErrorRecord = {
            "kind": self.kind,
            "what": self.what,
            "subject": self.subject,
            "why": self.why,
            "next_step": self.next_step,
        }
        if self.fields:
            record["fields"] = list(self.fields)
        if self.call is not None:
            record["call"] = self.call.record()
        if self.lacks is not None:
            record["lacks"] = self.lacks.record()
        return record


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
    """Redshift, AWS, dbt or a model said no; `why` holds its message."""

    kind = "failed"


class Unavailable(WharfingerError):
    """It may work later: throttled, unreachable, starting. The only kind that is retried."""

    kind = "unavailable"


def error_of(record: ErrorRecord) -> WharfingerError:
    """The error that `record` made a record of. Raises StopIteration for a kind that does not exist."""
    made = next(kind for kind in WharfingerError.__subclasses__() if kind.kind == record["kind"])
    return made(
        record["what"],
        subject=record["subject"],
        why=record["why"],
        next_step=record["next_step"],
        fields=record.get("fields", ()),
        call=Call.from_record(record["call"]) if "call" in record else None,
        lacks=MissingRight(**record["lacks"]) if "lacks" in record else None,
    )
