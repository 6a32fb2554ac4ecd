"""`wharfinger connection`: discover, add, test, list, show, rename and remove connections."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from wharfinger.cli import grants, identity, network, policy
from wharfinger.cli.checks import show_checks
from wharfinger.cli.output import Screen, answer_no, confirm, note, print_document
from wharfinger.cli.state import interactive, opened, saved
from wharfinger.cli.wording import WORDS
from wharfinger.connections.model import Connection, Target
from wharfinger.connections.parsing import Given, parse_connection, parse_identity
from wharfinger.documents.checks import report_document
from wharfinger.documents.connections import (
    added_document,
    connection_document,
    connections_document,
    discovery_document,
    removed_document,
)

app = typer.Typer(
    help="Connections to warehouses: discover, add, test, list, show, rename, remove, policy, grants, network."
)
app.command()(policy.policy)
app.command()(grants.grants)
app.command()(network.network)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The connection's name.")]

ADD_HELP = """Test a new connection and save it.

When the test fails, nothing is saved; --untested saves without a test. Secrets are encrypted.

The sign-in follows from the options: --db-user means db-user, --secret-arn means secret, --host, --user or
--password-from mean password, none of them iam. --sign-in says it expressly.

Examples:

    wharfinger connection add shop --workgroup demo --region us-east-1 --database dev

    wharfinger connection add shop --cluster demo --region us-east-1 --database dev --db-user reader

    wharfinger connection add shop --cluster demo --region us-east-1 --database dev \\
        --host demo.abc.us-east-1.redshift.amazonaws.com --user reader --password-from env:SHOP_PASSWORD
