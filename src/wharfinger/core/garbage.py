"""How often Python looks for garbage in cycles."""

from __future__ import annotations

import gc


def collect_seldom() -> None:
    """For a process that reads much and keeps it to its end: look through it rarely.

    A refresh of 10,000 selected tables spends a quarter of its time on that with Python's own thresholds, and finds
    next to nothing. What is not in a cycle is freed at once all the same.
    """
    gc.set_threshold(100_000, 50, 100)
