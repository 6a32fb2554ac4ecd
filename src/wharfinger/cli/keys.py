"""`wharfinger keys`: where the master key lives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from wharfinger.cli.output import Screen, print_document
from wharfinger.cli.state import opened

if TYPE_CHECKING:
    from wharfinger.keys.service import KeyState

app = typer.Typer(help="The master key that wraps all others: show where it lives, move it.")


@app.command()
def show() -> None:
    """Show where the master key lives, its id and since when; never the key."""
    document = _document(opened().keys.show())

    def facts(screen: Screen) -> None:
        screen.facts([(name.replace("_", " "), value) for name, value in document.items()])

    print_document(document, facts)


@app.command()
def move(
    to: Annotated[str, typer.Option("--to", metavar="PLACE", help="local, or aws-secretsmanager:NAME.")],
) -> None:
    """Move to a new master key in another place.

    The AWS identity comes from the default chain or the AWS_… variables. The old place serves until the new keyring is
    on disk; after a crash, run it again.

    Example: wharfinger keys move --to aws-secretsmanager:wharfinger/master
    """
    moved = opened().keys.move(to)
    document = {
        **_document(moved.state),
        "moved": moved.moved_from is not None,
        "moved_from": moved.moved_from,
        "old_key_removed": moved.old_key == "removed",
    }

    def show(screen: Screen) -> None:
        place = f"{moved.state.provider} {'already' if moved.moved_from is None else 'now'}"
        screen.line(f"The master key lives in {place} (key {moved.state.key_id}).")
        if moved.moved_from is None:
            left = moved.old_key == "removed"
            screen.line("A key that an earlier move had left behind was removed." if left else "Nothing was moved.")
        elif moved.old_key == "left":
            screen.line(f"{moved.moved_from} still holds the old key. Delete it when no backup needs it any more.")

    print_document(document, show)


def _document(state: KeyState) -> dict[str, Any]:
    return {
        "provider": state.provider,
        "key_id": state.key_id,
        "created_at": state.created_at.isoformat(),
        "wrapped_keys": state.wrapped,
    }
