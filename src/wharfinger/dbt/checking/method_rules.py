"""Finds what a target's method of sign-in lacks, and fields that it does not use. Pure.

Source: redshift-facts §3.3. dbt-redshift 1.11 takes a host for a workgroup because of is_serverless or of the word
"serverless" in its name.
"""

from __future__ import annotations

from collections.abc import Iterator

from wharfinger.dbt.checking.driver_arguments import host_names, is_serverless
from wharfinger.dbt.checking.model import Finding
from wharfinger.dbt.checking.target import Target
from wharfinger.dbt.profiles_yml.fields import ALIASES, DATABASE, FIELDS, IAM, IAM_ROLE, METHODS

_OF_CLUSTERS = ("cluster_id", "autocreate", "db_groups")
_OF_WORKGROUPS = ("serverless_work_group", "serverless_acct_id")


def method_findings(target: Target) -> Iterator[Finding]:
    """What is wrong with the method and its fields."""
    method = target.fields.get("method", DATABASE)
    if method not in METHODS:
        yield Finding("failed", f"there is no method {method!r:.40}", f"Use one of {', '.join(METHODS)}")
        return
    yield from _missing(target, method)
    if method in (IAM, IAM_ROLE):
        yield from _temporary(target)
    for name, value in target.fields.items():
        known = FIELDS.get(name)
        if known is None or value in (None, False, []):
            continue
        if method not in known.methods:
            yield Finding("warned", f"{name} has no effect with {method}", f"Leave {name} out")
        elif method in (IAM, IAM_ROLE) and isinstance(target.fields.get("host"), str):
            yield from _of_the_other_kind(target, name)


def _of_the_other_kind(target: Target, name: str) -> Iterator[Finding]:
    """A field that the driver uses for the other kind of warehouse only."""
    serverless = is_serverless(target.fields)
    if serverless and name in _OF_CLUSTERS:
        yield Finding("warned", f"{name} has no effect at a workgroup", f"Leave {name} out")
    elif not serverless and name in _OF_WORKGROUPS and target.fields.get("cluster_id"):
        yield Finding("warned", f"{name} has no effect at a cluster", f"Leave {name} out, or write is_serverless: true")


def _missing(target: Target, method: str) -> Iterator[Finding]:
    needed = {
        DATABASE: ("user", "password"),
        IAM: ("user",),
        "browser_identity_center": ("idc_region", "issuer_url"),
        "oauth_token_identity_center": ("token_endpoint",),
    }
    unrendered = {ALIASES.get(key, key) for key in target.unrendered}
    for name in needed.get(method, ()):
        if target.fields.get(name) is None and name not in unrendered:
            if method == IAM and _is_workgroup(target):
                yield _workgroup_user(target)
            else:
                yield Finding("failed", f"{name} is missing; {method} needs it", f"Add {name}")
    halves = [bool(target.fields.get(name)) for name in ("access_key_id", "secret_access_key")]
    if method == IAM and halves[0] != halves[1] and not unrendered & {"access_key_id", "secret_access_key"}:
        yield Finding(
            "failed",
            "access_key_id and secret_access_key are needed together",
            "Give both, or neither and an iam_profile",
        )
    if method == IAM and target.fields.get("access_key_id") and target.fields.get("iam_profile"):
        yield Finding("warned", "iam_profile has no effect beside access_key_id", "Leave one of them out")


def _is_workgroup(target: Target) -> bool:
    return isinstance(target.fields.get("host"), str) and is_serverless(target.fields)


def _workgroup_user(target: Target) -> Finding:
    """`user` is missing with iam at a workgroup. iam_role needs none, but reads no access key."""
    detail = "user is missing; dbt requires one with iam, although a workgroup ignores it"
    if target.fields.get("access_key_id"):
        return Finding("failed", detail, "Add user, as IAM:name: the workgroup signs in the access key's own identity")
    return Finding("failed", detail, "Write method: iam_role, which signs in as the IAM identity and needs no user")


def _temporary(target: Target) -> Iterator[Finding]:
    host = target.fields.get("host")
    if target.fields.get("sslmode") == "disable":
        yield Finding("failed", "temporary passwords work over TLS only", "Leave sslmode out, or write verify-full")
    if not isinstance(host, str) or "cluster_id" in target.unrendered:
        return
    named, _ = host_names(host)
    group = target.fields.get("serverless_work_group")
    if is_serverless(target.fields):
        if not group and not named:
            yield Finding(
                "warned",
                "serverless_work_group is missing and not in the host; the driver treats the host as a custom domain",
                "Add serverless_work_group",
            )
        elif group and named and group != named:
            yield Finding(
                "warned",
                f"serverless_work_group is {group}, but the host belongs to {named}",
                "Make both name the same one",
            )
    elif not target.fields.get("cluster_id"):
        cure = f"Add cluster_id: {named or 'the cluster’s identifier'}; for a workgroup, is_serverless: true"
        if group:
            cure = "Add is_serverless: true: without it dbt does not use serverless_work_group"
        yield Finding("failed", "cluster_id is missing; the IAM methods need it for a cluster", cure)
    elif named and target.fields["cluster_id"] != named:
        yield Finding(
            "warned",
            f"cluster_id is {target.fields['cluster_id']}, but the host belongs to {named}",
            "Make both name the same one",
        )
