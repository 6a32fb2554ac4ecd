"""The connection test, from facts to report. Pure; `probe` gathers the facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Literal, TypeVar

from wharfinger.connections.facts import Advice, Facts, Problem
from wharfinger.connections.model import Caller, Connection, Target
from wharfinger.connections.region_checks import discovering, is_unknown, region_advice, region_check
from wharfinger.core.checks import Check, CheckStatus, Report
from wharfinger.core.counts import counted, some
from wharfinger.core.names import quote_ident
from wharfinger.core.suggestions import nearest
from wharfinger.core.verbs import call

T = TypeVar("T")

CheckId = Literal["region", "identity", "target", "sign-in", "database", "query", "catalog", "table-info"]
ORDER: tuple[CheckId, ...] = (
    "region", "identity", "target", "sign-in", "database", "query", "catalog", "table-info",
)  # fmt: skip


def default_advice(check_id: CheckId, connection: Connection) -> Advice:
    """What to do about a failed check whose error has no next step."""
    if check_id == "target":
        find = call("connection:discover", region=connection.region)
        return Advice("Compare name and region with the clusters and workgroups there are", call=find)
    return {
        "region": Advice("Check the region and the endpoint URL", ("region", "endpoint_url")),
        "identity": Advice("Try the identity alone: aws sts get-caller-identity"),
        "sign-in": Advice("Check the sign-in and its user", ("sign_in",)),
        "database": Advice("Check the database's name; a new warehouse has the database dev", ("database",)),
        "query": Advice("Run select 1 with another client to see whether the warehouse answers at all"),
        "catalog": Advice("Read svv_all_schemas with another client to see its error"),
        "table-info": Advice("Ask a superuser to read svv_table_info"),
    }[check_id]


def evaluate(connection: Connection, facts: Facts) -> Report:
    """The report that the facts make: all eight checks in `ORDER`. A check without a fact is skipped, with the reason.

    A problem fails the check that it concerns, not the one that found it: a database that does not exist is noticed at
    sign-in but fails `database`, an endpoint that does not answer is noticed by STS but fails `region`.
    """
    checks = {check.id: check for check in _checks_of_own_facts(connection, facts)}
    checks |= {check.id: check for check in _checks_of_other_facts(connection, facts)}
    return Report(tuple(discovering(check, connection, facts) for check in _in_order(connection, checks)))


def stops(connection: Connection, facts: Facts) -> bool:
    """Whether the test can stop: a check has failed already."""
    return not evaluate(connection, facts).ok


def _checks_of_own_facts(connection: Connection, facts: Facts) -> Iterator[Check]:
    """Each check by the fact that its own probe found."""
    yield region_check(connection, facts)
    yield from _identity(connection, facts)
    yield from _target(connection, facts)
    yield from _answered("sign-in", facts.user, lambda user: f"signed in as {user}")
    yield from _answered("database", facts.database, lambda name: f"connected to {name}")
    yield from _answered("query", facts.query, lambda _: "select 1 was answered")
    yield from _answered("catalog", facts.catalog, lambda count: f"{counted(count, 'schema')} can be seen")
    yield from _table_info(facts)


def _checks_of_other_facts(connection: Connection, facts: Facts) -> Iterator[Check]:
    """The checks that fail because of a problem that another check's probe found; that other check is skipped."""
    met: list[tuple[CheckId, object]] = [
        ("identity", facts.caller),
        ("target", facts.target),
        ("sign-in", facts.user),
        ("database", facts.database),
        ("query", facts.query),
        ("catalog", facts.catalog),
    ]
    for met_by, fact in met:
        if isinstance(fact, Problem) and (about := _other_check(fact, met_by)) is not None:
            advice = fact.advice
            if about == "region" and is_unknown(connection, facts):
                advice = replace(advice, text=f"{region_advice(connection, facts)} {advice.text}")
            yield _check(about, "failed", fact.detail, advice)
            yield Check(met_by, "skipped", f"not reached: {about} failed")


def _other_check(problem: Problem, met_by: CheckId) -> CheckId | None:
    """The check that `problem` concerns, when that is not the check that found it."""
    # STS or the control plane not answering proves nothing about the rest: sign-in decides.
    if met_by == "identity" and problem.kind == "unavailable":
        return None
    if met_by == "target" and problem.kind in ("refused", "unavailable"):
        return None
    about = next((check for check in ORDER if check == problem.check), None)
    return about if about != met_by else None


