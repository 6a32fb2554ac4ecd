"""`wharfinger dbt profile`: a target for profiles.yml, or the values for the dbt platform's forms."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wharfinger.cli.output import Screen, note, print_document
from wharfinger.cli.secrets import SOURCES, SecretReader
from wharfinger.cli.state import opened, saved

if TYPE_CHECKING:
    from wharfinger.dbt.profiles_yml.location import Surroundings
    from wharfinger.dbt.writing.model import ProfileResult
    from wharfinger.dbt.writing.platform_forms import Forms

HELP = """Make a dbt profile from a connection: print it, or write it into the file that dbt reads.

Host and port are looked up. dbt reads the password from the environment variable that the profile names, unless
--clear-text-from puts it into the file. Writing keeps every other profile, comment and blank line unchanged.

Examples:

    wharfinger dbt profile shop --profile quay --schema dbt_alice --user alice --write

    wharfinger dbt profile shop --profile quay --target prod --schema analytics --user dbt_cloud --method iam --write

    wharfinger dbt profile shop --profile quay --schema analytics --user dbt_cloud --for dbt-cloud
"""

IDENTITY = "With --method iam and iam_role"

ProfilesDir = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="dbt's own --profiles-dir; default: the folder where dbt looks."),
]


def profile(
    connection: Annotated[str, typer.Argument(metavar="CONN", help="The connection's name.")],
    profile: Annotated[str, typer.Option(metavar="P", help="The profile's name, as in dbt_project.yml.")],
    schema: Annotated[str, typer.Option(metavar="S", help="The schema in which dbt builds.")],
    target: Annotated[str, typer.Option(metavar="T", help="The target's name.")] = "dev",
    user: Annotated[str, typer.Option(metavar="U", help="The database user; default: the connection's.")] = "",
    method: Annotated[
        str,
        typer.Option(metavar="M", help="database, iam or iam_role; default: database with --user, else as CONN."),
    ] = "",
    threads: Annotated[int | None, typer.Option(metavar="N", help="Models built in parallel; default 4.")] = None,
    tcp_keepalive_idle: Annotated[
        int | None, typer.Option(metavar="N", help="Seconds before the first keepalive; 0: the system's default.")
    ] = None,
    host: Annotated[str, typer.Option(metavar="H", help="Another host than the warehouse's own.")] = "",
    port: Annotated[int, typer.Option(metavar="N", help="Another port.", show_default=False)] = 0,
    field: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="One more field, for example ra3_node=true.")
    ] = None,
    clear_text_from: Annotated[
        str | None,
        typer.Option(metavar="SRC", help=f"Write the secret into the file in clear text; read it from {SOURCES}."),
    ] = None,
    autocreate: Annotated[
        bool,
        typer.Option("--autocreate", help="iam on a cluster: create the user if absent.", rich_help_panel=IDENTITY),
    ] = False,
    db_group: Annotated[
        list[str] | None,
        typer.Option(metavar="G", help="iam on a cluster: a group to join while signed in.", rich_help_panel=IDENTITY),
    ] = None,
    aws_profile: Annotated[
        str, typer.Option(metavar="NAME", help="A profile of ~/.aws/config.", rich_help_panel=IDENTITY)
    ] = "",
    access_key_id: Annotated[
        str, typer.Option(metavar="ID", help="iam: an IAM user's access key id.", rich_help_panel=IDENTITY)
    ] = "",
    write: Annotated[bool, typer.Option("--write", help="Write it into profiles.yml.")] = False,
    profiles_dir: ProfilesDir = None,
    for_: Annotated[
        str, typer.Option("--for", metavar="dbt-cloud", help="The values for the dbt platform's forms instead.")
    ] = "",
) -> None:
    """See HELP."""
    from wharfinger.dbt.writing.model import Destination, Request
    from wharfinger.documents.dbt import profile_document

    destination = Destination.parse(write=write, profiles_dir=profiles_dir, platform=for_)
    secret = None if clear_text_from is None else SecretReader().read(clear_text_from, "--clear-text-from")
    request = Request.parse(
        profile=profile,
        schema=schema,
        target=target,
        user=user,
        method=method,
        threads=threads,
        tcp_keepalive_idle=tcp_keepalive_idle,
        autocreate=autocreate,
        db_group=db_group or (),
        aws_profile=aws_profile,
        access_key_id=access_key_id,
        host=host,
        port=port,
        field=field or (),
        secret=secret,
    )
    result = opened().dbt.profile(saved(connection), request, destination, surroundings())
    print_document(profile_document(result), lambda screen: _show(screen, result, asked_to_write=write))


def surroundings() -> Surroundings:
    """What decides where dbt looks, of this process."""
    from wharfinger.dbt.profiles_yml.location import Surroundings

    return Surroundings(os.environ, Path.cwd(), Path.home())


def _show(screen: Screen, result: ProfileResult, *, asked_to_write: bool) -> None:
    if result.forms is not None:
        _show_forms(screen, result.forms)
        for text in result.notes:
            note(text)
        return
    screen.text(result.yaml.rstrip("\n") + "\n")
    if result.written:
        note(f"Written to {result.path}: {result.why}")
    elif asked_to_write:
        note(f"{result.path} already has this target; the file was not changed")
    else:
        note(f"dbt would read it from {result.path}: {result.why}. --write writes it there")
    if result.backup is not None:
        note(f"The former file is in {result.backup}")
    for name in result.env:
        note(f"Before dbt runs, set {name} to the secret")
    for text in result.notes:
        note(text)


def _show_forms(screen: Screen, forms: Forms) -> None:
    for heading, fields in (("Connection", forms.connection), ("Credentials", forms.credentials)):
        screen.line(heading, style="bold")
        screen.facts(fields)
    if forms.extended_attributes:
        screen.line("Extended attributes", style="bold")
        screen.text(forms.extended_attributes.rstrip("\n") + "\n")
    if forms.variables:
        screen.line("Environment variables", style="bold")
        screen.facts(forms.variables)
