"""How the checks of a report look on the screen, whichever command made them."""

from __future__ import annotations

from collections.abc import Sequence

from wharfinger.cli.output import Screen
from wharfinger.cli.wording import WORDS
from wharfinger.core.checks import Check
from wharfinger.documents.checks import check_document


def show_checks(screen: Screen, checks: Sequence[Check]) -> None:
    """The checks as a table, then the next step of each that did not pass.

    A first column says what each check is about, where the checks are about several things.
    """
    about = any(check.about for check in checks)
    screen.table(
        [*(["TARGET"] if about else []), "CHECK", "STATUS", "DETAIL"],
        [[*([check.about] if about else []), check.id, check.status, check.detail] for check in checks],
    )
    for check in checks:
        step = check_document(check, WORDS)["next_step"]
        if step and check.status != "passed":
            label = f"{check.about} {check.id}" if check.about else check.id
            screen.line(f"{label}: {step}", "bold" if check.status == "failed" else "")