def _in_order(connection: Connection, checks: dict[str, Check]) -> Iterator[Check]:
    """All checks in order; those without a fact say why they were not tried.

    What stopped one check stops the next ones too; it is reported once.
    """
    failed, cause = "", ""
    for check_id in ORDER:
        check = checks.get(check_id) or Check(
            check_id, "skipped", f"not tried: {failed} failed" if failed else "not tried"
        )
        if failed == "region" and check.status == "warned":
            check = Check(check_id, "skipped", "not reached: region failed")
        if failed and check.status in ("failed", "warned") and check.detail == cause:
            check = Check(check_id, "skipped", f"not reached: {failed} failed")
        if check.status == "failed":
            failed, cause = failed or check_id, cause or check.detail
            if not (check.next_step or check.fields or check.call):
                check = _check(check_id, "failed", check.detail, default_advice(check_id, connection))
        yield check


def _to_see(advice: Advice) -> Advice:
    """What a refused look at the target takes; the connection itself does not need it."""
    text = advice.text[:1].lower() + advice.text[1:]
    return replace(advice, text=f"Nothing needs to be done if sign-in passes; to see its status here, {text}")


def _check(check_id: str, status: CheckStatus, detail: str, advice: Advice) -> Check:
    return Check(check_id, status, detail, advice.text, fields=advice.fields, call=advice.call)


def _identity(connection: Connection, facts: Facts) -> Iterator[Check]:
    caller = facts.caller
    if not connection.needs_aws:
        yield Check("identity", "skipped", "a password with a given host needs no AWS identity")
    elif isinstance(caller, Caller):
        yield Check("identity", "passed", f"{caller.arn} in account {caller.account}")
    elif isinstance(caller, Problem):
        yield _check("identity", "warned" if caller.kind == "unavailable" else "failed", caller.detail, caller.advice)


def _target(connection: Connection, facts: Facts) -> Iterator[Check]:
    target = facts.target
    if connection.sign_in == "password" and connection.host:
        yield Check("target", "skipped", "the host is given; sign-in proves it")
    elif isinstance(target, Target):
        yield _described(target)
    elif isinstance(target, Problem) and target.kind == "refused":
        # Not the whole reason: it reads like a failure, and the connection may be well without this right.
        yield _check("target", "skipped", f"{target.what}. Sign-in proves it instead", _to_see(target.advice))
    elif isinstance(target, Problem) and target.kind == "unavailable":
        yield _check("target", "warned", target.detail, target.advice)
    elif isinstance(target, Problem):
        yield _check("target", "failed", target.detail, _suggested_target(connection, facts.others) or target.advice)


def _described(target: Target) -> Check:
    place = f" at {target.host}:{target.port}" if target.host else ""
    detail = f"{target.kind} {target.name} is {target.status.lower() or 'there'}{place}"
    if target.is_available:
        return Check("target", "passed", detail)
    if target.status.lower() == "paused":
        resume = f"Resume it: aws redshift resume-cluster --cluster-identifier {target.name}"
        return Check("target", "failed", detail, resume)
    return Check("target", "failed", detail, "Wait until it is available, then test again")


def _suggested_target(connection: Connection, others: tuple[Target, ...]) -> Advice:
    """What to name instead of a missing target: the other kind with that name, a similar name, or the existing ones."""
    for other in others:
        if other.name == connection.target and other.kind != connection.target_kind:
            return Advice(
                f"{other.name} is a {other.kind}, not a {connection.target_kind}: give it as the {other.kind}",
                (other.kind,),
            )
    same = [other.name for other in others if other.kind == connection.target_kind]
    # An ARN and the name of a host contain the name of their target.
    if (part := re.split(r"[:/]", connection.target)[-1].split(".")[0]) in same:
        return Advice(f"Did you mean {part}?")
    if near := nearest(connection.target, same):
        return Advice(f"Did you mean {near}?")
    if others:
        names = some([f"{other.kind} {other.name}" for other in others])
        return Advice(f"In {connection.region} there are: {names}")
    return Advice()


def _answered(check_id: CheckId, fact: T | Problem | None, passed: Callable[[T], str]) -> Iterator[Check]:
    if isinstance(fact, Problem):
        warned = check_id == "catalog" and fact.kind == "refused"
        yield _check(check_id, "warned" if warned else "failed", fact.detail, fact.advice)
    elif fact is not None:
        yield Check(check_id, "passed", passed(fact))


def _table_info(facts: Facts) -> Iterator[Check]:
    fact = facts.table_info
    if isinstance(fact, Problem):
        yield _check("table-info", "warned", fact.detail, _table_info_advice(facts, fact))
    elif fact is not None:
        yield Check("table-info", "passed", "svv_table_info can be read: sizes and changes are known")


def _table_info_advice(facts: Facts, problem: Problem) -> Advice:
    grant_helps = problem.kind == "refused" and problem.check in ("", "table-info")
    if not grant_helps or not isinstance(facts.user, str):
        return problem.advice
    return Advice(f"As a superuser, in this database: {table_info_grant(facts.user)};")


def table_info_grant(user: str) -> str:
    """The statement that lets `user` read svv_table_info; without it only superusers do (redshift-facts §4.4)."""
    return f"GRANT SELECT ON svv_table_info TO {quote_ident(user)}"
