"""`wharfinger connection network`: whether clients reach the warehouse's own port, and the one rule that opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from wharfinger.cli.checks import show_checks
from wharfinger.cli.output import Screen, answer_no, confirm, note, print_document
from wharfinger.cli.state import opened, saved
from wharfinger.cli.wording import WORDS
from wharfinger.documents.connections import network_document

if TYPE_CHECKING:
    from wharfinger.connections.network_checks import NetworkReport


def network(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The connection's name.")],
    allow_ip: Annotated[
        str, typer.Option(metavar="CIDR", help="Let this address or network in, as in 203.0.113.7/32.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before the rule is added.")] = False,
) -> None:
    """Check whether clients reach the warehouse's own port. dbt and SQL clients need it, the Data API does not.

    Says whether the warehouse is publicly accessible, whether its security groups let this machine in, and whether
    the port answers. --allow-ip checks another address, and adds the one rule that lets it in.

    Exit code 1 when a check failed. Example: wharfinger connection network shop --allow-ip 203.0.113.7/32
    """
    service, connection = opened().network, saved(name)
    found = service.check(connection, allow_ip)
    if allow_ip and not found.address_is_allowed:
        address, target = found.facts.address, found.facts.target
        if address.prefixlen == 0:
            note(f"{address} is the whole internet: only the database's passwords would protect the warehouse.")
        group = ", ".join(target.security_groups[:1]) or "its security group"
        if not yes:
            confirm(f"Add a rule to {group} that lets {address} in on port {target.port}?")
        found = service.allow(connection, allow_ip)
    print_document(network_document(found, WORDS), lambda screen: _show(screen, found))
    if not found.report.ok:
        answer_no()


def _show(screen: Screen, found: NetworkReport) -> None:
    show_checks(screen, found.report.checks)
    if found.added is not None:
        screen.line(f"Added: {found.added.group} lets {found.added.cidr} in on port {found.added.first}.", "green")
