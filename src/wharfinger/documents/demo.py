"""The demo's summary."""

from __future__ import annotations

from typing_extensions import TypedDict

DemoDocument = TypedDict(
    "DemoDocument",
    {
        "tables profiled": int,
        "columns profiled": int,
        "facts kept": int,
        "SQL statements, all of the demo": int,
        "AWS API calls, all of the demo": int,
        "statements at one a table and metric": int,
        "API calls at one a table and metric": int,
        "seconds": float,
    },
)
DemoDocument.__doc__ = (
    """What the demo found, what it cost, and what one statement per table and metric would have cost."""
)
