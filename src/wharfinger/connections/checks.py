"""The connection test: facts that were gathered, judged into the contract's ordered checks. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, Literal, TypeVar

from wharfinger.connections.model import Caller, Connection, Target, check_region
from wharfinger.core.errors import WharfingerError
from wharfinger.core.names import quote_ident

T = TypeVar("T")

CheckId = Literal["region", "identity", "target", "sign-in", "database", "query", "catalog", "table-info"]
CheckStatus = Literal["passed", "warned", "failed", "skipped"]
ORDER: tuple[CheckId, ...] = (
    "region", "identity", "target", "sign-in", "database", "query", "catalog", "table-info",
)  # fmt: skip

NEXT_STEPS: dict[CheckId, str] = {
    "region": "Check --region and --endpoint-url",
    "identity": "Try the identity alone: aws sts get-caller-identity",
    "target": "Check the name and the region: wharfinger connection discover",
    "sign-in": "Check the way to sign in and its user",
    "database": "Check --database; dev is the one every warehouse starts with",
    "query": "Run select 1 with another client to see whether the warehouse answers at all",
    "catalog": "Read svv_all_schemas with another client to see what it says",
    "table-info": "Ask a superuser to look at svv_table_info",
}
"""What to do about a failed check when its error has no advice of its own."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a test: what was looked at, how it went, and what to do if it did not go well."""

    id: CheckId
    status: CheckStatus
    detail: str = ""
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A whole test, always all eight checks in their order."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """False only when a check failed; warned and skipped ones do not count."""
        return all(check.status != "failed" for check in self.checks)

    def document(self) -> dict[str, Any]:
        """The contract's JSON."""
        rows = [
            {"id": check.id, "status": check.status, "detail": check.detail, "next_step": check.next_step}
            for check in self.checks
        ]
        return {"ok": self.ok, "checks": rows}


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as a fact: what a probe met instead of an answer."""

    kind: str
    what: str
    why: str = ""
    next_step: str = ""
    check: str = ""

    @classmethod
    def of(cls, error: WharfingerError, asked: str = "") -> Problem:
        """The problem that `error` tells of; `asked` is the label of a statement of the probe, which tells no more."""
        head = error.what if error.subject in ("", asked) else f"{error.what}: {error.subject}"
        return cls(error.kind, head, error.why, error.next_step, error.check)

    @property
    def detail(self) -> str:
        """What happened and why, in one line."""
        return f"{self.what}. {self.why}" if self.why else self.what


@dataclass(slots=True)
class Facts:
    """What the probes found, in the order they were asked; None is not asked (yet).

    `known_regions` is empty when nobody could say. `others` names the region's targets when the wanted one is absent.
    """

    known_regions: frozenset[str] = frozenset()
    caller: Caller | Problem | None = None
    target: Target | Problem | None = None
    others: tuple[Target, ...] = ()
    user: str | Problem | None = None
    database: str | Problem | None = None
    query: int | Problem | None = None
    catalog: int | Problem | None = None
    table_info: bool | Problem | None = None


def judge(connection: Connection, facts: Facts) -> Report:
    """The report that the facts make. A check whose fact is missing is skipped, with the reason.

    A problem is put where it belongs rather than where it was met: a database that does not exist shows at sign-in, an
    endpoint that cannot be reached at the identity.
    """
    judged: dict[str, Check] = {}
    for check in _straight(connection, facts):
        judged[check.id] = check
    for check in _displaced(facts):
        judged[check.id] = check
    return Report(tuple(_settled(judged)))


def stops(connection: Connection, facts: Facts) -> bool:
    """Whether going on is pointless: something before this already fails."""
    return not judge(connection, facts).ok


def _straight(connection: Connection, facts: Facts) -> Iterator[Check]:
    """Each check by its own fact."""
    yield _region(connection, facts)
    yield from _identity(connection, facts)
    yield from _target(connection, facts)
    yield from _answered("sign-in", facts.user, lambda user: f"signed in as {user}")
    yield from _answered("database", facts.database, lambda name: f"connected to {name}")
    yield from _answered("query", facts.query, lambda _: "select 1 was answered")
    yield from _answered("catalog", facts.catalog, lambda count: f"{count} schemas are visible")
    yield from _table_info(facts)


def _displaced(facts: Facts) -> Iterator[Check]:
    """Problems that a later probe met but that speak against an earlier check."""
    met: list[tuple[CheckId, object]] = [
        ("identity", facts.caller),
        ("target", facts.target),
        ("sign-in", facts.user),
        ("database", facts.database),
        ("query", facts.query),
        ("catalog", facts.catalog),
    ]
    for where, fact in met:
        if isinstance(fact, Problem) and (there := _belongs(fact, where)) is not None:
            yield Check(there, "failed", fact.detail, fact.next_step)
            yield Check(where, "skipped", f"not reached: {there} failed")


def _belongs(problem: Problem, where: CheckId) -> CheckId | None:
    # What only the control plane or STS would not tell is no proof against the rest: sign-in decides.
    if where == "identity" and problem.kind == "unavailable":
        return None
    if where == "target" and problem.kind in ("refused", "unavailable"):
        return None
    there = next((check for check in ORDER if check == problem.check), None)
    return there if there is not None and there != where else None


def _settled(judged: dict[str, Check]) -> Iterator[Check]:
    """All checks in order; those without a fact say why they were not tried.

    What stopped one check stops the next ones too; it is told once.
    """
    failed, cause = "", ""
    for check_id in ORDER:
        check = judged.get(check_id) or Check(
            check_id, "skipped", f"not tried: {failed} failed" if failed else "not tried"
        )
        if failed == "region" and check.status == "warned":
            check = Check(check_id, "skipped", "not reached: region failed")
        if failed and check.status in ("failed", "warned") and check.detail == cause:
            check = Check(check_id, "skipped", f"not reached: {failed} failed")
        if check.status == "failed":
            failed, cause = failed or check_id, cause or check.detail
            check = replace(check, next_step=check.next_step or NEXT_STEPS[check_id])
        yield check


def _region(connection: Connection, facts: Facts) -> Check:
    if why := check_region(connection.region):
        return Check("region", "failed", f"{connection.region} is not a region: {why}", "Correct --region")
    if facts.known_regions and connection.region not in facts.known_regions:
        near = get_close_matches(connection.region, sorted(facts.known_regions), 1, 0.7)
        hint = f"Did you mean {near[0]}?" if near else "Check the spelling; a new region needs a newer botocore"
        return Check("region", "warned", f"{connection.region} is not among the regions known here", hint)
    return Check("region", "passed", connection.region)


def _identity(connection: Connection, facts: Facts) -> Iterator[Check]:
    caller = facts.caller
    if not connection.needs_aws:
        yield Check("identity", "skipped", "a password with a host of its own needs no AWS identity")
    elif isinstance(caller, Caller):
        yield Check("identity", "passed", f"{caller.arn} in account {caller.account}")
    elif isinstance(caller, Problem):
        status: CheckStatus = "warned" if caller.kind == "unavailable" else "failed"
        yield Check("identity", status, caller.detail, caller.next_step)


def _target(connection: Connection, facts: Facts) -> Iterator[Check]:
    target = facts.target
    if connection.sign_in == "password" and connection.host:
        yield Check("target", "skipped", "the host is given; sign-in proves it")
    elif isinstance(target, Target):
        yield _described(target)
    elif isinstance(target, Problem) and target.kind == "refused":
        yield Check("target", "skipped", f"{target.detail}. Sign-in proves it instead", target.next_step)
    elif isinstance(target, Problem) and target.kind == "unavailable":
        yield Check("target", "warned", target.detail, target.next_step)
    elif isinstance(target, Problem):
        yield Check("target", "failed", target.detail, _instead(connection, facts.others) or target.next_step)


def _described(target: Target) -> Check:
    place = f" at {target.host}:{target.port}" if target.host else ""
    detail = f"{target.kind} {target.name} is {target.status.lower() or 'there'}{place}"
    if target.is_available:
        return Check("target", "passed", detail)
    if target.status.lower() == "paused":
        resume = f"Resume it: aws redshift resume-cluster --cluster-identifier {target.name}"
        return Check("target", "failed", detail, resume)
    return Check("target", "failed", detail, "Wait until it is available, then test again")


def _instead(connection: Connection, others: tuple[Target, ...]) -> str:
    """The next step when the target is not there, from what is: the other kind of that name, or a near name."""
    for other in others:
        if other.name == connection.target and other.kind != connection.target_kind:
            return f"{other.name} is a {other.kind}: use --{other.kind} {other.name}"
    same = [other.name for other in others if other.kind == connection.target_kind]
    if near := get_close_matches(connection.target, same, 1):
        return f"Did you mean {near[0]}?"
    if others:
        names = ", ".join(f"{other.kind} {other.name}" for other in others)
        return f"In {connection.region} there are: {names}"
    return ""


def _answered(check_id: CheckId, fact: T | Problem | None, passed: Callable[[T], str]) -> Iterator[Check]:
    if isinstance(fact, Problem):
        warned = check_id == "catalog" and fact.kind == "refused"
        yield Check(check_id, "warned" if warned else "failed", fact.detail, fact.next_step)
    elif fact is not None:
        yield Check(check_id, "passed", passed(fact))


def _table_info(facts: Facts) -> Iterator[Check]:
    fact = facts.table_info
    if isinstance(fact, Problem):
        yield Check("table-info", "warned", fact.detail, _table_info_step(facts, fact))
    elif fact is not None:
        yield Check("table-info", "passed", "svv_table_info can be read: sizes and changes are known")


def _table_info_step(facts: Facts, problem: Problem) -> str:
    about_it = problem.kind == "refused" and problem.check in ("", "table-info")
    if not about_it or not isinstance(facts.user, str):
        return problem.next_step
    return f"As a superuser, in this database: {table_info_grant(facts.user)};"


def table_info_grant(user: str) -> str:
    """The statement that opens svv_table_info to `user`; without it only superusers read it (redshift-facts §4.4)."""
    return f"GRANT SELECT ON svv_table_info TO {quote_ident(user)}"
