"""Edits of one table's or column's description by a person, parsed from plain texts. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from wharfinger.core.errors import Invalid
from wharfinger.describing.model import checked_text
from wharfinger.personal.model import Choice, parse_choice


@dataclass(frozen=True, slots=True)
class SetText:
    """Set the person's text of a table, or of one of its columns."""

    text: str
    column: str | None = None


@dataclass(frozen=True, slots=True)
class ClearText:
    """Remove the person's text of a table, or of one of its columns."""

    column: str | None = None


@dataclass(frozen=True, slots=True)
class ChoosePersonal:
    """Decide which personal data a column holds; None leaves it to automatic recognition."""

    column: str
    choice: Choice | None


Edit = SetText | ClearText | ChoosePersonal


def parse_edit(*, text: str | None = None, clear: bool = False, personal: str = "", column: str = "") -> Edit:
    """One edit from a request's fields: exactly one of `text`, `clear` and `personal`.

    `column` is "" for the table itself. Raises Invalid when none or several are given, for an unusable text or kind,
    and for `personal` without a column.
    """
    if [text is not None, clear, bool(personal)].count(True) != 1:
        raise Invalid(
            "Nothing to change, or several things at once",
            why="one request sets a text, removes it, or says which personal data a column holds",
            next_step="Give exactly one of them",
            fields=["text", "clear", "personal"],
        )
    if text is not None:
        return SetText(checked_text(text), column or None)
    if clear:
        return ClearText(column or None)
    choice = parse_choice(personal)
    if not column:
        raise Invalid(
            "No column is named",
            why="personal data is recorded for a column, not for a table",
            next_step="Name the column",
            fields=["column"],
        )
    return ChoosePersonal(column, choice)
