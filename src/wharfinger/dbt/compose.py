"""A connection and a request become the fields of one target: what dbt needs, nothing that it drops. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from wharfinger.connections.model import Connection
from wharfinger.core.addresses import is_this_machine
from wharfinger.core.errors import Invalid
from wharfinger.core.secret import Secret
from wharfinger.dbt.fields import CONFIG, DATABASE, FIELDS, IAM, IAM_ROLE, SETTABLE, advice_for
from wharfinger.dbt.merge import Wanted
from wharfinger.dbt.model import DEFAULT_THREADS, Entrance, Request
from wharfinger.dbt.yaml_text import EnvVar, Value

WRITABLE = (DATABASE, IAM, IAM_ROLE)
"""Methods we write; those of Identity Center need an application that only its administrator knows."""

_DB_USER = re.compile(r"[A-Za-z][A-Za-z0-9_+.@-]{0,63}\Z")
_IDENTITY_USER = re.compile(r"IAMR?:.+\Z")


@dataclass(frozen=True, slots=True)
class Composed:
    """A target, the environment variables that dbt will ask for, and what a person should know."""

    wanted: Wanted
    env: tuple[str, ...]
    notes: tuple[str, ...]
    method: str
    user: str


def method_for(connection: Connection, request: Request) -> str:
    """The way dbt shall enter: as asked for, else with a user by password, else as the connection itself enters.

    Raises Invalid for one that dbt has not or we do not write.
    """
    if request.method:
        if request.method not in WRITABLE:
            raise Invalid("No such method", subject=request.method, next_step=f"Use one of {', '.join(WRITABLE)}")
        return request.method
    if request.user:
        return IAM_ROLE if _IDENTITY_USER.match(request.user) else DATABASE
    return {"db-user": IAM, "iam": IAM_ROLE}.get(connection.sign_in, DATABASE)


def needs_identity(connection: Connection, request: Request) -> bool:
    """Whether AWS must be asked who the identity is: a workgroup lets in nobody else, and dbt wants the name."""
    return method_for(connection, request) == IAM and connection.target_kind == "workgroup" and not request.user


def compose(connection: Connection, request: Request, entrance: Entrance) -> Composed:
    """The target. Raises Invalid for what does not go together or no profile can hold."""
    _check_names(request)
    method = method_for(connection, request)
    _check_options(connection, request, method)
    user = _user(connection, request, entrance, method)
    who: dict[str, Value] = {"user": user} if user else {}
    temporary = _temporary(connection, request, entrance) if method != DATABASE else {}
    secrets = _secrets(request, method)
    fields: dict[str, Value] = {
        "type": "redshift",
        "method": method,
        **temporary,
        "host": entrance.host,
        "port": entrance.port,
        **who,
        **_iam_only(request),
        **secrets,
        "dbname": connection.database,
        "schema": request.schema,
        **({"threads": request.threads} if request.threads is not None else {}),
        **({"tcp_keepalive_idle": request.tcp_keepalive_idle} if request.tcp_keepalive_idle else {}),
        **_more(request),
    }
    defaults: dict[str, Value] = {} if request.threads is not None else {"threads": DEFAULT_THREADS}
    if not is_this_machine(entrance.host) and "sslmode" not in fields:
        # dbt's own default accepts any host's certificate; through a tunnel the name can never fit.
        defaults["sslmode"] = "verify-full"
    absent = frozenset(("tcp_keepalive_idle",)) if request.tcp_keepalive_idle == 0 else frozenset[str]()
    return Composed(
        Wanted(request.profile, request.target, fields, defaults, absent),
        tuple(value.name for value in secrets.values() if isinstance(value, EnvVar)),
        tuple(_notes(connection, request, method, user)),
        method,
        user,
    )


def variable_for(request: Request, purpose: str) -> str:
    """The environment variable that holds a target's secret; dbt scrubs names of that beginning from its logs."""
    name = re.sub(r"[^A-Z0-9]+", "_", f"{request.profile}_{request.target}".upper()).strip("_")
    return "_".join(part for part in ("DBT_ENV_SECRET", name, purpose) if part)


def _check_names(request: Request) -> None:
    for option, text in (("--profile", request.profile), ("--target", request.target), ("--schema", request.schema)):
        if not text.strip():
            raise Invalid(f"{option} is empty", next_step=f"Give {option} a name")
    if request.profile == CONFIG:
        raise Invalid(
            "Not a name for a profile", subject=CONFIG, why="dbt keeps settings of its own under that key",
            next_step="Choose another --profile",
        )  # fmt: skip


def _check_options(connection: Connection, request: Request, method: str) -> None:
    at_workgroup = connection.target_kind == "workgroup"
    for given, option in ((request.autocreate, "--autocreate"), (request.db_groups, "--db-group")):
        if given and (method != IAM or at_workgroup):
            raise _excluded(option, "GetClusterCredentials alone takes it", "Use --method iam on a cluster")
    if request.access_key_id and method != IAM:
        raise _excluded("--access-key-id", f"dbt drops it with {method}", "Use --method iam, or --aws-profile")
    if request.access_key_id and request.aws_profile:
        raise _excluded("--access-key-id", "--aws-profile is given, and dbt takes one of them", "Leave one of them out")
    if request.aws_profile and method == DATABASE:
        raise _excluded("--aws-profile", "a password needs no AWS identity", "Leave it out, or use --method iam")
    if request.secret is not None and not _secret_names(request, method):
        raise _excluded("A secret", f"this {method} profile holds none", "Leave it out")
    for group in request.db_groups:
        if group != group.lower():
            raise Invalid(
                "Not a group for temporary credentials", subject=group, why="AWS takes lower case only",
                next_step=f"Write {group.lower()}, if the warehouse has a group of that name",
            )  # fmt: skip
    if request.threads is not None and request.threads < 1:
        raise Invalid("--threads must be 1 or more", next_step="4 is a good start")
    if request.tcp_keepalive_idle is not None and request.tcp_keepalive_idle < 0:
        raise Invalid("--tcp-keepalive-idle must be seconds, or 0 to leave it out", next_step="240 is a good start")


