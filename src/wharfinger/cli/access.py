"""`wharfinger access`: who may do what, as a plan that is shown, applied and proven."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wharfinger.cli import access_show, output, state
from wharfinger.cli.credentials import keeper_for
from wharfinger.cli.output import Screen, answer_no, confirm, note, print_document
from wharfinger.cli.state import opened, saved
from wharfinger.core.errors import Invalid, Refused

if TYPE_CHECKING:
    from wharfinger.access.plan import Plan

app = typer.Typer(help="Who may do what: plan, apply, verify, inspect, check, rotate, remove.")

Conn = Annotated[str, typer.Argument(metavar="CONN", help="A connection that signs in as a superuser.")]
Spec = Annotated[str, typer.Argument(metavar="SPEC", help="The access spec, a YAML file; - reads stdin.")]
CredentialsFile = Annotated[
    Path | None,
    typer.Option(metavar="F", help="Where new passwords go, as JSON with mode 0600. Required with --json or a pipe."),
]


@app.command()
def plan(
    connection: Conn,
    spec: Spec,
    sql: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the plan as a commented script too; - prints it.")
    ] = None,
) -> None:
    """Compare a spec with the warehouse and keep the difference as a plan. Nothing is changed.

    Example: wharfinger access plan admin access.yml
    """
    text, source = _spec(spec)
    made = opened().access.plan(saved(connection), text, source)
    _write_script(made, sql)
    if sql is not None and str(sql) == "-" and not state.speak_json():
        return
    print_document(access_show.document(made), lambda screen: access_show.show_plan(screen, made, connection))


@app.command()
def apply(
    connection: Conn,
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="The plan's id.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    credentials_file: CredentialsFile = None,
) -> None:
    """Carry out a plan, all of it or nothing. Refuses when the warehouse has changed since.

    Example: wharfinger access apply admin 3f9c2a71b0de --credentials-file credentials.json
    """
    access = opened().access
    kept = access.get(saved(connection), plan)
    keeper = keeper_for(credentials_file) if kept.makes_passwords() else access_show.NoPasswords()
    if not yes and kept.steps:
        if not state.speak_json():
            access_show.show_plan(Screen(), kept, connection)
        what = "this 1 step" if len(kept.steps) == 1 else f"these {len(kept.steps)} steps"
        if not confirm(f"Carry out {what} through {connection}?"):
            raise typer.Abort
    applied = access.apply(saved(connection), plan, keeper)
    if applied.error is not None and applied.applied == 0:
        raise applied.error
    print_document(
        access_show.applied_document(applied, credentials_file),
        lambda screen: access_show.show_applied(screen, applied, credentials_file),
    )
    if applied.error is not None:
        raise typer.Exit(output.EXIT_CODES[applied.error.kind])


@app.command()
def verify(connection: Conn, spec: Spec) -> None:
    """Plan again, and keep nothing: exit 0 when everything is as the spec says, else 1.

    Example: wharfinger access verify admin access.yml
    """
    text, source = _spec(spec)
    made = opened().access.verify(saved(connection), text, source)
    print_document(
        access_show.document(made, kept=False),
        lambda screen: access_show.show_plan(screen, made, connection, kept=False),
    )
    if made.steps:
        answer_no()


@app.command()
def inspect(connection: Conn) -> None:
    """Print what is there as a spec: users, groups, roles, members, grants. Planned again it asks for nothing.

    Example: wharfinger access inspect admin > access.yml
    """
    found = opened().access.inspect(saved(connection))
    for one in found.notes if state.speak_json() else ():
        note(f"{one.about}: {one.text}")
    print_document(found.document, lambda screen: screen.text(found.yaml()))


@app.command()
def check(
    connection: Conn,
    user: Annotated[str, typer.Option("--as", metavar="USER", help="The database user to try as.")],
    raw: Annotated[
        list[str] | None,
        typer.Option(metavar="SCHEMA", help="A schema of raw data that must be readable; may be repeated."),
    ] = None,
) -> None:
    """Prove what a user can do, by doing it as that user and rolling back: select raw data, create schemas, read
    system views. Each failure comes with the statement that mends it.

    Example: wharfinger access check admin --as alice
    """
    checked = opened().access.check(saved(connection), user, raw or [])
    print_document(checked.document(), lambda screen: access_show.show_checked(screen, checked))
    if not checked.ok:
        answer_no()


@app.command()
def rotate(
    connection: Conn,
    user: Annotated[str, typer.Argument(metavar="USER", help="The database user.")],
    credentials_file: CredentialsFile = None,
) -> None:
    """Give a user a new password. The old one ends at once.

    Example: wharfinger access rotate admin alice --credentials-file credentials.json
    """
    keeper = keeper_for(credentials_file)
    known = opened().access.rotate(saved(connection), user, keeper)
    document = {"user": known, "credentials_file": str(credentials_file) if credentials_file else None}
    where = f"; it is in {credentials_file}" if credentials_file else ""
    print_document(document, lambda screen: screen.line(f"{known} has a new password{where}."))


@app.command()
def remove(
    connection: Conn,
    user: Annotated[str, typer.Argument(metavar="USER", help="The database user that leaves.")],
    new_owner: Annotated[str, typer.Option(metavar="U", help="Who gets what the user owns, in every database.")] = "",
) -> None:
    """Plan the leaving of a user: what it owns to a new owner, rights and memberships taken, dropped.

    Example: wharfinger access remove admin alice --new-owner dbt_cloud
    """
    made = opened().access.remove(saved(connection), user, new_owner)
    print_document(access_show.document(made), lambda screen: access_show.show_plan(screen, made, connection))


def _spec(name: str) -> tuple[str, str]:
    """The text of a spec and what to call it."""
    if name == "-":
        return sys.stdin.read(), "stdin"
    try:
        return Path(name).read_text(encoding="utf-8"), name
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror or "" if isinstance(error, OSError) else "it is not UTF-8 text"
        raise Invalid("The access spec cannot be read", subject=name, why=why, next_step="Name a YAML file") from None


def _write_script(made: Plan, file: Path | None) -> None:
    from wharfinger.access.plan import script

    if file is None:
        return
    text = "\n".join(script(made)) + "\n"
    if str(file) != "-":
        try:
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise Refused(
                "The script cannot be written",
                subject=str(file),
                why=error.strerror or str(error),
                next_step="Name another file",
            ) from None
        note(f"The script is in {file}.")
    elif state.speak_json():
        raise Invalid("--sql - and --json exclude each other", next_step="Name a file for the script")
    else:
        Screen().text(text)
