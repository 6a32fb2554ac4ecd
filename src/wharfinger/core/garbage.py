"""How often Python's garbage collector runs."""

from __future__ import annotations

import gc


def collect_seldom() -> None:
    """Make the collector run rarely, for a process that reads much data and holds it until its end.

    With Python's own thresholds a refresh of 10,000 selected tables spends a quarter of its time in the collector,
    which finds next to nothing. Objects that are not part of a cycle are freed at once in any case.
    """
    gc.set_threshold(100_000, 50, 100)