"""


@app.command()
def discover(
    region: identity.Region = None,
    access_key_id: identity.AccessKeyId = "",
    secret_access_key_from: identity.SecretAccessKeyFrom = None,
    session_token_from: identity.SessionTokenFrom = None,
    aws_profile: identity.AwsProfile = "",
    role_arn: identity.RoleArn = "",
    external_id: identity.ExternalId = "",
    endpoint_url: identity.EndpointUrl = "",
) -> None:
    """List the clusters and workgroups of a region.

    Example: wharfinger connection discover --region us-east-1 --aws-profile work
    """
    given: dict[str, Given] = {
        "access_key_id": access_key_id,
        "aws_profile": aws_profile,
        "role_arn": role_arn,
        "external_id": external_id,
    }
    sources = {"secret_access_key": secret_access_key_from, "session_token": session_token_from}
    parse_identity(given | identity.unread_secrets(sources))
    place = opened().connections.region(region or "", aws_profile)
    who, secrets = parse_identity(given | identity.read_secrets(sources))
    found = opened().connections.discover(place, who, secrets, endpoint_url)

    document = discovery_document(place, found, WORDS)

    def show(screen: Screen) -> None:
        if found.targets:
            screen.table(
                ["KIND", "NAME", "STATUS", "ENDPOINT", "DATABASE"],
                [[one.kind, one.name, one.status, _endpoint(one), one.database] for one in found.targets],
            )
        for denied in found.denied:
            note(f"This identity may not list {denied.kind}s: it lacks {denied.action}")
        if found.listed and not found.targets:
            account = f" (account {found.account_id})" if found.account_id else ""
            screen.line(f"No {' or '.join(f'{kind}s' for kind in found.listed)} in {place}{account}.")
        if document["next_step"]:
            note(document["next_step"])

    print_document(document, show)


@app.command(help=ADD_HELP)
def add(
    name: Name,
    cluster: Annotated[str, typer.Option(metavar="ID", help="The cluster's identifier.")] = "",
    workgroup: Annotated[str, typer.Option(metavar="NAME", help="The serverless workgroup's name.")] = "",
    region: identity.Region = None,
    database: Annotated[str, typer.Option(metavar="D", help="The database to sign in to.")] = "",
    sign_in: Annotated[
        str, typer.Option(metavar="WAY", help="iam, db-user, secret or password; default what the options imply.")
    ] = "",
    db_user: Annotated[str, typer.Option(metavar="U", help="For db-user: the database user (cluster only).")] = "",
    secret_arn: Annotated[str, typer.Option(metavar="ARN", help="For secret: its Secrets Manager ARN.")] = "",
    host: Annotated[str, typer.Option(metavar="H", help="For password: the host; looked up when absent.")] = "",
    port: Annotated[int, typer.Option(metavar="P", help="For password: the port.")] = 5439,
    user: Annotated[str, typer.Option(metavar="U", help="For password: the database user.")] = "",
    password_from: Annotated[
        str | None, typer.Option(metavar="SRC", help="For password: stdin, env:NAME, file:PATH or prompt.")
    ] = None,
    access_key_id: identity.AccessKeyId = "",
    secret_access_key_from: identity.SecretAccessKeyFrom = None,
    session_token_from: identity.SessionTokenFrom = None,
    aws_profile: identity.AwsProfile = "",
    role_arn: identity.RoleArn = "",
    external_id: identity.ExternalId = "",
    endpoint_url: identity.EndpointUrl = "",
    untested: Annotated[bool, typer.Option("--untested", help="Save without a test, marked untested.")] = False,
) -> None:
    """See ADD_HELP."""
    given: dict[str, Given] = {
        "name": name,
        "cluster": cluster,
        "workgroup": workgroup,
        "region": region,
        "database": database,
        "sign_in": sign_in,
        "db_user": db_user,
        "secret_arn": secret_arn,
        "host": host,
        "port": port,
        "user": user,
        "access_key_id": access_key_id,
        "aws_profile": aws_profile,
        "role_arn": role_arn,
        "external_id": external_id,
        "endpoint_url": endpoint_url,
    }
    sources = {
        "secret_access_key": secret_access_key_from,
        "session_token": session_token_from,
        "password": password_from,
    }
    parse_connection(given | identity.unread_secrets(sources), identity.REGION_TO_COME)
    given["region"] = opened().connections.region(region or "", aws_profile)
    connection, secrets = parse_connection(given | identity.read_secrets(sources))
    added = opened().connections.add(connection, secrets, untested=untested)

    def show(screen: Screen) -> None:
        if added.report is not None:
            show_checks(screen, added.report.checks)
        if added.connection is None:
            screen.line("Not saved: the test failed. Correct it and try again, or save it without a test (--untested).")
        else:
            screen.line(f"Saved {name}" + (", untested." if untested else "."))

    print_document(added_document(added, WORDS), show)
    if added.connection is None:
        answer_no()


@app.command()
def test(name: Name) -> None:
    """Test a saved connection: eight checks in order, each with its next step when it does not pass.

    Exit code 1 when a check failed. Example: wharfinger connection test shop
    """
    report = opened().connections.test(saved(name))
    print_document(report_document(report, WORDS), lambda screen: show_checks(screen, report.checks))
    if not report.ok:
        answer_no()


@app.command("list")
def list_() -> None:
    """List the saved connections.

    Example: wharfinger connection list
    """
    connections = opened().connections.all()

    def show(screen: Screen) -> None:
        screen.table(
            ["NAME", "TARGET", "REGION", "DATABASE", "SIGN-IN", "TESTED"],
            [
                [one.name, f"{one.target_kind} {one.target}", one.region, one.database, one.sign_in, _tested(one)]
                for one in connections
            ],
        )

    print_document(connections_document(connections), show)


@app.command()
def show(name: Name) -> None:
    """Show one connection, without its secrets.

    Example: wharfinger connection show shop
    """
    document = connection_document(opened().connections.show(name))

    def facts(screen: Screen) -> None:
        flat: dict[str, Any] = {}
        for key, value in document.items():
            flat |= {f"{key} {part}": one for part, one in value.items()} if isinstance(value, dict) else {key: value}
        screen.facts([(key.replace("_", " "), None if value is None else str(value)) for key, value in flat.items()])

    print_document(document, facts)


@app.command()
def rename(
    name: Name, new_name: Annotated[str, typer.Argument(metavar="NEW", help="The connection's new name.")]
) -> None:
    """Give a connection another name. Everything stored for it stays.

    Example: wharfinger connection rename shop shop-production
    """
    renamed = opened().connections.rename(saved(name), new_name)
    print_document(connection_document(renamed), lambda screen: screen.line(f"Renamed {name} to {new_name}."))


@app.command()
def remove(
    name: Name, yes: Annotated[bool, typer.Option("--yes", help="Do not ask before it is removed.")] = False
) -> None:
    """Remove a connection and everything stored for it: selection, profiles, descriptions, plans, runs.

    The warehouse is not changed. Asks first; without a terminal, --yes is needed only where people wrote texts about
    its tables. Example: wharfinger connection remove shop
    """
    connection = saved(name)
    if not yes and interactive():
        lost = opened().connections.by_people(connection)
        confirm(f"Remove {name} and everything stored for it?" + (f" People wrote {lost}." if lost else ""))
        yes = True
    opened().connections.remove(connection, confirmed=yes)
    print_document(removed_document(connection), lambda screen: screen.line(f"Removed {name}."))


def _endpoint(target: Target) -> str:
    return f"{target.host}:{target.port}" if target.host else ""


def _tested(connection: Connection) -> str:
    return "untested" if connection.tested_at is None else connection.tested_at.strftime("%Y-%m-%d %H:%M UTC")
