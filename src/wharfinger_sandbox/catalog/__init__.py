"""Redshift's catalog on the engine: users, groups, roles, system views, functions."""

from __future__ import annotations

from wharfinger_sandbox.catalog.installer import install
from wharfinger_sandbox.catalog.watch import Watch

__all__ = ["Watch", "install"]
