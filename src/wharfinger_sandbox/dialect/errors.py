"""The engine's error texts in Redshift's words."""

from __future__ import annotations


def reword(sqlstate: str, message: str) -> tuple[str, str]:
    """`(sqlstate, message)` as Redshift would say it; unknown texts come back unchanged."""
    return sqlstate, message