def _user(connection: Connection, request: Request, entrance: Entrance, method: str) -> str:
    if method == IAM_ROLE:
        if request.user and not _IDENTITY_USER.match(request.user):
            raise _excluded("--user", "iam_role enters as the IAM identity itself", "Use --method iam or database")
        return ""
    if method == IAM and connection.target_kind == "workgroup":
        return _workgroup_user(request.user or entrance.identity_user)
    user = request.user or connection.user or connection.db_user
    if not user:
        raise Invalid(
            "--user is missing", why=f"the connection names no database user, and {method} needs one",
            next_step="Add --user U, or use --method iam_role, which enters as the IAM identity",
        )  # fmt: skip
    if method == IAM and (not _DB_USER.match(user) or user.lower() == "public"):
        raise Invalid(
            "Not a user for temporary credentials", subject=user,
            why="GetClusterCredentials takes 1 to 64 letters, digits and _ + . @ -, a letter first",
            next_step="Use --method database for this user, or --method iam_role for an IAM: or IAMR: user",
        )  # fmt: skip
    return user


def _workgroup_user(user: str) -> str:
    if user and not _IDENTITY_USER.match(user):
        raise Invalid(
            "A workgroup takes no database user with temporary credentials", subject=user,
            why="serverless GetCredentials always signs in as the IAM identity, as IAM:name or IAMR:role",
            next_step="Use --method database with the user's password, or leave --user out",
        )  # fmt: skip
    if not user:
        raise Invalid(
            "--user is missing", why="dbt wants one with iam, and AWS did not say who this identity is",
            next_step="Add --user IAM:name or IAMR:role, or use --method iam_role, which needs none",
        )  # fmt: skip
    return user


def _temporary(connection: Connection, request: Request, entrance: Entrance) -> dict[str, Value]:
    fields: dict[str, Value] = {"cluster_id": connection.target}
    if connection.target_kind == "workgroup":
        fields = {"is_serverless": True, "serverless_work_group": connection.target}
        if entrance.account_id:
            fields["serverless_acct_id"] = entrance.account_id
    fields["region"] = connection.region
    profile = request.aws_profile or (connection.identity.profile if not request.access_key_id else "")
    if profile:
        fields["iam_profile"] = profile
    return fields


def _iam_only(request: Request) -> dict[str, Value]:
    fields: dict[str, Value] = {}
    if request.autocreate:
        fields["autocreate"] = True
    if request.db_groups:
        fields["db_groups"] = request.db_groups
    if request.access_key_id:
        fields["access_key_id"] = request.access_key_id
    return fields


def _secret_names(request: Request, method: str) -> dict[str, str]:
    """The secret fields of the target, and the end of the variable's name for each."""
    if method == DATABASE:
        return {"password": "PASSWORD"}
    return {"secret_access_key": "ACCESS_KEY"} if request.access_key_id else {}


def _secrets(request: Request, method: str) -> dict[str, Value]:
    fields: dict[str, Value] = {}
    for name, purpose in _secret_names(request, method).items():
        given: Secret | None = request.secret
        fields[name] = EnvVar(variable_for(request, purpose)) if given is None else given
    return fields


def _more(request: Request) -> dict[str, Value]:
    fields: dict[str, Value] = {}
    for name, text in request.more.items():
        if name not in SETTABLE:
            why = advice_for(name) if name not in FIELDS else "it has an option of its own, or follows from the others"
            raise Invalid("Not a field to set", subject=name, why=why, next_step=f"Settable: {', '.join(SETTABLE)}")
        value: Value = _typed(FIELDS[name].kind, text)
        if wrong := FIELDS[name].wrong(value):
            raise Invalid(
                "Not a value for this field", subject=name, why=wrong, next_step=f"Write --field {name}=VALUE"
            )
        fields[name] = value
    return fields


def _typed(kind: str, text: str) -> Value:
    if kind == "int" and re.fullmatch(r"-?\d{1,9}", text):
        return int(text)
    if kind == "bool" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    return text


def _notes(connection: Connection, request: Request, method: str, user: str) -> Iterator[str]:
    identity = connection.identity
    if method == DATABASE:
        return
    if connection.target_kind == "workgroup" and user:
        yield f"dbt asks for a user and ignores it: a workgroup lets the IAM identity itself in, as {user}"
    if identity.role_arn and not request.aws_profile:
        yield (
            f"The connection assumes {identity.role_arn}, and dbt has no field for that: make an AWS profile with that "
            "role_arn and a source_profile, and name it with --aws-profile"
        )
    elif identity.kind == "keys" and not request.aws_profile and not request.access_key_id:
        yield (
            "dbt finds its AWS identity in the default chain (environment, ~/.aws, SSO, instance); the connection's "
            "access key is not written. --aws-profile or --access-key-id name another one"
        )
    if connection.endpoint_url:
        yield f"dbt has no field for another AWS address: set AWS_ENDPOINT_URL={connection.endpoint_url} where it runs"
    if method == IAM_ROLE or request.access_key_id:
        yield "dbt 1.x reads this; dbt v2 takes only a password, or iam with an AWS profile"


def _excluded(what: str, why: str, next_step: str) -> Invalid:
    return Invalid(f"{what} does not go with this method", why=why, next_step=next_step)
