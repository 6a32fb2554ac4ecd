"""Signs in to one target as dbt would, and tries there what dbt would do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from wharfinger.connections.facts import Problem
from wharfinger.core.checks import CheckStatus
from wharfinger.core.errors import WharfingerError
from wharfinger.dbt.checking.building import BuildTrial
from wharfinger.dbt.checking.driver_arguments import Login, can_be_tried, is_serverless, login_for
from wharfinger.dbt.checking.model import TargetCheck, target_check
from wharfinger.dbt.checking.ports import Driver, SignedIn
from wharfinger.dbt.checking.project import Projects
from wharfinger.dbt.checking.target import Target
from wharfinger.dbt.profiles_yml.fields import DATABASE, IAM


def sign_in_checks(
    target: Target, found: list[TargetCheck], driver: Callable[[], Driver], projects: Projects
) -> Iterator[TargetCheck]:
    """The check `sign-in` and, after signing in, those of BuildTrial. `found` are the checks made before."""
    if why := _not_tried(target, found):
        yield _result(target, "skipped", f"not tried: {why[0]}", why[1])
        return
    login = login_for(target.fields)
    try:
        with driver().signed_in(login) as session:
            yield _signed_in(target, login, session)
            build, why_not = projects.build(target.profile)
            fits = build is None or build.is_for(str(target.fields["schema"]))
            yield from BuildTrial(session, target, build, why_not, fits).checks()
    except WharfingerError as error:
        # Not the error's fields: they are those of a connection, and a profile has its own.
        next_step = error.next_step or "Compare it with dbt's own test: dbt debug"
        yield replace(_result(target, "failed", Problem.of(error).detail, next_step), call=error.call)


def _not_tried(target: Target, found: list[TargetCheck]) -> tuple[str, str] | None:
    """Why there is no sign-in, and what to do; None when there can be one."""
    if any(check.status == "failed" for check in found):
        return "correct what failed above first", ""
    if target.unrendered:
        return "only dbt can render this target", "Try it with dbt itself: dbt debug"
    if not can_be_tried(target.fields):
        return "Identity Center needs a browser or a token", "Try it with dbt itself: dbt debug"
    return None


def _signed_in(target: Target, login: Login, session: SignedIn) -> TargetCheck:
    user = session.user
    expected = str(target.fields.get("user") or user)
    method = target.fields.get("method", DATABASE)
    if method not in (DATABASE, IAM) or user.casefold() == expected.casefold():
        return _result(target, "passed", f"signed in to {login.place} as {user}")
    next_step = "Grant privileges to the user that signs in, or correct user"
    if method == IAM and is_serverless(target.fields):
        next_step = "At a workgroup the IAM identity itself signs in: grant privileges to that user, or use a password"
    return _result(target, "warned", f"signed in to {login.place} as {user}, not as {expected}", next_step)


def _result(target: Target, status: CheckStatus, detail: str, next_step: str = "") -> TargetCheck:
    return target_check("sign-in", status, detail, next_step, profile=target.profile, target=target.name)
