"""`wharfinger keys`: where the master key is, and moving it."""

from __future__ import annotations

from typing import Annotated

import typer

from wharfinger.cli.output import Screen, print_document
from wharfinger.cli.state import opened
from wharfinger.documents.keys import key_state_document, moved_key_document

app = typer.Typer(help="The master key that wraps all other keys: show where it is, move it.")


@app.command()
def show() -> None:
    """Show where the master key is, its id and its date; never the key.

    Example: wharfinger keys show
    """
    document = key_state_document(opened().keys.show())

    def facts(screen: Screen) -> None:
        screen.facts(
            [
                ("provider", document["provider"]),
                ("key id", document["key_id"]),
                ("created at", document["created_at"]),
                ("wrapped keys", document["wrapped_keys"]),
            ]
        )

    print_document(document, facts)


@app.command()
def move(
    to: Annotated[str, typer.Option("--to", metavar="PLACE", help="local, or aws-secretsmanager:NAME.")],
) -> None:
    """Move to a new master key in another place.

    The AWS identity comes from the default chain or the AWS_… variables. The old key stays valid until the new keyring
    is on disk; run the command again after a crash.

    Example: wharfinger keys move --to aws-secretsmanager:wharfinger/master
    """
    moved = opened().keys.move(to)

    def show(screen: Screen) -> None:
        place = f"{'already' if moved.moved_from is None else 'now'} in {moved.state.provider}"
        screen.line(f"The master key is {place} (key {moved.state.key_id}).")
        if moved.moved_from is None:
            removed = moved.old_key == "removed"
            screen.line("A key that an interrupted move had left was removed." if removed else "Nothing was moved.")
        elif moved.old_key == "left":
            screen.line(f"{moved.moved_from} still holds the old key. Delete it when no backup needs it any more.")

    print_document(moved_key_document(moved), show)
