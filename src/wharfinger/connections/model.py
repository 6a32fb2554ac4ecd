"""A connection: how to enter one warehouse. Frozen values and pure decisions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from wharfinger.core.secret import Secret

TargetKind = Literal["cluster", "workgroup"]
SignIn = Literal["iam", "db-user", "secret", "password"]
IdentityKind = Literal["default", "profile", "keys"]


@dataclass(frozen=True, slots=True)
class Identity:
    """An AWS identity: the default chain, a named profile or access keys, and a role assumed from any of them.

    The secret halves of `keys` are in `Secrets`, never here.
    """

    kind: IdentityKind = "default"
    profile: str = ""
    access_key_id: str = ""
    role_arn: str = ""
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class Connection:
    """Everything about a connection that is no secret.

    `db_user` goes with sign-in `db-user`, `secret_arn` with `secret`, `host`/`port`/`user` with `password`
    (an empty host is looked up through DescribeClusters or GetWorkgroup). `tested_at` is None for a connection
    saved on insistence without a passed test.
    """

    name: str
    target_kind: TargetKind
    target: str
    region: str
    database: str
    sign_in: SignIn = "iam"
    db_user: str = ""
    secret_arn: str = ""
    host: str = ""
    port: int = 5439
    user: str = ""
    identity: Identity = field(default_factory=Identity)
    endpoint_url: str = ""
    tested_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Secrets:
    """The sealed half of a connection; every member prints as dots."""

    secret_access_key: Secret | None = None
    session_token: Secret | None = None
    password: Secret | None = None
