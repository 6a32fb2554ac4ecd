"""`wharfinger describe`: a person's text for a table or column, and the owner's choice about personal data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from wharfinger.cli.output import Screen, print_document
from wharfinger.cli.state import opened, saved
from wharfinger.core.names import display_part

if TYPE_CHECKING:
    from wharfinger.describing.edits import ChoosePersonal, Edit
    from wharfinger.describing.model import Described

app = typer.Typer()


@app.command()
def describe(
    connection: Annotated[str, typer.Argument(metavar="CONN", help="The connection's name.")],
    table: Annotated[str, typer.Argument(metavar="TABLE", help="schema.table or db.schema.table.")],
    column: Annotated[
        str, typer.Option(metavar="NAME", help="A column of the table; without it, the table itself.")
    ] = "",
    text: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Your description; shown in place of every other source's.")
    ] = None,
    clear: Annotated[
        bool, typer.Option("--clear", help="Remove your description; the next source's is shown again.")
    ] = False,
    personal: Annotated[
        str,
        typer.Option(
            metavar="KIND",
            help="Which personal data the column holds: email, phone, card, iban, person_name, address, ip_address, "
            "national_id, date_of_birth, secret; none; or auto for automatic recognition.",
        ),
    ] = "",
) -> None:
    """Describe a table or a column, or remove your description.

    Example: wharfinger describe shop raw_shop.orders --column total --text 'What the customer paid'
    """
    from wharfinger.describing.edits import parse_edit
    from wharfinger.documents.descriptions import described_document

    edit = parse_edit(text=text, clear=clear, personal=personal, column=column)
    done = opened().descriptions.edit(saved(connection), table, edit)
    print_document(described_document(done), lambda screen: _show(screen, done, edit))


def _show(screen: Screen, done: Described, edit: Edit) -> None:
    from wharfinger.describing.edits import ChoosePersonal

    subject = str(done.table) if done.column is None else f"{done.table}.{display_part(done.column)}"
    if isinstance(edit, ChoosePersonal):
        screen.line(f"{subject}: {_personal(edit)}")
    elif done.description is None:
        screen.line(f"{subject}: no description")
    else:
        screen.line(f"{subject}: {done.description.text}  ({done.description.source})")


def _personal(edit: ChoosePersonal) -> str:
    if edit.choice is None:
        return "personal data is recognized automatically"
    return "no personal data" if edit.choice == "none" else f"personal data, {edit.choice}"
