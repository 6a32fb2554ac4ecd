"""Calls of the catalog's procedures."""

from __future__ import annotations

import json
from typing import Any

from wharfinger_sandbox.dialect.names import literal
from wharfinger_sandbox.dialect.values import Translation


def procedure_call(procedure: str, document: dict[str, Any], tag: str, redacted: str | None = None) -> Translation:
    """The call of the catalog procedure `procedure` with the request `document`.

    `tag` is the command tag for the client, `redacted` the client's statement without passwords if it contains any.
    """
    sql = f"call pg_catalog.{procedure}({literal(json.dumps(document))})"
    return Translation(sql, tag=tag, kind="dcl", redacted=redacted)
