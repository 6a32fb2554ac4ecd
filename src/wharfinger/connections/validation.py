"""What may be combined in a connection. Pure: values in, Invalid with the wrong fields out."""

from __future__ import annotations

import re
from ipaddress import ip_address

from wharfinger.connections.model import Connection, Identity, Secrets
from wharfinger.core.errors import Conflict, Invalid

DEFAULT_PORT = 5439

OF_SIGN_IN = {
    "db_user": "db-user",
    "secret_arn": "secret",
    "host": "password",
    "user": "password",
    "password": "password",
}
"""Members that belong to one sign-in only, the secret `password` among them."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}\Z")
_HOST = re.compile(r"[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?\Z")
_ENDPOINT = re.compile(
    r"(?:[a-z+]+:)*(?://)?(?P<host>[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*)(?::(?P<port>[0-9]{1,5}))?"
    r"(?:/(?P<database>[A-Za-z0-9_-]{0,127}))?\Z"
)
_ROLE_ARN = re.compile(r"arn:[a-z-]+:iam::\d{12}:role/.+\Z")
_SECRET_ARN = re.compile(r"arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:.+\Z")


def check_connection(connection: Connection, secrets: Secrets) -> None:
    """Raises Invalid when parts of a connection are missing, malformed or exclude each other. Sends nothing."""
    check_name(connection.name)
    check_region_given(connection.region)
    if not connection.target:
        raise _missing("cluster or workgroup", ("cluster", "workgroup"))
    if not connection.database:
        raise _missing("database", ("database",))
    check_endpoint_url(connection.endpoint_url)
    _check_sign_in(connection, secrets)
    check_identity(connection.identity, secrets)


def is_name(name: str) -> bool:
    """Whether `name` can be the name of a connection."""
    return _NAME.match(name) is not None


def check_name(name: str, field: str = "name") -> None:
    """Raises Invalid when `name` cannot be the name of a connection; `field` is the member that it came in."""
    if not is_name(name):
        raise Invalid(
            "Not a name for a connection",
            subject=name,
            why="a name has 1 to 63 letters, digits, '_', '-' or '.', and starts with a letter or digit",
            next_step="Choose another name",
            fields=(field,),
        )


def name_taken(name: str, field: str = "name") -> Conflict:
    """The error for a name that another connection has; `field` is the member that it came in."""
    return Conflict(
        "There is a connection of that name already",
        subject=name,
        next_step="Choose another name, or rename or remove the other connection first",
        fields=(field,),
    )


def check_region_given(region: str, looked: tuple[str, ...] = ()) -> None:
    """Raises Invalid when there is no region; `looked` are the places where a default was looked for, in order.

    The connection test judges whether it is one.
    """
    if not region:
        places = f"; looked for one in {', then '.join(looked)}" if looked else ", and there is no default region"
        raise Invalid(
            "You must specify a region",
            why=f"no region is given{places}",
            next_step="Name the AWS region, for example eu-central-1, or pick a default region with `aws configure`",
            fields=("region",),
        )


def check_endpoint_url(url: str) -> None:
    """Raises Invalid when `url` holds a user or a password: an endpoint is stored and shown in clear text."""
    if "@" in url:
        # The URL is not repeated: it may hold a password.
        raise Invalid(
            "An endpoint URL takes no user and no password",
            next_step="Leave out everything before the @",
            fields=("endpoint_url",),
        )


def check_identity(identity: Identity, secrets: Secrets) -> None:
    """Raises Invalid when the parts of an AWS identity do not belong together."""
    if identity.kind == "keys" and not (identity.access_key_id and secrets.secret_access_key):
        raise Invalid(
            "An access key is incomplete",
            why="an access key has an id and a secret access key",
            next_step="Give both",
            fields=("access_key_id", "secret_access_key"),
        )
    if identity.kind != "keys":
        for field in ("secret_access_key", "session_token"):
            if getattr(secrets, field):
                raise Invalid(
                    f"A {words(field)} needs an access key id",
                    why="without an access key id the identity comes from a profile or from the default chain",
                    next_step=f"Give the access key id, or leave out the {words(field)}",
                    fields=("access_key_id", field),
                )
    if identity.role_arn and not _ROLE_ARN.match(identity.role_arn):
        raise malformed("role ARN", identity.role_arn, "arn:aws:iam::123456789012:role/name", "role_arn")
    if identity.external_id and not identity.role_arn:
        raise _missing("role ARN", ("role_arn",), "an external id")


def _check_sign_in(connection: Connection, secrets: Secrets) -> None:
    sign_in = connection.sign_in
    if sign_in == "db-user" and connection.target_kind == "workgroup":
        raise Invalid(
            "A workgroup takes no database user with temporary credentials",
            subject=connection.name,
            why="serverless GetCredentials always signs in as the IAM identity",
            next_step="Leave out the database user to sign in as the IAM identity, or use a secret with its password",
            fields=("db_user", "secret_arn"),
        )
    for field, owner in OF_SIGN_IN.items():
        value = secrets.password if field == "password" else getattr(connection, field)
        if value and sign_in != owner:
            raise Invalid(
                f"A {words(field)} and sign-in {sign_in} exclude each other",
                why=f"the {words(field)} belongs to sign-in {owner}",
                next_step=f"Leave out the {words(field)}, or use sign-in {owner}",
                fields=(field, "sign_in"),
            )
        if value or sign_in != owner or field == "host":
            continue
        if field == "password":
            raise Invalid(
                "The password is missing",
                why="sign-in password needs it",
                next_step="Give the password; for temporary credentials, give the user as the database user",
                fields=("password", "db_user"),
            )
        raise _missing(words(field), (field,), f"sign-in {sign_in}")
    if connection.host:
        _check_host(connection.host)
    if connection.secret_arn and not _SECRET_ARN.match(connection.secret_arn):
        example = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:x"
        raise malformed("secret ARN", connection.secret_arn, example, "secret_arn")
    if not 1 <= connection.port <= 65535:
        raise malformed("port", str(connection.port), str(DEFAULT_PORT), "port")


def _check_host(host: str) -> None:
    """Raises Invalid unless `host` is a host's name or address alone.

    AWS's console shows host, port and database as one text.
    """
    if "@" in host:
        # The text is not repeated: it may hold a password.
        raise Invalid(
            "A host takes no user and no password",
            next_step="Give the user and the source of the password apart, and the host alone",
            fields=("host", "user", "password"),
        )
    if len(host) <= 253 and (_HOST.match(host) or _is_address(host)):
        return
    fields: tuple[str, ...] = ("host",)
    found = _ENDPOINT.match(host)
    if found is None:
        step = "Write the name or the address of the host alone"
    else:
        parts = {"host": found["host"], "port": found["port"], "database": found["database"]}
        step = "Give " + ", ".join(f"{value} as the {name}" for name, value in parts.items() if value)
        fields = tuple(name for name, value in parts.items() if value)
    raise Invalid(
        "Not a host",
        subject=host,
        why="a host has no scheme, port, path or blank in it, and parts of at most 63 letters, digits, '_' and '-'",
        next_step=step,
        fields=fields,
    )


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def words(field: str) -> str:
    """A member as a person calls it, `database user` for `db_user`."""
    return {"db_user": "database user", "secret_arn": "secret ARN"}.get(field, field.replace("_", " "))


def _missing(what: str, fields: tuple[str, ...], needed_by: str = "") -> Invalid:
    why = f"{needed_by} needs it" if needed_by else ""
    return Invalid(f"The {what} is missing", why=why, next_step=f"Give the {what}", fields=fields)


def malformed(what: str, value: str, example: str, field: str) -> Invalid:
    """The error for a `value` of `field` that does not have the form of `example`."""
    return Invalid(f"Not a {what}", subject=value, next_step=f"Write it as in {example}", fields=(field,))
