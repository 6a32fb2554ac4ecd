"""The input and the output of `dbt profile`: the request, where the profile goes, and the profile that was made."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from wharfinger.core.errors import Invalid
from wharfinger.core.names import is_system_schema, quote_ident
from wharfinger.core.secret import Secret
from wharfinger.dbt.profiles_yml.fields import (
    CONFIG,
    DATABASE,
    FIELDS,
    IAM,
    IAM_ROLE,
    SETTABLE,
    Kind,
    advice_for_setting,
)
from wharfinger.dbt.profiles_yml.yaml_values import Value
from wharfinger.dbt.writing.platform_forms import Forms

DEFAULT_TARGET = "dev"
DEFAULT_THREADS = 4
PLATFORM = "dbt-cloud"

METHODS = (DATABASE, IAM, IAM_ROLE)
"""The methods we write. Those of Identity Center need an application that only its administrator knows."""


@dataclass(frozen=True, slots=True)
class Request:
    """The profile that is wanted.

    An empty `method` or `user` follows from the connection, an empty `host` and a `port` of 0 from the warehouse.
    `threads` None keeps an existing value or sets 4. `tcp_keepalive_idle` is in seconds; 0 removes the field.
    `more` are further fields of the target. `secret` is written in clear text; without it dbt reads the secret from
    an environment variable.
    """

    profile: str
    schema: str
    target: str = DEFAULT_TARGET
    user: str = ""
    method: str = ""
    threads: int | None = None
    tcp_keepalive_idle: int | None = None
    autocreate: bool = False
    db_groups: tuple[str, ...] = ()
    aws_profile: str = ""
    access_key_id: str = ""
    host: str = ""
    port: int = 0
    more: Mapping[str, Value] = field(default_factory=dict)
    secret: Secret | None = None

    @classmethod
    def parse(
        cls,
        *,
        profile: str,
        schema: str,
        target: str = DEFAULT_TARGET,
        user: str = "",
        method: str = "",
        threads: int | None = None,
        tcp_keepalive_idle: int | None = None,
        autocreate: bool = False,
        db_group: Sequence[str] = (),
        aws_profile: str = "",
        access_key_id: str = "",
        host: str = "",
        port: int = 0,
        field: Sequence[str] = (),
        secret: Secret | None = None,
    ) -> Request:
        """A request from the inputs of a door, under the names of its fields. `field` holds texts `NAME=VALUE`.

        Raises Invalid for everything that is wrong regardless of the connection.
        """
        for name, text in (("profile", profile), ("target", target), ("schema", schema)):
            if not text.strip():
                raise Invalid(f"The {name} is empty", next_step=f"Name a {name}", fields=(name,))
        _check_schema(schema)
        if profile == CONFIG:
            raise Invalid(
                "Not a name for a profile",
                subject=CONFIG,
                why="dbt reads its own settings under this key",
                next_step="Choose another name for the profile",
                fields=("profile",),
            )
        if method and method not in METHODS:
            raise Invalid(
                "No such method", subject=method, next_step=f"Use one of {', '.join(METHODS)}", fields=("method",)
            )
        _check_numbers(threads, tcp_keepalive_idle, port)
        _check_identity(db_group, aws_profile, access_key_id)
        return cls(
            profile=profile,
            schema=schema,
            target=target,
            user=user,
            method=method,
            threads=threads,
            tcp_keepalive_idle=tcp_keepalive_idle,
            autocreate=autocreate,
            db_groups=tuple(db_group),
            aws_profile=aws_profile,
            access_key_id=access_key_id,
            host=host,
            port=port,
            more=dict(_setting(text) for text in field),
            secret=secret,
        )


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a profile goes: returned as `text`, written into dbt's `file`, or as values for the platform's `forms`.

    `folder` is the folder of profiles.yml; None for the one where dbt looks by itself.
    """

    kind: Literal["text", "file", "forms"]
    folder: Path | None = None

    @classmethod
    def parse(cls, *, write: bool = False, profiles_dir: Path | None = None, platform: str = "") -> Destination:
        """A destination from the inputs of a door; `platform` is the field `for`, empty or `dbt-cloud`.

        Raises Invalid for another platform, and for a file beside a platform.
        """
        if platform not in ("", PLATFORM):
            raise Invalid(
                "There is no such platform to make values for",
                subject=platform,
                next_step=f"Use {PLATFORM}",
                fields=("for",),
            )
        if platform and (write or profiles_dir is not None):
            raise Invalid(
                f"The profile for {PLATFORM} writes no file",
                why="the dbt platform stores connections itself",
                next_step="Leave out the file and its folder",
                fields=("write", "profiles_dir"),
            )
        return cls("forms" if platform else "file" if write else "text", profiles_dir)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Host and port of the warehouse; `account_id` of its workgroup and the database user of the connection's identity.

    The last two are empty where they are not known or not needed.
    """

    host: str
    port: int
    account_id: str = ""
    identity_user: str = ""


@dataclass(frozen=True, slots=True)
class ProfileResult:
    """The profile that was made, as text without secrets, and what was done with it.

    `path` is the profiles.yml it belongs into and `why` the reason for that one; None for the dbt platform, which has
    no file. `env` are the environment variables that dbt will read. `written` is false when nothing changed.
    `backup` is the copy of the former file. `forms` are the values for the dbt platform.
    """

    path: Path | None
    why: str
    yaml: str
    env: tuple[str, ...]
    notes: tuple[str, ...] = ()
    written: bool = False
    backup: Path | None = None
    forms: Forms | None = None


def _check_schema(schema: str) -> None:
    """Raises Invalid for a schema that Redshift does not let users make."""
    try:
        quote_ident(schema)
    except Invalid as error:
        error.fields = ("schema",)
        raise
    if is_system_schema(schema.casefold()):
        raise Invalid(
            "Not a schema to build in",
            subject=schema,
            why="information_schema, catalog_history and names that begin with pg_ are Redshift's own",
            next_step="Name another schema",
            fields=("schema",),
        )


def _check_numbers(threads: int | None, tcp_keepalive_idle: int | None, port: int) -> None:
    if threads is not None and threads < 1:
        raise Invalid(
            "The number of threads must be 1 or more", next_step=f"Start with {DEFAULT_THREADS}", fields=("threads",)
        )
    if tcp_keepalive_idle is not None and tcp_keepalive_idle < 0:
        raise Invalid(
            "The time before the first keepalive must be a number of seconds, or 0 to remove the field",
            next_step="Start with 240",
            fields=("tcp_keepalive_idle",),
        )
    if not 0 <= port <= 65535:
        raise Invalid(
            "Not a TCP port", subject=str(port), next_step="Use a number up to 65535; 5439 is usual", fields=("port",)
        )


def _check_identity(db_group: Sequence[str], aws_profile: str, access_key_id: str) -> None:
    if access_key_id and aws_profile:
        raise Invalid(
            "An access key and an AWS profile exclude each other",
            why="dbt uses only one of them",
            next_step="Leave out one of them",
            fields=("access_key_id", "aws_profile"),
        )
    for group in db_group:
        if group != group.lower():
            raise Invalid(
                "Not a group for temporary credentials",
                subject=group,
                why="AWS accepts lower case only",
                next_step=f"Use {group.lower()}, if the warehouse has a group of that name",
                fields=("db_group",),
            )


def _setting(text: str) -> tuple[str, Value]:
    """One further field, checked as dbt would check it. Raises Invalid."""
    name, separator, given = text.partition("=")
    name = name.strip()
    if not separator:
        raise Invalid("Not a field with a value", subject=text, next_step="Write NAME=VALUE", fields=("field",))
    if name not in SETTABLE:
        raise Invalid(
            "Not a field to set",
            subject=name,
            why=advice_for_setting(name),
            next_step=f"Choose one of {', '.join(SETTABLE)}",
            fields=("field",),
        )
    value = _typed(FIELDS[name].kind, given)
    if wrong := FIELDS[name].wrong(value):
        raise Invalid(
            "Not a value for this field", subject=name, why=wrong, next_step=f"Write {name}=VALUE", fields=("field",)
        )
    return name, value


def _typed(kind: Kind, text: str) -> Value:
    if kind == "int" and re.fullmatch(r"-?\d{1,9}", text):
        return int(text)
    if kind == "bool" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    return text
