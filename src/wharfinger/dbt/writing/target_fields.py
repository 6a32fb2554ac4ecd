"""The fields of one target for a connection and a request: those that dbt needs, none that it drops. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from wharfinger.connections.model import Connection
from wharfinger.core.addresses import is_this_machine
from wharfinger.core.errors import Invalid
from wharfinger.core.secret import Secret
from wharfinger.dbt.profiles_yml.fields import DATABASE, IAM, IAM_ROLE
from wharfinger.dbt.profiles_yml.yaml_values import EnvVar, Value
from wharfinger.dbt.writing.merge import Wanted
from wharfinger.dbt.writing.model import DEFAULT_THREADS, Endpoint, Request

_DB_USER = re.compile(r"[A-Za-z][A-Za-z0-9_+.@-]{0,63}\Z")
_IDENTITY_USER = re.compile(r"IAMR?:.+\Z")


@dataclass(frozen=True, slots=True)
class Composed:
    """A target, the environment variables that dbt will read, and notes for the user."""

    wanted: Wanted
    env: tuple[str, ...]
    notes: tuple[str, ...]
    method: str
    user: str


def method_for(connection: Connection, request: Request) -> str:
    """The method of sign-in: the requested one; else by password for a named user; else as the connection signs in."""
    if request.method:
        return request.method
    if request.user:
        return IAM_ROLE if _IDENTITY_USER.match(request.user) else DATABASE
    return {"db-user": IAM, "iam": IAM_ROLE}.get(connection.sign_in, DATABASE)


def needs_identity(connection: Connection, request: Request) -> bool:
    """Whether AWS must be asked for the identity: dbt requires a user; a workgroup admits only the identity."""
    return method_for(connection, request) == IAM and connection.target_kind == "workgroup" and not request.user


def compose(connection: Connection, request: Request, endpoint: Endpoint) -> Composed:
    """The target. Raises Invalid for inputs that exclude each other and for values that no profile can hold."""
    method = method_for(connection, request)
    _check_method(connection, request, method)
    user = _user(connection, request, endpoint, method)
    user_field: dict[str, Value] = {"user": user} if user else {}
    temporary = _temporary(connection, request, endpoint) if method != DATABASE else {}
    secrets = _secrets(request, method)
    fields: dict[str, Value] = {
        "type": "redshift",
        "method": method,
        **temporary,
        "host": endpoint.host,
        "port": endpoint.port,
        **user_field,
        **_iam_only(request),
        **secrets,
        "dbname": connection.database,
        "schema": request.schema,
        **({"threads": request.threads} if request.threads is not None else {}),
        **({"tcp_keepalive_idle": request.tcp_keepalive_idle} if request.tcp_keepalive_idle else {}),
        **request.more,
    }
    defaults: dict[str, Value] = {} if request.threads is not None else {"threads": DEFAULT_THREADS}
    if not is_this_machine(endpoint.host) and "sslmode" not in fields:
        # dbt's own default accepts any host's certificate. Through a tunnel the name in it can never match.
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
    """The environment variable for a target's secret. dbt removes values of such variables from its logs."""
    name = re.sub(r"[^A-Z0-9]+", "_", f"{request.profile}_{request.target}".upper()).strip("_")
    return "_".join(part for part in ("DBT_ENV_SECRET", name, purpose) if part)


def _check_method(connection: Connection, request: Request, method: str) -> None:
    """Raises Invalid for an input that the method does not use."""
    creates = method == IAM and connection.target_kind == "cluster"
    if request.autocreate and not creates:
        raise _excluded("Creating the user", "autocreate", "only GetClusterCredentials can do it", _USE_IAM_AT_CLUSTER)
    if request.db_groups and not creates:
        raise _excluded("Joining a group", "db_group", "only GetClusterCredentials can do it", _USE_IAM_AT_CLUSTER)
    if request.access_key_id and method != IAM:
        raise _excluded(
            "An access key", "access_key_id", f"dbt ignores it with {method}", "Use the method iam, or an AWS profile"
        )
    if request.aws_profile and method == DATABASE:
        raise _excluded(
            "An AWS profile", "aws_profile", "a password needs no AWS identity", "Leave it out, or use the method iam"
        )
    if request.secret is not None and not _secret_names(request, method):
        raise _excluded("A secret", "secret", f"this {method} profile holds none", "Leave it out")


