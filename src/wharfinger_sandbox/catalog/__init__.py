"""The engine's catalog, dressed as Redshift's: users, groups, roles, system views, functions."""

from __future__ import annotations

from wharfinger_sandbox.catalog.installer import install
from wharfinger_sandbox.catalog.watch import Watch

__all__ = ["Watch", "install"]
