"""Translates Redshift's SQL into the engine's, or refuses it. Pure functions: text in, text out."""

from __future__ import annotations

from wharfinger_sandbox.dialect.errors import reword
from wharfinger_sandbox.dialect.roles import engine_group, engine_role, engine_user
from wharfinger_sandbox.dialect.split import split
from wharfinger_sandbox.dialect.translate import first_word, translate
from wharfinger_sandbox.dialect.values import Context, Refused, Translation

__all__ = [
    "Context",
    "Refused",
    "Translation",
    "engine_group",
    "engine_role",
    "engine_user",
    "first_word",
    "reword",
    "split",
    "translate",
]  # fmt: skip