_USE_IAM_AT_CLUSTER = "Use the method iam with a cluster, or leave it out"


def _user(connection: Connection, request: Request, endpoint: Endpoint, method: str) -> str:
    if method == IAM_ROLE:
        if request.user and not _IDENTITY_USER.match(request.user):
            raise _excluded(
                "A database user", "user", "iam_role signs in as the IAM identity itself", "Use iam or database"
            )
        return ""
    if method == IAM and connection.target_kind == "workgroup":
        return _workgroup_user(request.user or endpoint.identity_user)
    user = request.user or connection.user or connection.db_user
    if not user:
        raise Invalid(
            "The database user is missing",
            why=f"the connection names none, and {method} needs one",
            next_step="Name the user, or use iam_role, which signs in as the IAM identity",
            fields=("user", "method"),
        )
    if method == IAM and (not _DB_USER.match(user) or user.lower() == "public"):
        raise Invalid(
            "Not a user for temporary credentials",
            subject=user,
            why="GetClusterCredentials takes 1 to 64 letters, digits and _ + . @ -, a letter first",
            next_step="Use the method database for this user, or iam_role for an IAM: or IAMR: user",
            fields=("method", "user"),
        )
    return user


def _workgroup_user(user: str) -> str:
    if user and not _IDENTITY_USER.match(user):
        raise Invalid(
            "A workgroup takes no database user with temporary credentials",
            subject=user,
            why="serverless GetCredentials always signs in as the IAM identity, as IAM:name or IAMR:role",
            next_step="Use the method database with the user's password, or leave out the user",
            fields=("method", "user"),
        )
    if not user:
        raise Invalid(
            "The database user is missing",
            why="dbt requires one with iam, and AWS did not say who this identity is",
            next_step="Name the user as IAM:name or IAMR:role, or use iam_role, which needs none",
            fields=("user", "method"),
        )
    return user


def _temporary(connection: Connection, request: Request, endpoint: Endpoint) -> dict[str, Value]:
    fields: dict[str, Value] = {"cluster_id": connection.target}
    if connection.target_kind == "workgroup":
        fields = {"is_serverless": True, "serverless_work_group": connection.target}
        if endpoint.account_id:
            fields["serverless_acct_id"] = endpoint.account_id
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
    """The secret fields of the target, each with the end of its variable's name."""
    if method == DATABASE:
        return {"password": "PASSWORD"}
    return {"secret_access_key": "ACCESS_KEY"} if request.access_key_id else {}


def _secrets(request: Request, method: str) -> dict[str, Value]:
    fields: dict[str, Value] = {}
    for name, purpose in _secret_names(request, method).items():
        given: Secret | None = request.secret
        fields[name] = EnvVar(variable_for(request, purpose)) if given is None else given
    return fields


def _notes(connection: Connection, request: Request, method: str, user: str) -> Iterator[str]:
    identity = connection.identity
    if method == DATABASE:
        return
    if connection.target_kind == "workgroup" and user:
        yield f"dbt requires a user and ignores it: at a workgroup the IAM identity signs in, as {user}"
    if identity.role_arn and not request.aws_profile:
        yield (
            f"The connection assumes {identity.role_arn}, and dbt has no field for that: make an AWS profile with this "
            "role_arn and a source_profile, and make the dbt profile again with that AWS profile"
        )
    elif identity.kind == "keys" and not request.aws_profile and not request.access_key_id:
        yield (
            "dbt finds its AWS identity in the default chain (environment, ~/.aws, SSO, instance); the connection's "
            "access key is not written. To use another identity, name an AWS profile or an access key"
        )
    if connection.endpoint_url:
        yield f"dbt has no field for another AWS address: set AWS_ENDPOINT_URL={connection.endpoint_url} where it runs"
    if method == IAM_ROLE or request.access_key_id:
        yield "dbt 1.x reads this; dbt v2 takes only a password, or iam with an AWS profile"


def _excluded(what: str, field: str, why: str, next_step: str) -> Invalid:
    return Invalid(f"{what} does not go with this method", why=why, next_step=next_step, fields=(field, "method"))
