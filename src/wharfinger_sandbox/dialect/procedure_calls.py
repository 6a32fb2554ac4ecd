"""Calls of the catalog's procedures."""

from __future__ import annotations

import json
from typing import Any

from wharfinger_sandbox.dialect.names import literal
from wharfinger_sandbox.dialect.values import Translation


def procedure_call(procedure: str, document: dict[str, Any], tag: str, redacted: str | None = None) -> Translation:
    """The call of a catalog procedure with its request."""
    sql = f"call pg_catalog.{procedure}({literal(json.dumps(document))})"
    return Translation(sql, tag=tag, kind="dcl", redacted=redacted)
