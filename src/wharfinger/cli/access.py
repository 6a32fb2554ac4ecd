"""`wharfinger access`: who may do what, as a plan that is shown, applied, verified and checked."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wharfinger.cli import output, state
from wharfinger.cli.credentials import keeper_for
from wharfinger.cli.files import Output
from wharfinger.cli.output import Screen, answer_no, confirm, note, print_document
from wharfinger.cli.reading import read_stdin
from wharfinger.cli.state import opened, saved
from wharfinger.cli.wording import WORDS
from wharfinger.core.bounded import YAML_BYTES, read_text
from wharfinger.core.errors import Invalid, NotFound
from wharfinger.core.secret import Secret
from wharfinger.core.verbs import call

if TYPE_CHECKING:
    from wharfinger.access.planning.plan import Plan
    from wharfinger.connections.model import Connection

app = typer.Typer(help="Who may do what: plan, apply, plans, verify, inspect, check, rotate, remove.")

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
    force: Annotated[
        bool, typer.Option("--force", help="Replace the file of --sql, also when Wharfinger did not write it.")
    ] = False,
) -> None:
    """Compare a spec with the warehouse and store the difference as a plan. Nothing is changed.

    Example: wharfinger access plan admin access.yml
    """
    from wharfinger.cli.access_show import show_plan
    from wharfinger.documents.access import plan_document

    target = _script_target(sql, force=force)
    text, source = _spec(spec)
    made = opened().access.plan(saved(connection), text, source)
    _write_script(made, sql, target)
    if sql is not None and str(sql) == "-" and not state.json_requested():
        return
    print_document(plan_document(made, WORDS), lambda screen: show_plan(screen, made, connection))


@app.command()
def apply(
    connection: Conn,
    plan: Annotated[
        str,
        typer.Argument(
            metavar="PLAN|SPEC", help="A plan's id, or the file of a spec to plan and apply; - reads stdin."
        ),
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    credentials_file: CredentialsFile = None,
) -> None:
    """Apply a plan, or plan a spec and apply that. Refuses a plan when the warehouse has changed since it was made.

    Each database is one transaction: when a step fails, that database stays as it was, and nothing more is tried; what
    was applied in other databases before stays applied. The next plan has exactly the remaining steps.

    Example: wharfinger access apply admin 3f9c2a71b0de --credentials-file credentials.json
    """
    from wharfinger.cli.access_show import show_applied, show_plan
    from wharfinger.documents.access import applied_document

    access, entered = opened().access, saved(connection)
    chosen = _plan_or_spec(entered, plan)
    keeper = keeper_for(credentials_file) if chosen.makes_passwords() else NoPasswords()
    if not yes and chosen.steps:
        if not state.json_requested():
            show_plan(Screen(), chosen, connection, stored=False)
        what = "this 1 step" if len(chosen.steps) == 1 else f"these {len(chosen.steps)} steps"
        confirm(f"Apply {what} through {connection}?")
    applied = access.apply(entered, chosen, keeper)
    if applied.error is not None and applied.applied == 0:
        raise applied.error
    where = str(credentials_file) if credentials_file else None
    print_document(
        applied_document(applied, WORDS, credentials_file=where),
        lambda screen: show_applied(screen, applied, credentials_file),
    )
    if applied.error is not None:
        raise typer.Exit(output.EXIT_CODES[applied.error.kind])


@app.command()
def plans(connection: Conn) -> None:
    """List the stored plans of a connection, the newest first.

    Example: wharfinger access plans admin
    """
    from wharfinger.cli.access_show import show_plans
    from wharfinger.documents.access import plans_document

    found = opened().access.plans(saved(connection))
    print_document(plans_document(found), lambda screen: show_plans(screen, found))


@app.command()
def verify(connection: Conn, spec: Spec) -> None:
    """Plan again without storing the plan: exit 0 when the warehouse is as the spec says, else 1.

    Example: wharfinger access verify admin access.yml
    """
    from wharfinger.cli.access_show import show_plan
    from wharfinger.documents.access import plan_document

    text, source = _spec(spec)
    made = opened().access.verify(saved(connection), text, source)
    print_document(
        plan_document(made, WORDS, stored=False),
        lambda screen: show_plan(screen, made, connection, stored=False),
    )
    if made.steps:
        answer_no()


@app.command()
def inspect(connection: Conn) -> None:
    """Print the users, groups, roles, members and grants of the warehouse as a spec; a plan made from it has no steps.

    Example: wharfinger access inspect admin > access.yml
    """
    from wharfinger.documents.access import inspected_document, note_document

    found = opened().access.inspect(saved(connection))
    for one in found.notes if state.json_requested() else ():
        note(f"{one.about}: {note_document(one, WORDS)['text']}")
    print_document(inspected_document(found), lambda screen: screen.text(found.yaml()))


@app.command()
def check(
    connection: Conn,
    user: Annotated[str, typer.Option("--as", metavar="USER", help="The database user to check.")],
    raw: Annotated[
        list[str] | None,
        typer.Option(metavar="SCHEMA", help="A schema of raw data that must be readable; may be repeated."),
    ] = None,
) -> None:
    """Check what a user can do, by trying it as that user and rolling back: select raw data, create schemas, read
    system views. Each failure comes with the SQL that fixes it.

    Example: wharfinger access check admin --as alice
    """
    from wharfinger.cli.access_show import show_report
    from wharfinger.documents.access import user_report_document

    report = opened().access.check(saved(connection), user, raw or [])
    print_document(user_report_document(report, WORDS), lambda screen: show_report(screen, report))
    if not report.ok:
        answer_no()


@app.command()
def rotate(
    connection: Conn,
    user: Annotated[str, typer.Argument(metavar="USER", help="The database user.")],
    credentials_file: CredentialsFile = None,
) -> None:
    """Set a new password for a user. The old one stops working at once.

    Example: wharfinger access rotate admin alice --credentials-file credentials.json
    """
    from wharfinger.documents.access import rotated_document

    keeper = keeper_for(credentials_file)
    known = opened().access.rotate(saved(connection), user, keeper)
    where = f"; it is in {credentials_file}" if credentials_file else ""
    print_document(
        rotated_document(known, str(credentials_file) if credentials_file else None),
        lambda screen: screen.line(f"{known} has a new password{where}."),
    )


@app.command()
def remove(
    connection: Conn,
    user: Annotated[str, typer.Argument(metavar="USER", help="The database user to remove.")],
    new_owner: Annotated[
        str, typer.Option(metavar="U", help="Who becomes owner of the user's objects, in every database.")
    ] = "",
) -> None:
    """Plan to remove a user: its objects get a new owner, its rights and memberships are revoked, it is dropped.
    Nothing is changed until the plan is applied.

    Example: wharfinger access remove admin alice --new-owner dbt_cloud
    """
    from wharfinger.cli.access_show import show_plan
    from wharfinger.documents.access import plan_document

    made = opened().access.remove(saved(connection), user, new_owner)
    print_document(plan_document(made, WORDS), lambda screen: show_plan(screen, made, connection))


class NoPasswords:
    """The keeper for plans that set no password."""

    def keep(self, passwords: Mapping[str, Secret]) -> None:
        """Never called: no step of the plan sets a password."""
        raise AssertionError(f"a plan without passwords made {len(passwords)}")

    def take_back(self, users: Collection[str]) -> None:
        """Never called, as `keep`."""
        raise AssertionError(f"a plan without passwords takes back {len(users)}")


def _plan_or_spec(connection: Connection, name: str) -> Plan:
    """The plan to apply: one made now from the spec in the file `name`, else the stored plan with that id.

    Raises Invalid when `name` is both a file and a plan, or the file cannot be read, NotFound when it is neither.
    """
    access = opened().access
    if name != "-" and os.sep not in name and "." not in name:  # it may be an id
        if not _is_file(name):
            return _kept_plan(connection, name)
        if any(plan.id == name for plan in access.plans(connection)):
            raise Invalid(
                "This is both a plan and a file",
                subject=name,
                why="a plan has this id, and a file of this name exists",
                next_step=f"Write .{os.sep}{name} for the file, or rename the file to apply the plan",
                fields=("plan",),
            )
    text, source = _spec(name)
    return access.plan(connection, text, source)


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except OSError:  # a name that no file can have
        return False


def _kept_plan(connection: Connection, id: str) -> Plan:
    try:
        return opened().access.get(connection, id)
    except NotFound:
        raise NotFound(
            "This is neither a plan nor a file",
            subject=id,
            why="no plan of this connection has this id, and no file has this name",
            next_step="Name the file of a spec, or look which plans there are",
            call=call("access:plans", connection=connection.name),
        ) from None


def _spec(name: str) -> tuple[str, str]:
    """The text of a spec, and the name that errors and plans give it. Raises Invalid for a file that cannot be read."""
    from wharfinger.access.planning.plan import STDIN

    if name == "-":
        return read_stdin(YAML_BYTES, "access spec"), STDIN
    try:
        return read_text(Path(name), YAML_BYTES, "access spec", fields=("spec",)), name
    except OSError as error:
        raise Invalid(
            "The access spec cannot be read",
            subject=name,
            why=error.strerror or "",
            next_step="Name a YAML file",
            fields=("spec",),
        ) from None


def _script_target(file: Path | None, *, force: bool) -> Output | None:
    """Where the script goes; None for stdout and for no script. Raises what `Output` raises."""
    from wharfinger.access.planning.plan import is_script

    if file is None:
        return None
    if str(file) != "-":
        return Output(file, "The script", is_script, force=force)
    if state.json_requested():
        raise Invalid("--sql - and --json exclude each other", next_step="Name a file for the script")
    return None


def _write_script(made: Plan, file: Path | None, target: Output | None) -> None:
    from wharfinger.access.planning.plan import script

    text = "\n".join(script(made)) + "\n"
    if target is not None:
        target.write(text.encode())
        note(f"The script is in {file}.")
    elif file is not None:
        Screen().text(text)
