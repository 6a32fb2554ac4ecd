"""`wharfinger dbt profile`: a target for profiles.yml, or the values for the dbt platform's forms."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wharfinger.cli.output import Screen, note, print_document
from wharfinger.cli.secrets import SOURCES, SecretReader
from wharfinger.cli.state import opened, saved
from wharfinger.core.errors import Invalid

if TYPE_CHECKING:
    from wharfinger.dbt.model import Written
    from wharfinger.dbt.places import Surroundings

HELP = """Make a dbt profile that enters through a connection: print it, or write it where dbt looks.

Host and port are looked up. A password is taken from the environment variable that the profile names, unless
--clear-text-from puts it into the file. Writing keeps every other profile, comment and blank as it is.

Examples:

    wharfinger dbt profile shop --profile quay --schema dbt_alice --user alice --write

    wharfinger dbt profile shop --profile quay --target prod --schema analytics --user dbt_cloud --method iam --write

    wharfinger dbt profile shop --profile quay --schema analytics --user dbt_cloud --for dbt-cloud
"""

IDENTITY = "With --method iam and iam_role"
FORMS = "dbt-cloud"

ProfilesDir = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="dbt's own --profiles-dir; default: where dbt looks by itself."),
]


def profile(
    connection: Annotated[str, typer.Argument(metavar="CONN", help="The connection's name.")],
    profile: Annotated[str, typer.Option(metavar="P", help="The profile's name, as in dbt_project.yml.")],
    schema: Annotated[str, typer.Option(metavar="S", help="The schema dbt builds in.")],
    target: Annotated[str, typer.Option(metavar="T", help="The target's name.")] = "dev",
    user: Annotated[str, typer.Option(metavar="U", help="The database user; default: the connection's.")] = "",
    method: Annotated[
        str,
        typer.Option(metavar="M", help="database, iam or iam_role; default: database with --user, else as CONN."),
    ] = "",
    threads: Annotated[int | None, typer.Option(metavar="N", help="Models built at once; default 4.")] = None,
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
        typer.Option(metavar="SRC", help=f"Write the secret into the file in clear text; it comes from {SOURCES}."),
    ] = None,
    autocreate: Annotated[
        bool, typer.Option("--autocreate", help="iam on a cluster: make the user if absent.", rich_help_panel=IDENTITY)
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
    write: Annotated[bool, typer.Option("--write", help="Put it into profiles.yml.")] = False,
    profiles_dir: ProfilesDir = None,
    for_: Annotated[
        str, typer.Option("--for", metavar="dbt-cloud", help="The values for the dbt platform's forms instead.")
    ] = "",
) -> None:
    """See HELP."""
    from wharfinger.dbt.model import Request

    if for_ not in ("", FORMS):
        raise Invalid("There is nothing of that name to make values for", subject=for_, next_step=f"Use --for {FORMS}")
    if for_ and (write or profiles_dir is not None):
        raise Invalid(f"--for {FORMS} writes no file", next_step="Leave --write and --profiles-dir out")
    secret = None if clear_text_from is None else SecretReader().read(clear_text_from, "--clear-text-from")
    request = Request(
        profile, schema, target, user, method, threads, tcp_keepalive_idle, autocreate, tuple(db_group or ()),
        aws_profile, access_key_id, host, port, _fields(field or []), secret,
    )  # fmt: skip
    dbt = opened().dbt
    if for_:
        made = dbt.for_platform(saved(connection), request)
    else:
        made = dbt.profile(saved(connection), request, surroundings(), profiles_dir, write=write)
    print_document(made.document(), lambda screen: _show(screen, made, asked_to_write=write))


def surroundings() -> Surroundings:
    """What decides where dbt looks, of this process."""
    from wharfinger.dbt.places import Surroundings

    return Surroundings(os.environ, Path.cwd(), Path.home())


def _fields(given: list[str]) -> dict[str, str]:
    fields = {}
    for text in given:
        name, separator, value = text.partition("=")
        if not separator:
            raise Invalid("Not a field with a value", subject=text, next_step="Write it as --field NAME=VALUE")
        fields[name.strip()] = value
    return fields


def _show(screen: Screen, made: Written, *, asked_to_write: bool) -> None:
    if made.forms is not None:
        for heading, fields in (("Connection", made.forms.connection), ("Credentials", made.forms.credentials)):
            screen.line(heading, style="bold")
            screen.facts(fields)
        if made.forms.extended_attributes:
            screen.line("Extended attributes", style="bold")
            screen.text(made.forms.extended_attributes.rstrip("\n") + "\n")
        if made.forms.variables:
            screen.line("Environment variables", style="bold")
            screen.facts(made.forms.variables)
        return
    screen.text(made.yaml.rstrip("\n") + "\n")
    if made.written:
        note(f"Written to {made.path}: {made.why}")
    elif asked_to_write:
        note(f"{made.path} says so already; nothing was touched")
    else:
        note(f"dbt would look for it in {made.path}: {made.why}. --write puts it there")
    if made.backup is not None:
        note(f"What was there before is in {made.backup}")
    for name in made.env:
        note(f"Before dbt runs, set {name} to the secret")
    for text in made.notes:
        note(text)
