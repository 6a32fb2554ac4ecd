"""From what a person gives, as plain texts, to a connection: which fields there are and what may be combined. Pure.

Every door passes the same members: the command line from its options, REST from a JSON object.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import get_args

from wharfinger.connections.model import Connection, Identity, Secrets, SignIn
from wharfinger.core.errors import Conflict, Invalid
from wharfinger.core.secret import Secret

Given = str | int | Secret | None
"""A member as a door has it. None and an empty text mean that it was not given."""

IDENTITY_TEXTS = ("access_key_id", "aws_profile", "role_arn", "external_id")
IDENTITY_SECRETS = ("secret_access_key", "session_token")
TEXTS = (
    "name", "cluster", "workgroup", "region", "database", "sign_in", "db_user", "secret_arn", "host", "port", "user",
    "endpoint_url", *IDENTITY_TEXTS,
)  # fmt: skip
SECRETS = ("password", *IDENTITY_SECRETS)
"""The members whose values are `Secret`; `TEXTS` are all others."""

SIGN_INS: tuple[SignIn, ...] = get_args(SignIn)
DEFAULT_PORT = 5439

_OF_SIGN_IN = {"db_user": "db-user", "secret_arn": "secret", "host": "password", "user": "password"}
"""Members that belong to one sign-in only. The secret `password` belongs to sign-in `password` too."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}\Z")
_ROLE_ARN = re.compile(r"arn:[a-z-]+:iam::\d{12}:role/.+\Z")
_SECRET_ARN = re.compile(r"arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:.+\Z")


def parse_connection(given: Mapping[str, Given], default_region: str = "") -> tuple[Connection, Secrets]:
    """A new connection and its secrets from the members `TEXTS` and `SECRETS`, of which any may be missing.

    `default_region` is used when no region is given. Raises Invalid, with the fields that are wrong or missing, for an
    unknown member, for a value that does not have the form it needs, and for members that are missing or exclude each
    other. Nothing is sent to AWS. The name may still be taken: saving finds out.
    """
    texts, secrets = _sorted_out(given, TEXTS, SECRETS)
    if bool(texts["cluster"]) == bool(texts["workgroup"]):
        raise Invalid(
            "Name exactly one target",
            subject=texts["name"],
            why="a connection goes to one cluster or to one workgroup",
            next_step="Give the cluster's identifier or the workgroup's name",
            fields=("cluster", "workgroup"),
        )
    connection = Connection(
        name=texts["name"],
        target_kind="cluster" if texts["cluster"] else "workgroup",
        target=texts["cluster"] or texts["workgroup"],
        region=texts["region"] or default_region,
        database=texts["database"],
        sign_in=_sign_in(texts["sign_in"]),
        db_user=texts["db_user"],
        secret_arn=texts["secret_arn"],
        host=texts["host"],
        port=_port(texts["port"]),
        user=texts["user"],
        identity=_identity(texts),
        endpoint_url=texts["endpoint_url"],
    )
    check_connection(connection, secrets)
    return connection, secrets


def parse_identity(given: Mapping[str, Given]) -> tuple[Identity, Secrets]:
    """An AWS identity from the members `IDENTITY_TEXTS` and `IDENTITY_SECRETS`. Raises Invalid likewise."""
    texts, secrets = _sorted_out(given, IDENTITY_TEXTS, IDENTITY_SECRETS)
    identity = _identity(texts)
    check_identity(identity, secrets)
    return identity, secrets


def check_connection(connection: Connection, secrets: Secrets) -> None:
    """Raises Invalid when parts of a connection are missing, malformed or exclude each other. Asks nobody."""
    check_name(connection.name)
    check_region_given(connection.region)
    if not connection.target:
        raise _missing("cluster or workgroup", ("cluster", "workgroup"))
    if not connection.database:
        raise _missing("database", ("database",))
    check_endpoint_url(connection.endpoint_url)
    _check_sign_in(connection, secrets)
    check_identity(connection.identity, secrets)


def check_name(name: str, field: str = "name") -> None:
    """Raises Invalid when `name` cannot be the name of a connection; `field` is the member that it came in."""
    if not _NAME.match(name):
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


