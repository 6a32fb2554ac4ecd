"""What keeps a user from being dropped and no step of its removal takes away: notes on a plan, and the error. Pure.

DROP USER only says that the user owns some object or has a privilege on some object (redshift-facts §4.1.12).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wharfinger.access.model import Grantee, Note
from wharfinger.access.planning.plan import Plan
from wharfinger.access.state.beyond import Beyond
from wharfinger.access.state.live import Live
from wharfinger.connections.model import Connection
from wharfinger.core.counts import listed_names
from wharfinger.core.errors import Conflict, WharfingerError
from wharfinger.core.names import display_part
from wharfinger.core.verbs import call

TEMPORARY_TEXT = "it has temporary tables in an open session ({}), and a user that owns tables cannot be dropped"
ENDS_TEXT = "They end with the session"
RIGHTS_TEXT = "it holds {}, which no step revokes"
GRANTED_TEXT = "it may have granted to others what it holds WITH GRANT OPTION ({})"
GRANTOR_TEXT = "SHOW GRANTS names the grantor of each right; revoke what this user granted"
DEPENDENT = "dependent privileges"
"""PostgreSQL's words when a right is revoked that was granted on; Redshift's are unverified (§4.1.18)."""


@dataclass(frozen=True, slots=True)
class Obstacles:
    """What the catalog shows of one user beside the steps of its removal.

    `temporary` are tables of its open sessions; `processes` are those sessions, where something lists them. `rights`
    are those that no step revokes; `passed_on` those that the user may have granted to others.
    """

    user: str
    temporary: tuple[str, ...] = ()
    processes: tuple[int, ...] = ()
    rights: tuple[Beyond, ...] = ()
    passed_on: tuple[Beyond, ...] = ()

    @classmethod
    def of(cls, user: str, live: Live, temporary: Sequence[str], processes: Sequence[int]) -> Obstacles:
        """The obstacles of `user` in a live state."""
        its = [one for one in live.beyond if one.grantee == Grantee("user", user)]
        return cls(
            user,
            tuple(temporary),
            tuple(processes),
            tuple(one for one in its if one.kind == "right"),
            tuple(one for one in its if one.kind == "grant option"),
        )

    def found(self) -> list[tuple[str, str]]:
        """Each obstacle that is there for certain, with what to do about it."""
        return [
            *([(TEMPORARY_TEXT.format(self._tables()), f"{ENDS_TEXT}{self._ending()}")] if self.temporary else []),
            *([(RIGHTS_TEXT.format(_listed(self.rights)), "Revoke it")] if self.rights else []),
        ]

    def notes(self) -> Iterator[Note]:
        """What a person should know before the plan is applied."""
        about = f"user {self.user}"
        for why, cure in self.found():
            yield Note(about, f"{why}. {cure}")
        if self.passed_on:
            yield Note(about, f"{GRANTED_TEXT.format(_listed(self.passed_on))}: a REVOKE may fail then. {GRANTOR_TEXT}")

    def _tables(self) -> str:
        return listed_names([display_part(name) for name in self.temporary])

    def _ending(self) -> str:
        if not self.processes:
            return "; select pg_terminate_backend(pid) ends one"
        ends = "; ".join(f"select pg_terminate_backend({process})" for process in self.processes)
        return f"; to end what it has open now: {ends}"


def drop_was_refused(error: WharfingerError, plan: Plan) -> bool:
    """Whether a removal failed at DROP USER, or at the REVOKE of a right that the user has granted to others."""
    drop = [f"step {number}" for number, step in enumerate(plan.steps, 1) if step.drops]
    return error.subject in drop or DEPENDENT in error.why


def not_dropped(connection: Connection, error: WharfingerError, obstacles: Obstacles, new_owner: str) -> Conflict:
    """The error for a removal that Redshift refused with `error`, although no newer plan has other steps."""
    found = obstacles.found()
    why, cure = [error.why], [""]
    if DEPENDENT in error.why:
        why, cure = [error.why, GRANTED_TEXT.format(_listed(obstacles.passed_on))], [GRANTOR_TEXT]
    elif found:
        why, cure = [text for text, _ in found], [text for _, text in found]
    else:
        why.append("the catalog shows nothing more that this user owns or holds")
        cure = ["Look whether others hold rights that this user granted: SHOW GRANTS names the grantor of each right"]
    owner = {"new_owner": new_owner} if new_owner else {}
    again = call("access:remove", connection=connection.name, database_user=obstacles.user, **owner)
    return Conflict(
        "The user cannot be dropped yet",
        subject=obstacles.user,
        why="; ".join(filter(None, why)),
        next_step=f"{'. '.join(cure)}. Then plan it again",
        call=again,
    )


def _listed(facts: Sequence[Beyond]) -> str:
    return listed_names([f"{one.what} on {one.on}" for one in facts])
