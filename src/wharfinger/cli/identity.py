"""The options that name an AWS identity and a region, as members of what the capabilities parse."""

from __future__ import annotations

from typing import Annotated

import typer

from wharfinger.cli.secrets import SOURCES, SecretReader
from wharfinger.connections.parsing import Given
from wharfinger.core.secret import Secret

PANEL = "AWS identity (nothing: the default chain)"

Region = Annotated[
    str | None,
    typer.Option(
        metavar="REGION", help="AWS region; default AWS_REGION, then AWS_DEFAULT_REGION, then the AWS profile's."
    ),
]
EndpointUrl = Annotated[str, typer.Option(metavar="URL", help="Another address for all AWS services.")]
AccessKeyId = Annotated[str, typer.Option(metavar="ID", help="Access key id.", rich_help_panel=PANEL)]
SecretAccessKeyFrom = Annotated[
    str | None, typer.Option(metavar="SRC", help=f"Where to read the secret key: {SOURCES}.", rich_help_panel=PANEL)
]
SessionTokenFrom = Annotated[
    str | None, typer.Option(metavar="SRC", help="Where to read the session token.", rich_help_panel=PANEL)
]
AwsProfile = Annotated[str, typer.Option(metavar="NAME", help="A profile of ~/.aws/config.", rich_help_panel=PANEL)]
RoleArn = Annotated[
    str, typer.Option(metavar="ARN", help="A role to assume with this identity.", rich_help_panel=PANEL)
]
ExternalId = Annotated[str, typer.Option(metavar="ID", help="External id for the role.", rich_help_panel=PANEL)]


REGION_TO_COME = "region-to-come-1"
"""A stand-in for the default region, with which the other options are checked before a home is opened."""


def unread_secrets(sources: dict[str, str | None]) -> dict[str, Given]:
    """Member → a stand-in for the secret that its source will give; members without a source are left out.

    With it the other options are checked before a person is asked for a secret.
    """
    return {member: Secret("not read yet") for member, source in sources.items() if source is not None}


def read_secrets(sources: dict[str, str | None]) -> dict[str, Given]:
    """Member → secret, from member → source; members without a source are left out.

    Raises Invalid for a source that does not exist or is empty.
    """
    reader = SecretReader()
    options = {member: f"--{member.replace('_', '-')}-from" for member in sources}
    return {member: reader.read(source, options[member]) for member, source in sources.items() if source is not None}
