"""Who acts, what they may do, and the record of each act: stored before the act begins, with its outcome afterwards."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from wharfinger.core.errors import Refused
from wharfinger.core.events import Audit, Event, Outcome
from wharfinger.core.session import EndUnknown
from wharfinger.core.verbs import ROLES, VERBS, Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: `name` is what the audit log shows, an account's address or `local` for the command line."""

    name: str
    role: Role


LOCAL = Actor("local", "administrator")
"""The user of the command line, who can read the home folder. May do everything."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether something is allowed, with the reason in words for people."""

    allowed: bool
    reason: str

    def __bool__(self) -> bool:
        return self.allowed


def may(actor: Actor, verb: str, thing: str) -> Answer:
    """Whether `actor` may use `verb` on `thing`. The only place where permissions are decided.

    `thing` names what the verb is about (a connection, a table, a persona); no rule looks at it yet. Raises KeyError
    for a verb that `VERBS` does not list.
    """
    least = VERBS[verb]
    if ROLES.index(actor.role) >= ROLES.index(least):
        return Answer(True, f"the role {actor.role} may use {verb}")
    about = f" on {thing}" if thing else ""
    return Answer(False, f"{verb}{about} needs the role {least}; {actor.name} has the role {actor.role}")


@dataclass(slots=True)
class Act:
    """One act that has begun. Set `detail` to the text that the record gets at the end.

    `outcome` is set by the act when it knows its result; None: the end of the block decides.
    """

    detail: str = ""
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Acts:
    """What one actor does through a service: each act is permitted first, then recorded before and after."""

    actor: Actor
    audit: Audit

    def require(self, verb: str, thing: str = "") -> None:
        """Raises Refused with the reason when the actor may not use the verb on the thing."""
        answer = may(self.actor, verb, thing)
        if not answer:
            raise Refused(
                "You may not do this", subject=thing, why=answer.reason, next_step="Ask an administrator for the role"
            )

    @contextlib.contextmanager
    def act(self, verb: str, thing: str, detail: str = "") -> Iterator[Act]:
        """Record that `verb` on `thing` has begun, run the block, and record its outcome.

        The outcome is `failed` when the block raises an error, `unknown` when it is not known whether the act took
        effect (EndUnknown, or an interruption such as Ctrl-C) unless the block has set another. A killed process leaves
        `begun`. `detail` holds no secret and no value from a table. Raises Refused when the actor may not.
        """
        self.require(verb, thing)
        event = self.audit.begin(Event(verb, thing, self.actor.name, detail))
        act = Act(detail)
        try:
            yield act
        except BaseException as error:
            self.audit.end(event, act.outcome or outcome_of(error), act.detail)
            raise
        self.audit.end(event, act.outcome or "done", act.detail)


def outcome_of(error: BaseException) -> Outcome:
    """`failed` for an error that says what happened, `unknown` for an interruption or a lost answer."""
    known = isinstance(error, Exception) and not isinstance(error, EndUnknown)
    return "failed" if known else "unknown"
