"""Ports that answer from a script, for cases that no warehouse produces on demand."""

# ruff: noqa: ARG002 - the signatures are those of the ports

from __future__ import annotations

from dataclasses import dataclass, field

from tests.unit.scripted_sql import Answer, ScriptedSession

from wharfinger.connections.model import Caller, Connection, DefaultRegion, Discovery, Identity, Secrets, Target
from wharfinger.core.errors import WharfingerError
from wharfinger.core.session import Session, Usage


@dataclass
class ScriptedOpener:
    """Opens scripted sessions; counts those that were not closed."""

    script: dict[str, Answer] = field(default_factory=dict)
    refuses: WharfingerError | None = None
    log: list[tuple[str, str]] = field(default_factory=list)
    still_open: int = 0

    def open(self, connection: Connection, secrets: Secrets, usage: Usage, *, database: str | None = None) -> Session:
        if self.refuses is not None:
            raise self.refuses
        self.still_open += 1
        return ScriptedSession(self.script, database or connection.database, self.log, self._closed)

    def _closed(self) -> None:
        self.still_open -= 1


@dataclass
class ScriptedControlPlane:
    """Answers the control plane's questions; an error is raised."""

    caller: Caller | WharfingerError = field(
        default_factory=lambda: Caller("123456789012", "arn:aws:iam::123456789012:user/analyst")
    )
    target: Target | WharfingerError = field(default_factory=lambda: Target("cluster", "demo", "available"))
    asked: list[str] = field(default_factory=list)
    default: DefaultRegion = field(default_factory=lambda: DefaultRegion("us-east-1"))
    trouble: str = ""
    found: Discovery = field(default_factory=lambda: Discovery((Target("workgroup", "demo"),)))

    def known_regions(self) -> frozenset[str]:
        return frozenset({"us-east-1"})

    def default_region(self, profile: str) -> DefaultRegion:
        self.asked.append(f"default_region {profile}")
        return self.default

    def region_trouble(self, region: str, identity: Identity, secrets: Secrets, endpoint_url: str) -> str:
        return self.trouble

    def caller_identity(self, connection: Connection, secrets: Secrets) -> Caller:
        self.asked.append("caller_identity")
        if isinstance(self.caller, WharfingerError):
            raise self.caller
        return self.caller

    def describe_target(self, connection: Connection, secrets: Secrets) -> Target:
        self.asked.append("describe_target")
        if isinstance(self.target, WharfingerError):
            raise self.target
        return self.target

    def list_targets(self, region: str, identity: Identity, secrets: Secrets, endpoint_url: str) -> Discovery:
        self.asked.append("list_targets")
        return self.found
