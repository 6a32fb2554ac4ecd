"""Parses a connection from plain texts: which fields there are, and which may be combined. Pure.

Every door passes the same members: the command line from its options, REST from a JSON object.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import get_args

from wharfinger.connections.model import Connection, Identity, Secrets, SignIn
from wharfinger.connections.validation import (
    DEFAULT_PORT,
    OF_SIGN_IN,
    check_connection,
    check_identity,
    malformed,
    words,
)
from wharfinger.core.errors import Invalid
from wharfinger.core.secret import Secret

Given = str | int | Secret | None
"""The value of a member as a door passes it. None and an empty text mean that it was not given."""

IDENTITY_TEXTS = ("access_key_id", "aws_profile", "role_arn", "external_id")
IDENTITY_SECRETS = ("secret_access_key", "session_token")
TEXTS = (
    "name", "cluster", "workgroup", "region", "database", "sign_in", "db_user", "secret_arn", "host", "port", "user",
    "endpoint_url", *IDENTITY_TEXTS,
)  # fmt: skip
SECRETS = ("password", *IDENTITY_SECRETS)
"""The members whose values are `Secret`; `TEXTS` are all others."""

MOST_CHARACTERS = 2048
"""The most characters of a member: no name and no ARN of AWS is longer."""

SIGN_INS: tuple[SignIn, ...] = get_args(SignIn)


def parse_connection(given: Mapping[str, Given], default_region: str = "") -> tuple[Connection, Secrets]:
    """A new connection and its secrets from the members `TEXTS` and `SECRETS`, of which any may be missing.

    `default_region` is used when no region is given. Raises Invalid, with the fields that are wrong or missing, for an
    unknown member, for a value that does not have the form it needs, and for members that are missing or exclude each
    other. Nothing is sent to AWS. Whether the name is taken is checked when the connection is saved.
    """
    texts, secrets = _texts_and_secrets(given, TEXTS, SECRETS)
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
        sign_in=_sign_in(texts["sign_in"], [name for name, value in given.items() if value]),
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
    """An AWS identity from the members `IDENTITY_TEXTS` and `IDENTITY_SECRETS`.

    Raises Invalid as `parse_connection` does.
    """
    texts, secrets = _texts_and_secrets(given, IDENTITY_TEXTS, IDENTITY_SECRETS)
    identity = _identity(texts)
    check_identity(identity, secrets)
    return identity, secrets


def _texts_and_secrets(
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
    text = "" if value is None else str(value)
    if len(text) > MOST_CHARACTERS and field != "port":
        raise Invalid(
            f"The {words(field)} is too long",
            why=f"it has more than {MOST_CHARACTERS} characters",
            next_step="Check what was given",
            fields=(field,),
        )
    return text


def _sign_in(text: str, given: Collection[str]) -> SignIn:
    """The sign-in that `text` names; without one, the sign-in that the members `given` belong to, iam without any.

    Raises Invalid for members of several sign-ins where none is named.
    """
    fields: dict[str, str] = {}
    for field, owner in OF_SIGN_IN.items():
        if field in given:
            fields.setdefault(owner, field)
    if len(fields) > 1 and not text:
        (first, its), (second, other) = list(fields.items())[:2]
        raise Invalid(
            f"A {words(its)} and a {words(other)} exclude each other",
            why=f"the first means sign-in {first}, the second sign-in {second}",
            next_step="Leave out one of them",
            fields=(its, other),
        )
    wanted = text or next(iter(fields), "iam")
    for one in SIGN_INS:
        if one == wanted:
            return one
    raise Invalid("No such sign-in", subject=text, next_step=f"Use one of {', '.join(SIGN_INS)}", fields=("sign_in",))


def _port(text: str) -> int:
    if not text:
        return DEFAULT_PORT
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65535):
        raise malformed("port", text, str(DEFAULT_PORT), "port")
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
