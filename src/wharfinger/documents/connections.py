"""Connections: the saved ones, what a region has, the IAM policy and the network of one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NotRequired

from typing_extensions import TypedDict

from wharfinger.connections.model import Connection, Discovery, IdentityKind, SignIn, Target, TargetKind
from wharfinger.connections.network_checks import NetworkReport, Rule
from wharfinger.connections.policy import Permission, Policy
from wharfinger.connections.service import Added
from wharfinger.core.verbs import call
from wharfinger.documents.checks import CheckDocument, ReportDocument, report_document
from wharfinger.documents.errors import Words, advice


class TargetNameDocument(TypedDict):
    """The cluster or workgroup of a connection: its identifier or name."""

    kind: TargetKind
    name: str


class IdentityDocument(TypedDict):
    """An AWS identity without its secrets; what it does not use is null.

    `kind` is where its credentials come from: the default chain, a profile or access keys.
    """

    kind: IdentityKind
    access_key_id: str | None
    aws_profile: str | None
    role_arn: str | None
    external_id: str | None


class ConnectionDocument(TypedDict):
    """A saved connection without its secrets; what its sign-in does not use is null.

    `account_id` is the AWS account that the last passed test found. `tested_at` is the time of that test in ISO 8601,
    UTC; null, and `tested` false, when the connection was saved untested.
    """

    name: str
    target: TargetNameDocument
    region: str
    database: str
    sign_in: SignIn
    db_user: str | None
    secret_arn: str | None
    host: str | None
    port: int | None
    user: str | None
    identity: IdentityDocument
    endpoint_url: str | None
    account_id: str | None
    tested: bool
    tested_at: str | None


class ConnectionsDocument(TypedDict):
    """The saved connections, by name."""

    connections: list[ConnectionDocument]


class AddedDocument(TypedDict):
    """The answer of `connection add`: whether the connection was saved, and its test.

    `connection` is null when the test failed, `test` is null when the connection was saved untested.
    """

    saved: bool
    connection: ConnectionDocument | None
    test: ReportDocument | None


class RemovedDocument(TypedDict):
    """The name of the connection that was removed."""

    removed: str


class EndpointDocument(TypedDict):
    """The host and the port that SQL clients connect to."""

    host: str
    port: int


class TargetDocument(TypedDict):
    """A cluster or workgroup as AWS describes it; null where AWS says nothing. `status` is AWS's own word."""

    kind: TargetKind
    name: str
    status: str
    endpoint: EndpointDocument | None
    database: str | None
    publicly_accessible: bool | None
    arn: str | None


class DeniedDocument(TypedDict):
    """A list that the identity may not read: the IAM action that is missing."""

    kind: TargetKind
    action: str


class DiscoveryDocument(TypedDict):
    """The clusters and workgroups of a region that the identity may see.

    `account_id` is the AWS account that was asked, null when it is not known. `next_step` is what to do where nothing
    was found or a list was denied, else empty.
    """

    region: str
    account_id: str | None
    targets: list[TargetDocument]
    denied: list[DeniedDocument]
    next_step: str


class PermissionDocument(TypedDict):
    """One statement of an IAM policy, as AWS defines it."""

    Sid: str
    Effect: Literal["Allow"]
    Action: list[str]
    Resource: list[str]
    Condition: NotRequired[dict[str, dict[str, str]]]


class PolicyDocument(TypedDict):
    """An IAM policy, as AWS defines it."""

    Version: Literal["2012-10-17"]
    Statement: list[PermissionDocument]


class RuleDocument(TypedDict):
    """An inbound rule of a security group: the network `cidr` may reach these TCP ports."""

    group: str
    cidr: str
    from_port: int
    to_port: int


class NetworkDocument(TypedDict):
    """Whether clients reach the warehouse's own port.

    `address` is the network that was asked about, this machine's own when none was given. `rules` are the inbound
    rules of the warehouse's security groups; `added` is the rule that this call added, null when it added none.
    """

    ok: bool
    endpoint: EndpointDocument | None
    address: str
    checks: list[CheckDocument]
    rules: list[RuleDocument]
    added: RuleDocument | None


