"""`wharfinger connection`: find, add, test, list, show and remove connections."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from wharfinger.cli import grants, identity, network
from wharfinger.cli.checks import show_checks
from wharfinger.cli.output import Screen, answer_no, note, print_document
from wharfinger.cli.state import opened, saved
from wharfinger.connections.model import Connection, SignIn, Target
from wharfinger.core.errors import Invalid

app = typer.Typer(help="How to enter a warehouse: discover, add, test, list, show, remove, policy, grants, network.")
app.command()(grants.policy)
app.command()(grants.grants)
app.command()(network.network)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The connection's name.")]

ADD_HELP = """Test a new connection and save it.

The test runs first; when it fails nothing is saved, unless --untested. Secrets are sealed at once.

Examples:

    wharfinger connection add shop --workgroup demo --region us-east-1 --database dev

    wharfinger connection add shop --cluster demo --region us-east-1 --database dev --sign-in db-user --db-user reader

    wharfinger connection add shop --cluster demo --region us-east-1 --database dev --sign-in password \\
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
    place = identity.region_or_default(region)
    if not place:
        raise Invalid("You must specify a region", next_step="Add --region, or set AWS_REGION")
    who = identity.identity_of(access_key_id, aws_profile, role_arn, external_id)
    secrets = identity.secrets_of(secret_access_key_from, session_token_from)
    found = opened().connections.discover(place, who, secrets, endpoint_url)
    document = {
        "region": place,
        "targets": [_target(target) for target in found.targets],
        "denied": [{"kind": denied.kind, "action": denied.action} for denied in found.denied],
    }

    def show(screen: Screen) -> None:
        screen.table(
            ["KIND", "NAME", "STATUS", "ENDPOINT", "DATABASE"],
            [[one.kind, one.name, one.status, _endpoint(one), one.database] for one in found.targets],
        )
        for denied in found.denied:
            note(f"The {denied.kind}s may not be listed: the identity lacks {denied.action}")

    print_document(document, show)


@app.command(help=ADD_HELP)
def add(
    name: Name,
    cluster: Annotated[str, typer.Option(metavar="ID", help="The cluster's identifier.")] = "",
    workgroup: Annotated[str, typer.Option(metavar="NAME", help="The serverless workgroup's name.")] = "",
    region: identity.Region = None,
    database: Annotated[str, typer.Option(metavar="D", help="The database to sign in to.")] = "",
    sign_in: Annotated[str, typer.Option(metavar="WAY", help="iam, db-user, secret or password.")] = "iam",
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
    untested: Annotated[bool, typer.Option("--untested", help="Save without a test, marked so.")] = False,
) -> None:
    """See ADD_HELP."""
    if bool(cluster) == bool(workgroup):
        raise Invalid("Name exactly one target", next_step="Add --cluster ID or --workgroup NAME")
    connection = Connection(
        name=name,
        target_kind="cluster" if cluster else "workgroup",
        target=cluster or workgroup,
        region=identity.region_or_default(region),
        database=database,
        sign_in=_way(sign_in),
        db_user=db_user,
        secret_arn=secret_arn,
        host=host,
        port=port,
        user=user,
        identity=identity.identity_of(access_key_id, aws_profile, role_arn, external_id),
        endpoint_url=endpoint_url,
    )
    secrets = identity.secrets_of(secret_access_key_from, session_token_from, password_from)
    added = opened().connections.add(connection, secrets, untested=untested)
    document = {
        "saved": added.connection is not None,
        "connection": None if added.connection is None else _connection(added.connection),
        "test": None if added.report is None else added.report.document(),
    }

    def show(screen: Screen) -> None:
        if added.report is not None:
            show_checks(screen, added.report.checks)
        if added.connection is None:
            screen.line("Not saved: the test failed. Mend it and try again, or save it as it is with --untested.")
        else:
            screen.line(f"Saved {name}" + (", untested." if untested else "."))

    print_document(document, show)
    if added.connection is None:
        answer_no()


@app.command()
def test(name: Name) -> None:
    """Test a saved connection: eight checks in order, each passed or with its next step.

    Exit code 1 when a check failed. Example: wharfinger connection test shop
    """
    report = opened().connections.test(saved(name))
    print_document(report.document(), lambda screen: show_checks(screen, report.checks))
    if not report.ok:
        answer_no()


@app.command("list")
def list_() -> None:
    """List the saved connections."""
    connections = opened().connections.all()

    def show(screen: Screen) -> None:
        screen.table(
            ["NAME", "TARGET", "REGION", "DATABASE", "SIGN-IN", "TESTED"],
            [
                [one.name, f"{one.target_kind} {one.target}", one.region, one.database, one.sign_in, _tested(one)]
                for one in connections
            ],
        )

    print_document({"connections": [_connection(one) for one in connections]}, show)


@app.command()
def show(name: Name) -> None:
    """Show one connection, without its secrets."""
    connection = saved(name)
    document = _connection(connection)

    def facts(screen: Screen) -> None:
        flat: dict[str, Any] = {}
        for name, value in document.items():
            flat |= {f"{name} {part}": one for part, one in value.items()} if isinstance(value, dict) else {name: value}
        screen.facts([(key.replace("_", " "), None if value is None else str(value)) for key, value in flat.items()])

    print_document(document, facts)


@app.command()
def remove(name: Name) -> None:
    """Remove a connection with all that was learnt through it. The warehouse is not touched."""
    opened().connections.remove(saved(name))
    print_document({"removed": name}, lambda screen: screen.line(f"Removed {name}."))


def _way(text: str) -> SignIn:
    ways: tuple[SignIn, ...] = ("iam", "db-user", "secret", "password")
    for way in ways:
        if way == text:
            return way
    raise Invalid("No such way to sign in", subject=text, next_step=f"Use one of {', '.join(ways)}")


def _connection(connection: Connection) -> dict[str, Any]:
    who = connection.identity
    return {
        "name": connection.name,
        "target": {"kind": connection.target_kind, "name": connection.target},
        "region": connection.region,
        "database": connection.database,
        "sign_in": connection.sign_in,
        "db_user": connection.db_user or None,
        "secret_arn": connection.secret_arn or None,
        "host": connection.host or None,
        "port": connection.port if connection.sign_in == "password" else None,
        "user": connection.user or None,
        "identity": {
            "kind": who.kind,
            "access_key_id": who.access_key_id or None,
            "aws_profile": who.profile or None,
            "role_arn": who.role_arn or None,
            "external_id": who.external_id or None,
        },
        "endpoint_url": connection.endpoint_url or None,
        "account_id": connection.account_id or None,
        "tested": connection.tested_at is not None,
        "tested_at": None if connection.tested_at is None else connection.tested_at.isoformat(),
    }


def _target(target: Target) -> dict[str, Any]:
    return {
        "kind": target.kind,
        "name": target.name,
        "status": target.status,
        "endpoint": {"host": target.host, "port": target.port} if target.host else None,
        "database": target.database or None,
        "publicly_accessible": target.publicly_accessible,
        "arn": target.arn or None,
    }


def _endpoint(target: Target) -> str:
    return f"{target.host}:{target.port}" if target.host else ""


def _tested(connection: Connection) -> str:
    return "untested" if connection.tested_at is None else connection.tested_at.strftime("%Y-%m-%d %H:%M UTC")
