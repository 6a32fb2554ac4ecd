"""`wharfinger connection network`: can the warehouse's own port be reached, and the one rule that opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from wharfinger.cli.checks import show_checks
from wharfinger.cli.output import Screen, answer_no, confirm, note, print_document
from wharfinger.cli.state import opened, saved

if TYPE_CHECKING:
    from wharfinger.connections.network_checks import NetworkReport


def network(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The connection's name.")],
    allow_ip: Annotated[
        str, typer.Option(metavar="CIDR", help="Let this address or network in, as in 203.0.113.7/32.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before the rule is added.")] = False,
) -> None:
    """Look at the way to the warehouse's own port, which dbt and SQL clients need and the Data API does not.

    Says whether it is publicly accessible, whether its security groups let this machine in, and whether it answers.
    --allow-ip asks about an address of your choice, and adds the one rule it needs.

    Example: wharfinger connection network shop --allow-ip 203.0.113.7/32
    """
    networking = opened().networking
    report = networking.look(saved(name), allow_ip)
    if allow_ip and not report.lets_in():
        target, port = report.seen.target, report.seen.target.port
        if report.seen.address.prefixlen == 0:
            note(f"{report.seen.address} is everybody: only the passwords of the database would keep anybody out.")
        group = ", ".join(target.security_groups[:1]) or "its security group"
        if not yes and not confirm(f"Let {report.seen.address} in on port {port} of {target.name} by {group}?"):
            raise typer.Abort
        report = networking.allow(saved(name), allow_ip)
    print_document(report.document(), lambda screen: _show(screen, report))
    if not report.ok:
        answer_no()


def _show(screen: Screen, report: NetworkReport) -> None:
    show_checks(screen, report.checks)
    if report.added is not None:
        screen.line(f"Added: {report.added.group} lets {report.added.cidr} in on port {report.added.first}.", "green")
