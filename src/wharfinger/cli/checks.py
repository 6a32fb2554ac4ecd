"""How the checks of a report look on the screen, whichever command made them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from wharfinger.cli.output import Screen


class Check(Protocol):
    """One line of a report."""

    @property
    def id(self) -> str: ...

    @property
    def status(self) -> str: ...

    @property
    def detail(self) -> str: ...

    @property
    def next_step(self) -> str: ...


C = TypeVar("C", bound=Check)


def show_checks(screen: Screen, checks: Sequence[C], place: Callable[[C], str] | None = None) -> None:
    """The checks as a table, then what to do about each that did not pass. `place` says which target one is about."""
    places = [place(one) for one in checks] if place else []
    screen.table(
        [*(["TARGET"] if place else []), "CHECK", "STATUS", "DETAIL"],
        [[*places[number : number + 1], one.id, one.status, one.detail] for number, one in enumerate(checks)],
    )
    for number, one in enumerate(checks):
        if one.next_step and one.status != "passed":
            about = " ".join(part for part in (*places[number : number + 1], one.id) if part)
            screen.line(f"{about}: {one.next_step}", "bold" if one.status == "failed" else "")
