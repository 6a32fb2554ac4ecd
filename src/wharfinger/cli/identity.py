"""The options by which a command takes an AWS identity, and what they become."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from wharfinger.cli.secrets import SOURCES, SecretReader
from wharfinger.connections.model import Identity, Secrets
from wharfinger.core.errors import Invalid
from wharfinger.core.secret import Secret

PANEL = "AWS identity (nothing: the default chain)"

Region = Annotated[
    str | None, typer.Option(metavar="REGION", help="AWS region; default AWS_REGION, then AWS_DEFAULT_REGION.")
]
EndpointUrl = Annotated[str, typer.Option(metavar="URL", help="Another address for all AWS services.")]
AccessKeyId = Annotated[str, typer.Option(metavar="ID", help="Access key id.", rich_help_panel=PANEL)]
SecretAccessKeyFrom = Annotated[
    str | None, typer.Option(metavar="SRC", help=f"Where its secret comes from: {SOURCES}.", rich_help_panel=PANEL)
]
SessionTokenFrom = Annotated[
    str | None, typer.Option(metavar="SRC", help="Where the session token comes from.", rich_help_panel=PANEL)
]
AwsProfile = Annotated[str, typer.Option(metavar="NAME", help="A profile of ~/.aws/config.", rich_help_panel=PANEL)]
RoleArn = Annotated[str, typer.Option(metavar="ARN", help="A role to assume from any of these.", rich_help_panel=PANEL)]
ExternalId = Annotated[str, typer.Option(metavar="ID", help="External id for the role.", rich_help_panel=PANEL)]


def region_or_default(region: str | None) -> str:
    """`region`, else what the environment names, else empty."""
    return region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ""


def identity_of(access_key_id: str, aws_profile: str, role_arn: str, external_id: str) -> Identity:
    """The identity that the options name. Raises Invalid when keys and a profile are both given."""
    if access_key_id and aws_profile:
        raise Invalid("--access-key-id and --aws-profile exclude each other", next_step="Leave one of them out")
    if access_key_id:
        return Identity("keys", access_key_id=access_key_id, role_arn=role_arn, external_id=external_id)
    if aws_profile:
        return Identity("profile", profile=aws_profile, role_arn=role_arn, external_id=external_id)
    return Identity(role_arn=role_arn, external_id=external_id)


def secrets_of(
    secret_access_key_from: str | None, session_token_from: str | None, password_from: str | None = None
) -> Secrets:
    """The secrets, read from where the options say. Raises Invalid for a source that gives none."""
    reader = SecretReader()

    def read(source: str | None, option: str) -> Secret | None:
        return None if source is None else reader.read(source, option)

    return Secrets(
        secret_access_key=read(secret_access_key_from, "--secret-access-key-from"),
        session_token=read(session_token_from, "--session-token-from"),
        password=read(password_from, "--password-from"),
    )
