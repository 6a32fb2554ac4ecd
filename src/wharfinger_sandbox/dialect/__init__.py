"""Redshift's SQL, made into what the engine below understands, or refused. Pure: text in, text out."""

from __future__ import annotations

from wharfinger_sandbox.dialect.errors import reword
from wharfinger_sandbox.dialect.roles import group_role, role_role, user_role
from wharfinger_sandbox.dialect.split import split
from wharfinger_sandbox.dialect.translate import first_word, translate
from wharfinger_sandbox.dialect.values import Context, Refused, Translation

__all__ = [
    "Context", "Refused", "Translation", "first_word", "group_role", "reword", "role_role", "split", "translate",
    "user_role",
]  # fmt: skip
