"""What people wrote or decided about tables, counted: it is never deleted unless somebody asked for that."""

from __future__ import annotations

from dataclasses import dataclass

from wharfinger.core.counts import counted


@dataclass(frozen=True, slots=True)
class ByPeople:
    """How many texts people wrote about tables and columns, and for how many columns they chose the personal data."""

    texts: int = 0
    choices: int = 0

    def __bool__(self) -> bool:
        return self.texts + self.choices > 0

    def __add__(self, other: ByPeople) -> ByPeople:
        return ByPeople(self.texts + other.texts, self.choices + other.choices)

    def __str__(self) -> str:
        """`2 texts and 1 choice about personal data`, without the part that is zero; `nothing` when both are."""
        parts = [counted(self.texts, "text")] if self.texts else []
        parts += [f"{counted(self.choices, 'choice')} about personal data"] if self.choices else []
        return " and ".join(parts) or "nothing"
