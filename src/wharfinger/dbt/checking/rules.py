"""Finds what is wrong with one target without signing in. Pure: facts and the region lookup are passed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from wharfinger.connections.model import check_region
from wharfinger.core.checks import CheckStatus
from wharfinger.dbt.checking.driver_arguments import host_names
from wharfinger.dbt.checking.method_rules import method_findings
from wharfinger.dbt.checking.model import Finding, TargetCheck, target_check
from wharfinger.dbt.checking.target import Target
from wharfinger.dbt.profiles_yml.fields import (
    ALIASES,
    DATABASE,
    FIELDS,
    IDENTITY_CENTER,
    METHODS,
    advice_for,
)

REQUIRED = ("type", "host", "port", "database", "schema")
SECRETS = ("password", "secret_access_key")
_RANK: dict[CheckStatus, int] = {"passed": 0, "skipped": 1, "warned": 2, "failed": 3}

RegionLookup = Callable[[str, str, int], str]
"""Takes AWS profile (empty for the default one), host and port; returns the region that the driver finds by itself.

The region is empty when the driver finds none.
"""


def no_region(profile: str, host: str, port: int) -> str:  # noqa: ARG001 - has the form of a RegionLookup
    """A RegionLookup that finds none."""
    return ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts from outside the file: whether others may read it, the driver's region lookup, environment variables."""

    others_may_read: bool = False
    region_elsewhere: RegionLookup = no_region
    env: Mapping[str, str] | None = None


def check_target(target: Target, facts: Facts) -> list[TargetCheck]:
    """The checks of a target, at most one for each id, in their order.

    A failure in a target that is not chosen is a warning: dbt would not use that target.
    """
    groups: list[tuple[str, Iterator[Finding], str]] = [
        ("keys", _keys(target), "every key is one that dbt-redshift reads"),
        ("values", _values(target), "every value has the type that dbt needs"),
        ("env", _env(target), "every value can be rendered"),
        ("method", method_findings(target), f"{target.fields.get('method', DATABASE)} has what it needs"),
        ("region", _region(target, facts), ""),
        ("secrets", _secrets(target, facts), "the file holds no secret"),
    ]
    checks = [_check(target, id_, list(findings), passed) for id_, findings, passed in groups]
    return [check for check in checks if check is not None]


def _check(target: Target, id_: str, findings: list[Finding], passed: str) -> TargetCheck | None:
    if not findings:
        if not passed:
            return None
        return target_check(id_, "passed", passed, profile=target.profile, target=target.name)
    worst = max((finding.status for finding in findings), key=lambda status: _RANK[status])
    if worst == "failed" and not target.chosen:
        worst = "warned"
    worst_first = sorted(findings, key=lambda finding: -_RANK[finding.status])
    return target_check(
        id_,
        worst,
        "; ".join(finding.detail for finding in worst_first),
        "; ".join(dict.fromkeys(finding.next_step for finding in worst_first if finding.next_step)),
        profile=target.profile,
        target=target.name,
    )


def _keys(target: Target) -> Iterator[Finding]:
    for other, name in ALIASES.items():
        if other in target.raw and name in target.raw:
            yield Finding(
                "failed",
                f"both {other} and {name} are given; they are two names of one field, and dbt refuses them",
                f"Keep one of {other} and {name}",
            )
    names = {ALIASES.get(key, key) for key in target.raw}
    for name in REQUIRED:
        if name not in names:
            yield Finding("failed", f"{name} is missing; dbt needs it with every method", f"Add {name}")
        elif target.fields.get(name) == "":
            yield Finding("failed", f"{name} is empty; dbt needs it with every method", f"Write a {name}")
    for key in target.raw:
        if ALIASES.get(key, key) not in FIELDS:
            yield Finding("warned", f"dbt ignores {key} without a message", f"{key}: {advice_for(str(key))}")
    for key, line in target.repeated.items():
        yield Finding("warned", f"{key} is given twice; dbt uses the last, in line {line}", f"Keep one {key}")


