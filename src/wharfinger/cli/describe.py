"""`wharfinger describe`: what people say of tables and columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from wharfinger.cli.output import Screen, print_document
from wharfinger.cli.state import opened, saved
from wharfinger.core.errors import Invalid
from wharfinger.core.names import display_part

if TYPE_CHECKING:
    from wharfinger.describing.service import Described
    from wharfinger.personal.recognition import Choice

app = typer.Typer()


@app.command()
def describe(
    connection: Annotated[str, typer.Argument(metavar="CONN", help="The connection's name.")],
    table: Annotated[str, typer.Argument(metavar="TABLE", help="schema.table or db.schema.table.")],
    column: Annotated[str, typer.Option(metavar="NAME", help="A column of the table; without it, the table.")] = "",
    text: Annotated[str | None, typer.Option(metavar="TEXT", help="What it is; wins over every other text.")] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Take your text back; the next source's shows again.")] = False,
    personal: Annotated[
        str,
        typer.Option(
            metavar="KIND",
            help="What personal data the column holds: email, phone, card, iban, person_name, address, ip_address, "
            "national_id, date_of_birth, secret; none; or auto, to have it recognised again.",
        ),
    ] = "",
) -> None:
    """Say what a table or a column is, or take it back.

    Example: wharfinger describe shop raw_shop.orders --column total --text 'What the customer paid'
    """
    if [text is not None, clear, bool(personal)].count(True) != 1:
        raise Invalid("Say what to do", next_step="Give one of --text, --clear and --personal")
    descriptions = opened().descriptions
    if text is not None:
        done = descriptions.set_text(saved(connection), table, text, column or None)
    elif clear:
        done = descriptions.clear_text(saved(connection), table, column or None)
    else:
        done = descriptions.choose_personal(saved(connection), table, _column(column), _choice(personal))
    print_document(_document(done), lambda screen: _show(screen, done))


def _column(column: str) -> str:
    if not column:
        raise Invalid("Name a column", why="personal data is a matter of columns", next_step="Add --column NAME")
    return column


def _choice(text: str) -> Choice | None:
    from wharfinger.personal.recognition import PersonalKind

    kinds = get_args(PersonalKind)
    if text not in (*kinds, "none", "auto"):
        raise Invalid(
            "Not a kind of personal data", subject=text, next_step=f"Choose of {', '.join(kinds)}, none, auto"
        )
    return None if text == "auto" else cast("Choice", text)


def _document(done: Described) -> dict[str, object]:
    return {
        **done.table.document(),
        "column": done.column,
        "description": done.description.document() if done.description else None,
    }


def _show(screen: Screen, done: Described) -> None:
    subject = str(done.table) if done.column is None else f"{done.table}.{display_part(done.column)}"
    if done.description is None:
        screen.line(f"{subject}: no description")
    else:
        screen.line(f"{subject}: {done.description.text}  ({done.description.source})")