def check_region_given(region: str) -> None:
    """Raises Invalid when there is no region. The connection test judges whether it is one."""
    if not region:
        raise Invalid(
            "You must specify a region",
            why="no region is given, and there is no default region",
            next_step="Name the AWS region, for example eu-central-1",
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
        for field in IDENTITY_SECRETS:
            if getattr(secrets, field):
                raise Invalid(
                    f"A {_words(field)} needs an access key id",
                    why="without an access key id the identity comes from a profile or from the default chain",
                    next_step=f"Give the access key id, or leave out the {_words(field)}",
                    fields=("access_key_id", field),
                )
    if identity.role_arn and not _ROLE_ARN.match(identity.role_arn):
        raise _malformed("role ARN", identity.role_arn, "arn:aws:iam::123456789012:role/name", "role_arn")
    if identity.external_id and not identity.role_arn:
        raise _missing("role ARN", ("role_arn",), "an external id")


def _sorted_out(
    given: Mapping[str, Given], texts: tuple[str, ...], secrets: tuple[str, ...]
) -> tuple[dict[str, str], Secrets]:
    """The members as texts, empty where not given, and the secrets. Raises Invalid for a member of another name."""
    if unknown := sorted(set(given) - {*texts, *secrets}):
        raise Invalid(
            "No such field",
            subject=", ".join(unknown),
            next_step=f"Leave it out; the fields are {', '.join((*texts, *secrets))}",
        )
    found: dict[str, Secret] = {}
    for field in secrets:
        value = given.get(field)
        if value is not None and not isinstance(value, Secret):
            raise TypeError(f"{field} has to come as a Secret")
        if value:
            found[field] = value
    return {field: _text(field, given.get(field)) for field in texts}, Secrets(**found)


def _text(field: str, value: Given) -> str:
    if isinstance(value, Secret):
        raise TypeError(f"{field} is not a secret")
    return "" if value is None else str(value)


def _sign_in(text: str) -> SignIn:
    for one in SIGN_INS:
        if one == (text or "iam"):
            return one
    raise Invalid("No such sign-in", subject=text, next_step=f"Use one of {', '.join(SIGN_INS)}", fields=("sign_in",))


def _port(text: str) -> int:
    if not text:
        return DEFAULT_PORT
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise _malformed("port", text, str(DEFAULT_PORT), "port")
    return int(text)


def _identity(texts: Mapping[str, str]) -> Identity:
    key, profile = texts["access_key_id"], texts["aws_profile"]
    role, external_id = texts["role_arn"], texts["external_id"]
    if key and profile:
        raise Invalid(
            "An access key and a profile exclude each other",
            next_step="Give one of them",
            fields=("access_key_id", "aws_profile"),
        )
    if key:
        return Identity("keys", access_key_id=key, role_arn=role, external_id=external_id)
    if profile:
        return Identity("profile", profile=profile, role_arn=role, external_id=external_id)
    return Identity(role_arn=role, external_id=external_id)


def _check_sign_in(connection: Connection, secrets: Secrets) -> None:
    sign_in = connection.sign_in
    if sign_in == "db-user" and connection.target_kind == "workgroup":
        raise Invalid(
            "A workgroup takes no database user with temporary credentials",
            subject=connection.name,
            why="serverless GetCredentials always signs in as the IAM identity",
            next_step="Use sign-in iam, or sign-in secret with a secret that holds the user's password",
            fields=("sign_in",),
        )
    given: dict[str, object] = {field: getattr(connection, field) for field in _OF_SIGN_IN}
    given["password"] = secrets.password
    for field, value in given.items():
        owner = _OF_SIGN_IN.get(field, "password")
        if value and sign_in != owner:
            raise Invalid(
                f"A {_words(field)} and sign-in {sign_in} exclude each other",
                why=f"the {_words(field)} belongs to sign-in {owner}",
                next_step=f"Leave out the {_words(field)}, or use sign-in {owner}",
                fields=(field, "sign_in"),
            )
        if not value and sign_in == owner and field != "host":
            raise _missing(_words(field), (field,), f"sign-in {sign_in}")
    if connection.secret_arn and not _SECRET_ARN.match(connection.secret_arn):
        example = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:x"
        raise _malformed("secret ARN", connection.secret_arn, example, "secret_arn")
    if not 1 <= connection.port <= 65535:
        raise _malformed("port", str(connection.port), str(DEFAULT_PORT), "port")


def _words(field: str) -> str:
    """A member as a person calls it, `database user` for `db_user`."""
    return {"db_user": "database user", "secret_arn": "secret ARN"}.get(field, field.replace("_", " "))


def _missing(what: str, fields: tuple[str, ...], needed_by: str = "") -> Invalid:
    why = f"{needed_by} needs it" if needed_by else ""
    return Invalid(f"The {what} is missing", why=why, next_step=f"Give the {what}", fields=fields)


def _malformed(what: str, value: str, example: str, field: str) -> Invalid:
    return Invalid(f"Not a {what}", subject=value, next_step=f"Write it as in {example}", fields=(field,))