def _values(target: Target) -> Iterator[Finding]:
    for name, value in target.fields.items():
        known = FIELDS.get(name)
        if known is None or not (wrong := known.wrong(value)):
            continue
        raw = next((target.raw[key] for key in target.raw if ALIASES.get(key, key) == name), None)
        cure = _as_type(name, known.kind, rendered=raw != value)
        yield Finding("failed", f"{name}: {wrong}", f"Correct {name}, or leave it out" if known.fits(value) else cure)
    port = target.fields.get("port")
    if isinstance(port, int) and not 0 <= port <= 65535:
        yield Finding("failed", "port: it is not a TCP port", "5439 is the usual one")


def _as_type(name: str, kind: str, *, rendered: bool) -> str:
    if kind == "int":
        example = "\"{{ env_var('NAME') | int }}\"" if rendered else "5439" if name == "port" else "10"
        return f"Write {name} as a number, without quotes: {name}: {example}"
    if kind == "bool":
        example = "\"{{ env_var('NAME') | as_bool }}\", the variable being True or False" if rendered else "true"
        return f"Write {name} as true or false, without quotes: {name}: {example}"
    return {"list": f"Write {name}: [one, other]", "text": f'Write {name} as text: {name}: "…"'}.get(kind, "")


def _env(target: Target) -> Iterator[Finding]:
    for key, problem in target.unrendered.items():
        if key == "password" and problem.variable:
            yield Finding(
                "failed",
                f"{problem.variable} is not set; for password dbt does not report this, but sends the expression "
                "itself as the password",
                f"Set {problem.variable} before dbt runs",
            )
        elif problem.variable:
            next_step = f"Set {problem.variable}, or give a default: env_var('{problem.variable}', 'value')"
            yield Finding("failed", f"{key}: {problem.why}", next_step)
        elif target.only_dbt_renders:
            yield Finding("skipped", f"{key}: {problem.why}", "Try it with dbt itself: dbt debug")
        else:
            why = "it is not Jinja that dbt can render" if key in (*SECRETS, "pass") else problem.why
            yield Finding("failed", f"{key}: {why}", "To write braces that are not Jinja, use \"{{ '{{' }}\"")


def _region(target: Target, facts: Facts) -> Iterator[Finding]:
    method, host = target.fields.get("method", DATABASE), target.fields.get("host")
    if method not in METHODS or method in (DATABASE, *IDENTITY_CENTER) or not isinstance(host, str):
        return
    _, named = host_names(host)
    region = target.fields.get("region")
    if isinstance(region, str) and region:
        if why := check_region(region):
            yield Finding("failed", f"{region} is not a region: {why}", "Correct region")
        elif named and named != region:
            yield Finding("warned", f"region is {region}, but the host is in {named}", f"Write region: {named}")
        else:
            yield Finding("passed", region)
    elif named:
        yield Finding("passed", f"{named}, from the host's name")
    elif "region" not in target.unrendered:
        yield _region_elsewhere(target, facts)


def _region_elsewhere(target: Target, facts: Facts) -> Finding:
    profile, port = target.fields.get("iam_profile"), target.fields.get("port")
    if target.chosen:
        found = facts.region_elsewhere(str(profile or ""), target.fields["host"], port if isinstance(port, int) else 0)
        if found:
            return Finding("passed", f"{found}, from AWS's own settings or the host's address")
    also = " (boto3 does not read AWS_REGION)" if (facts.env or {}).get("AWS_REGION") else ""
    return Finding(
        "failed",
        f"You must specify a region: the target has none, and neither its host nor AWS's own settings name one{also}",
        "Add region: eu-central-1 (or yours) to the target, or set AWS_DEFAULT_REGION, or run `aws configure`",
    )


def _secrets(target: Target, facts: Facts) -> Iterator[Finding]:
    clear = [
        str(key)
        for key, value in target.raw.items()
        if ALIASES.get(key, key) in SECRETS and isinstance(value, str) and value and "env_var" not in value
    ]
    if clear:
        yield Finding(
            "warned",
            f"the file holds {' and '.join(clear)} in clear text",
            "Write \"{{ env_var('DBT_ENV_SECRET_…') }}\", which dbt also removes from its logs",
        )
        if facts.others_may_read:
            yield Finding("warned", "others may read the file", "Restrict it to you: chmod 600")
