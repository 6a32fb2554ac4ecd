"""A connection: how to enter one warehouse. Frozen values, and the rules for what may be combined."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from wharfinger.core.errors import Conflict, Invalid
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
    (an empty host is looked up through DescribeClusters or GetWorkgroup). `tested_at` is the last passed test, None
    for a connection saved on insistence without one. `id` is given when it is saved, and is for good: it names the data
    key. `account_id` is what the last test learnt, or empty.
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
    id: str = ""
    account_id: str = ""

    @property
    def needs_aws(self) -> bool:
        """Whether entering takes an AWS identity: all but a password with a host of its own do."""
        return self.sign_in != "password" or not self.host


@dataclass(frozen=True, slots=True)
class Secrets:
    """The sealed half of a connection; every member prints as dots."""

    secret_access_key: Secret | None = None
    session_token: Secret | None = None
    password: Secret | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom AWS takes an identity for (sts:GetCallerIdentity): the account, and the ARN of the user or role session."""

    account: str
    arn: str

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn` or `aws-us-gov`."""
        return self.arn.split(":")[1]

    def database_user(self) -> str | None:
        """The database user this identity becomes: `IAM:user` or `IAMR:role` (redshift-facts §2); None for others."""
        kind, _, path = self.arn.split(":", 5)[5].partition("/")
        if kind == "user":
            return "IAM:" + path.rsplit("/", 1)[-1]
        if kind == "assumed-role":
            return "IAMR:" + path.split("/", 1)[0]
        return None


@dataclass(frozen=True, slots=True)
class Target:
    """A cluster or workgroup as the control plane describes it.

    `status` is AWS's word (`available`, `AVAILABLE`, `paused`, …). `host` is empty and `port` 0 without an endpoint.
    `security_groups` are the ids of the VPC's groups that guard its port.
    """

    kind: TargetKind
    name: str
    status: str = ""
    host: str = ""
    port: int = 0
    arn: str = ""
    database: str = ""
    publicly_accessible: bool | None = None
    security_groups: tuple[str, ...] = ()

    @property
    def is_available(self) -> bool:
        """Whether it takes logins now."""
        return self.status.lower() in ("available", "modifying", "")


@dataclass(frozen=True, slots=True)
class DeniedList:
    """A list that the identity may not read, and the IAM action it lacks."""

    kind: TargetKind
    action: str


@dataclass(frozen=True, slots=True)
class Discovery:
    """What is in a region, as far as the identity may see it."""

    targets: tuple[Target, ...]
    denied: tuple[DeniedList, ...] = ()


_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}\Z")
_REGION = re.compile(r"[a-z]{2,}(-[a-z0-9]+)+-[0-9]+\Z")
_ROLE_ARN = re.compile(r"arn:[a-z-]+:iam::\d{12}:role/.+\Z")
_SECRET_ARN = re.compile(r"arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:.+\Z")


def check_name(name: str) -> None:
    """Raises Invalid when `name` cannot name a connection."""
    if not _NAME.match(name):
        raise Invalid(
            "Not a name for a connection",
            subject=name,
            why="a name has 1 to 63 letters, digits, '_', '-' or '.', and starts with a letter or digit",
            next_step="Choose another name",
        )


def name_taken(name: str) -> Conflict:
    """The error for a name that another connection has."""
    return Conflict(
        "There is a connection of that name already",
        subject=name,
        next_step="Choose another name, or remove the other one first",
    )


def check_connection(connection: Connection, secrets: Secrets) -> None:
    """Raises Invalid when parts are missing or exclude each other, before anything is sent to AWS."""
    check_name(connection.name)
    if not connection.region:
        raise Invalid(
            "You must specify a region",
            why="no --region is given, and neither AWS_REGION nor AWS_DEFAULT_REGION is set",
            next_step="Add --region, for example --region eu-central-1",
        )
    for value, option in ((connection.target, "--cluster or --workgroup"), (connection.database, "--database")):
        if not value:
            raise Invalid(f"{option} is missing", subject=connection.name, next_step=f"Add {option}")
    if "@" in connection.endpoint_url:
        # Not repeated: what stands before the @ is a password, and an endpoint is kept and shown in clear.
        raise Invalid("An endpoint URL takes no user and no password", next_step="Leave out what stands before the @")
    _check_sign_in(connection, secrets)
    check_identity(connection.identity, secrets)


def check_region(region: str) -> str | None:
    """Why `region` cannot be one, or None when it has the form of a region."""
    return None if _REGION.match(region) else "a region looks like eu-central-1"


def check_identity(identity: Identity, secrets: Secrets) -> None:
    """Raises Invalid when the parts of an AWS identity do not go together."""
    if identity.kind == "keys" and not (identity.access_key_id and secrets.secret_access_key):
        raise Invalid(
            "An access key is incomplete",
            why="an access key id and its secret go together",
            next_step="Add --access-key-id and --secret-access-key-from",
        )
    if identity.kind != "keys" and (secrets.secret_access_key or secrets.session_token):
        raise _excluded("a secret access key or session token", "an identity without access keys")
    if identity.role_arn and not _ROLE_ARN.match(identity.role_arn):
        raise _malformed("role ARN", identity.role_arn, "arn:aws:iam::123456789012:role/name")
    if identity.external_id and not identity.role_arn:
        raise _incomplete("an external id", "--role-arn")


def _check_sign_in(connection: Connection, secrets: Secrets) -> None:
    way = connection.sign_in
    if way == "db-user" and connection.target_kind == "workgroup":
        raise Invalid(
            "A workgroup takes no database user with temporary credentials",
            subject=connection.name,
            why="serverless GetCredentials always signs in as the IAM identity",
            next_step="Use --sign-in iam, or --sign-in secret with a secret that holds the user's password",
        )
    needed: dict[str, list[tuple[object, str]]] = {
        "db-user": [(connection.db_user, "--db-user")],
        "secret": [(connection.secret_arn, "--secret-arn")],
        "password": [(connection.user, "--user"), (secrets.password, "--password-from")],
    }
    for value, option in needed.get(way, []):
        if not value:
            raise _incomplete(f"sign-in {way}", option)
    foreign: list[tuple[object, str, str]] = [
        (connection.db_user, "--db-user", "db-user"),
        (connection.secret_arn, "--secret-arn", "secret"),
        (connection.user, "--user", "password"),
        (connection.host, "--host", "password"),
        (secrets.password, "--password-from", "password"),
    ]
    for value, option, belongs in foreign:
        if value and way != belongs:
            raise _excluded(option, f"--sign-in {way}")
    if connection.secret_arn and not _SECRET_ARN.match(connection.secret_arn):
        raise _malformed(
            "secret ARN", connection.secret_arn, "arn:aws:secretsmanager:eu-central-1:123456789012:secret:x"
        )
    if not 1 <= connection.port <= 65535:
        raise _malformed("port", str(connection.port), "5439")


def _incomplete(what: str, option: str) -> Invalid:
    return Invalid(f"{option} is missing", why=f"{what} needs it", next_step=f"Add {option}")


def _excluded(given: str, beside: str) -> Invalid:
    return Invalid(f"{given} and {beside} exclude each other", next_step="Leave one of them out")


def _malformed(what: str, value: str, example: str) -> Invalid:
    return Invalid(f"Not a {what}", subject=value, next_step=f"It looks like {example}")
