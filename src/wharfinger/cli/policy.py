"""`wharfinger connection policy`: the least IAM policy a connection needs."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from wharfinger.cli.output import note, print_document
from wharfinger.cli.state import opened, saved
from wharfinger.documents.connections import policy_document


def policy(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The connection's name.")],
    database: Annotated[
        list[str] | None, typer.Option(metavar="D", help="One more database to sign in to; may be repeated.")
    ] = None,
    discovery: Annotated[
        bool, typer.Option("--discovery", help="Add the actions that listing clusters and workgroups needs.")
    ] = False,
) -> None:
    """Print the least IAM policy this connection needs, with real ARNs, ready to attach.

    Example: wharfinger connection policy shop > policy.json
    """
    connection = saved(name)
    document = policy_document(opened().connections.policy(connection, database or [], discovery=discovery))
    print_document(document, lambda screen: screen.text(json.dumps(document, indent=2) + "\n"))
    if role := connection.identity.role_arn:
        note(f"Attach it to {role}; who assumes that role needs sts:AssumeRole on it.")
    if any(arn.endswith("workgroup/*") for one in document["Statement"] for arn in one["Resource"]):
        note("workgroup/* replaces the workgroup's own ARN: this identity may not look it up (GetWorkgroup).")
    if not document["Statement"]:
        note("This connection signs in with a password at a given host: it needs no IAM policy.")
