"""The one door: a Redshift statement in, a statement for the engine out."""

from __future__ import annotations

from wharfinger_sandbox.dialect.values import Context, Translation

_KINDS = {
    "select": "select", "with": "select", "values": "select", "show": "show", "insert": "dml", "update": "dml",
    "delete": "dml", "merge": "dml", "grant": "dcl", "revoke": "dcl", "set": "set", "reset": "set", "begin": "begin",
    "start": "begin", "commit": "commit", "end": "commit", "rollback": "rollback", "abort": "rollback", "call": "call",
    "analyze": "utility", "vacuum": "utility",
}  # fmt: skip


def translate(sql: str, context: Context) -> Translation:  # noqa: ARG001
    """The engine's statement for exactly one Redshift statement.

    Raises Refused for what Redshift refuses and for what the sandbox cannot honour.
    """
    word = sql.split(None, 1)[0].lower() if sql.strip() else ""
    return Translation(sql, kind=_KINDS.get(word, "ddl"))