def connection_document(connection: Connection) -> ConnectionDocument:
    """One saved connection."""
    identity = connection.identity
    return {
        "name": connection.name,
        "target": {"kind": connection.target_kind, "name": connection.target},
        "region": connection.region,
        "database": connection.database,
        "sign_in": connection.sign_in,
        "db_user": connection.db_user or None,
        "secret_arn": connection.secret_arn or None,
        "host": connection.host or None,
        "port": connection.port if connection.sign_in == "password" else None,
        "user": connection.user or None,
        "identity": {
            "kind": identity.kind,
            "access_key_id": identity.access_key_id or None,
            "aws_profile": identity.profile or None,
            "role_arn": identity.role_arn or None,
            "external_id": identity.external_id or None,
        },
        "endpoint_url": connection.endpoint_url or None,
        "account_id": connection.account_id or None,
        "tested": connection.tested_at is not None,
        "tested_at": None if connection.tested_at is None else connection.tested_at.isoformat(),
    }


def connections_document(connections: Iterable[Connection]) -> ConnectionsDocument:
    """Connections in the order given."""
    return {"connections": [connection_document(one) for one in connections]}


def added_document(added: Added, words: Words) -> AddedDocument:
    """The answer of adding a connection."""
    return {
        "saved": added.connection is not None,
        "connection": None if added.connection is None else connection_document(added.connection),
        "test": None if added.report is None else report_document(added.report, words),
    }


def removed_document(connection: Connection) -> RemovedDocument:
    """The answer of removing a connection."""
    return {"removed": connection.name}


def discovery_document(region: str, found: Discovery, words: Words) -> DiscoveryDocument:
    """The answer of discovering a region, worded for one door."""
    return {
        "region": region,
        "account_id": found.account_id or None,
        "targets": [target_document(target) for target in found.targets],
        "denied": [{"kind": denied.kind, "action": denied.action} for denied in found.denied],
        "next_step": _after_discovery(region, found, words),
    }


def _after_discovery(region: str, found: Discovery, words: Words) -> str:
    """What to do next: nothing is needed where both lists were read and one holds a target."""
    meant = f"Did you mean {found.near_region}? " if found.near_region else ""
    if found.denied:
        kinds = [denied.kind for denied in found.denied]
        target = {kinds[0]: ""}
        add = call("connection:add", name="", **target, region=found.near_region or region, database="")
        allow = f"Allow {' and '.join(one.action for one in found.denied)}"
        return advice(f"{meant}{allow}, or name the {' or '.join(kinds)} yourself", (), add, words)
    if found.targets:
        return ""
    return meant.strip() or "Look in another region, or with another identity"


def target_document(target: Target) -> TargetDocument:
    """One cluster or workgroup."""
    return {
        "kind": target.kind,
        "name": target.name,
        "status": target.status,
        "endpoint": _endpoint(target),
        "database": target.database or None,
        "publicly_accessible": target.publicly_accessible,
        "arn": target.arn or None,
    }


def policy_document(policy: Policy) -> PolicyDocument:
    """The policy, ready to attach."""
    return {"Version": "2012-10-17", "Statement": [_permission(one) for one in policy.permissions]}


def network_document(found: NetworkReport, words: Words) -> NetworkDocument:
    """The answer of checking a network, and of adding a rule."""
    report = report_document(found.report, words)
    return {
        "ok": report["ok"],
        "endpoint": _endpoint(found.facts.target),
        "address": str(found.facts.address),
        "checks": report["checks"],
        "rules": [_rule(rule) for rule in found.facts.rules],
        "added": None if found.added is None else _rule(found.added),
    }


def _endpoint(target: Target) -> EndpointDocument | None:
    return {"host": target.host, "port": target.port} if target.host else None


def _permission(permission: Permission) -> PermissionDocument:
    document: PermissionDocument = {
        "Sid": permission.id,
        "Effect": "Allow",
        "Action": list(permission.actions),
        "Resource": list(permission.resources),
    }
    if permission.condition:
        document["Condition"] = {operator: dict(keys) for operator, keys in permission.condition.items()}
    return document


def _rule(rule: Rule) -> RuleDocument:
    return {"group": rule.group, "cidr": rule.cidr, "from_port": rule.first, "to_port": rule.last}
