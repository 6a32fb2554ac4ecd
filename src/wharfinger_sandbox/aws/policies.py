"""Parses and evaluates IAM's JSON policies: Allow, Deny, wildcards, resources and conditions.

A policy with elements that are not supported here is refused.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wharfinger_sandbox.aws.conditions import ConditionKeys, Context, check, is_known, like, substitute

__all__ = ["Context", "MalformedPolicy", "Policy", "Statement", "Verdict", "decide", "parse"]


class MalformedPolicy(ValueError):
    """A policy document that is not valid or not supported; the text says why."""


class Verdict(enum.Enum):
    """The decision of all policies together; an explicit Deny overrides every Allow."""

    ALLOWED = "allowed"
    NO_ALLOW = "because no identity-based policy allows the {action} action"
    DENIED = "with an explicit deny in an identity-based policy"
    NO_SESSION_ALLOW = "because no session policy allows the {action} action"

    def reason(self, action: str) -> str:
        """The end of AWS's message when `action` is refused."""
        return self.value.format(action=action)


@dataclass(frozen=True)
class Statement:
    """One statement of a policy, with its patterns as written."""

    effect: str
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    resources: tuple[str, ...]
    not_resources: tuple[str, ...]
    conditions: Mapping[str, Mapping[str, Sequence[str]]]
    principals: tuple[str, ...]

    def applies(self, action: str, resource: str, keys: ConditionKeys) -> bool:
        """Whether action, resource and all conditions match."""
        return self._covers_action(action) and self._covers_resource(resource, keys) and self.holds(keys)

    def applies_to_trust(self, action: str, keys: ConditionKeys) -> bool:
        """Whether action and all conditions match, for a role's trust policy, which has no resources."""
        return self._covers_action(action) and self.holds(keys)

    def holds(self, keys: ConditionKeys) -> bool:
        """Whether all conditions match `keys`."""
        return all(check(operator, wanted, keys) for operator, wanted in self.conditions.items())

    def names(self, *principals: str) -> bool:
        """Whether the Principal of a trust policy names one of `principals` (ARNs, account ids, `*`)."""
        return any(one in principals for one in self.principals)

    def _covers_action(self, action: str) -> bool:
        patterns = self.not_actions or self.actions
        covered = any(like(pattern.lower(), action.lower()) for pattern in patterns)
        return covered != bool(self.not_actions)

    def _covers_resource(self, resource: str, keys: ConditionKeys) -> bool:
        patterns = [substitute(pattern, keys) for pattern in self.not_resources or self.resources]
        covered = any(pattern is not None and like(pattern, resource) for pattern in patterns)
        return covered != bool(self.not_resources)


@dataclass(frozen=True)
class Policy:
    """One parsed policy document."""

    statements: tuple[Statement, ...]


def decide(policies: Iterable[Policy], action: str, resource: str, context: Context) -> Verdict:
    """The decision of `policies` on `action` (`service:Operation`) on `resource` (an ARN or `*`).

    `context` holds the request's condition keys.
    """
    keys = ConditionKeys(context)
    effects = {
        statement.effect
        for policy in policies
        for statement in policy.statements
        if statement.applies(action, resource, keys)
    }
    if "Deny" in effects:
        return Verdict.DENIED
    return Verdict.ALLOWED if "Allow" in effects else Verdict.NO_ALLOW


def parse(document: str | Mapping[str, Any]) -> Policy:
    """The policy in `document` (JSON text or its object). Raises MalformedPolicy."""
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except json.JSONDecodeError as error:
            raise MalformedPolicy(f"the policy is not JSON: {error.msg}") from error
    if not isinstance(document, Mapping) or "Statement" not in document:
        raise MalformedPolicy("the policy has no Statement")
    statements = document["Statement"]
    return Policy(tuple(_statement(one) for one in (statements if isinstance(statements, Sequence) else [statements])))


def _statement(raw: Mapping[str, Any]) -> Statement:
    if raw.get("Effect") not in ("Allow", "Deny"):
        raise MalformedPolicy("a statement's Effect must be Allow or Deny")
    if not (raw.get("Action") or raw.get("NotAction")):
        raise MalformedPolicy("a statement must have Action or NotAction")
    conditions = {
        operator: {key: _texts(values) for key, values in block.items()}
        for operator, block in raw.get("Condition", {}).items()
    }
    for operator in conditions:
        if not is_known(operator):
            raise MalformedPolicy(f"the condition operator {operator} is not supported by the sandbox")
    return Statement(
        effect=raw["Effect"],
        actions=_texts(raw.get("Action", ())),
        not_actions=_texts(raw.get("NotAction", ())),
        resources=_texts(raw.get("Resource", ())),
        not_resources=_texts(raw.get("NotResource", ())),
        conditions=conditions,
        principals=_principals(raw.get("Principal", ())),
    )


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, bool):
        return (str(value).lower(),)
    if isinstance(value, str | int | float):
        return (str(value),)
    return tuple(text for one in value for text in _texts(one))


def _principals(value: Any) -> tuple[str, ...]:
    if isinstance(value, Mapping):
        return tuple(name for names in value.values() for name in _texts(names))
    return _texts(value)
