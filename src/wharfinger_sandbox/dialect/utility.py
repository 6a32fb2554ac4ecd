"""Transactions, EXPLAIN, ANALYZE, VACUUM, COMMENT, LOCK, CANCEL, CALL and COPY."""

from __future__ import annotations

from collections.abc import Callable

from wharfinger_sandbox.dialect.cursor import Cursor
from wharfinger_sandbox.dialect.lexer import NUMBER, render
from wharfinger_sandbox.dialect.names import ident, literal, qualified
from wharfinger_sandbox.dialect.queries import rewrite_query, rewrite_tokens
from wharfinger_sandbox.dialect.values import Context, Refused, Translation, unsupported

Handler = Callable[[str, Context], Translation]
"""Translates a statement in a context. Raises Refused."""


def begin(sql: str, context: Context) -> Translation:
    """BEGIN and START TRANSACTION. Redshift treats every isolation level as serializable, with the snapshots of the
    engine's REPEATABLE READ."""
    cursor = Cursor(sql, context)
    if not cursor.take("start", "transaction"):
        cursor.next()
        cursor.take_any("work", "transaction")
    modes: list[str] = []
    while not cursor.at_end():
        if cursor.take("isolation", "level"):
            level = cursor.take_any("serializable", "repeatable", "read", "snapshot")
            if not level or (
                level in ("repeatable", "read") and not cursor.take_any("read", "committed", "uncommitted")
            ):
                raise cursor.syntax_error()
            modes.append("isolation level repeatable read")
        elif cursor.take("read", "only"):
            modes.append("read only")
        elif cursor.take("read", "write"):
            modes.append("read write")
        elif not cursor.take_op(","):
            raise cursor.syntax_error()
    return Translation(f"begin {', '.join(modes)}".strip(), tag="BEGIN", kind="begin")


def commit(sql: str, context: Context) -> Translation:
    """COMMIT and END."""
    return _end(sql, context, "commit")


def rollback(sql: str, context: Context) -> Translation:
    """ROLLBACK and ABORT; Redshift has no savepoints."""
    return _end(sql, context, "rollback")


def _end(sql: str, context: Context, word: str) -> Translation:
    cursor = Cursor(sql, context)
    cursor.next()
    cursor.take_any("work", "transaction")
    cursor.need_end()
    return Translation(word, tag=word.upper(), kind=word)


def explain(sql: str, context: Context) -> Translation:
    """EXPLAIN [VERBOSE]: the engine's plan of the translated query."""
    cursor = Cursor(sql, context)
    cursor.need("explain")
    verbose = "verbose " if cursor.take("verbose") else ""
    if cursor.token.is_word("analyze", "analyse") or cursor.token.is_op("("):
        raise cursor.syntax_error()
    return Translation(f"explain {verbose}{rewrite_query(cursor.rest(), context)}", kind="show")


def analyze(sql: str, context: Context) -> Translation:
    """ANALYZE; Redshift's PREDICATE COLUMNS and ALL COLUMNS have no effect."""
    cursor = Cursor(sql, context)
    cursor.next()
    if cursor.take("compression"):
        raise unsupported("ANALYZE COMPRESSION")
    cursor.take("verbose")
    target = ""
    if cursor.token.is_name() and not cursor.token.is_word("predicate", "all"):
        target = " " + qualified(cursor.dotted())
        if cursor.token.is_op("("):
            target += f" ({', '.join(ident(name) for name in cursor.name_list())})"
    if not cursor.take("predicate", "columns"):
        cursor.take("all", "columns")
    cursor.need_end()
    return Translation(f"analyze{target}", tag="ANALYZE", kind="utility")


def vacuum(sql: str, context: Context) -> Translation:
    """VACUUM in all its forms. The engine's tables have no sort order, so SORT ONLY, REINDEX and RECLUSTER only check
    that the table exists and belongs to the user."""
    cursor = Cursor(sql, context)
    cursor.need("vacuum")
    sort_only = cursor.take("sort", "only")
    idle = sort_only or bool(cursor.take_any("reindex", "recluster"))
    if not idle and not cursor.take("delete", "only"):
        cursor.take("full")
    table = ""
    if cursor.token.is_name() and not cursor.token.is_word("to", "boost"):
        table = qualified(cursor.dotted())
    if cursor.take("to") and (cursor.next().kind != NUMBER or not cursor.take("percent")):
        raise cursor.syntax_error()
    cursor.take("boost")
    cursor.need_end()
    if context.in_transaction:
        raise Refused("25001", "VACUUM cannot run inside a transaction block")
    if idle:
        return Translation(f"call pg_catalog.wf_owned({literal(table)})", tag="VACUUM", kind="utility")
    return Translation(f"vacuum {table}".strip(), tag="VACUUM", kind="utility")


def comment(sql: str, context: Context) -> Translation:
    """COMMENT ON TABLE, VIEW, COLUMN, CONSTRAINT, DATABASE (redshift-facts §5.3)."""
    cursor = Cursor(sql, context)
    cursor.need("comment", "on")
    kind = cursor.take_any("table", "view", "column", "constraint", "database")
    if not kind:
        raise cursor.syntax_error()
    if kind == "column":
        parts = [cursor.name()]
        while cursor.take_op("."):
            parts.append(cursor.name())
        target = qualified(tuple(parts))
    elif kind == "constraint":
        name = ident(cursor.name())
        cursor.need("on")
        target = f"{name} on {qualified(cursor.dotted())}"
    else:
        target = qualified(cursor.dotted())
    cursor.need("is")
    text = "null" if cursor.take("null") else literal(cursor.string())
    cursor.need_end()
    if kind in ("table", "view"):
        # Views and materialized views are both views in Redshift, but not in the engine.
        call = f"call pg_catalog.wf_comment({literal(kind)}, {literal(target)}, {text})"
        return Translation(call, tag="COMMENT", kind="ddl")
    if kind == "database" and target != ident(context.database):
        raise Refused("0A000", "database comments may only be applied to the current database")
    return Translation(f"comment on {kind} {target} is {text}", tag="COMMENT", kind="ddl")


def lock(sql: str, context: Context) -> Translation:
    """LOCK [TABLE] t, …: an exclusive lock for writing, as in Redshift."""
    cursor = Cursor(sql, context)
    cursor.need("lock")
    cursor.take("table")
    tables = ", ".join(qualified(name) for name in cursor.dotted_names())
    cursor.need_end()
    return Translation(f"lock table {tables} in exclusive mode", tag="LOCK TABLE", kind="utility")


def cancel(sql: str, context: Context) -> Translation:
    """CANCEL pid ['message']."""
    cursor = Cursor(sql, context)
    cursor.need("cancel")
    process = cursor.number()
    if not cursor.at_end():
        cursor.string()
    cursor.need_end()
    return Translation(f"select pg_catalog.pg_cancel_backend({process})", tag="CANCEL", kind="utility")


def call(sql: str, context: Context) -> Translation:
    """CALL of a stored procedure; its arguments are rewritten like those of a query."""
    cursor = Cursor(sql, context)
    return Translation(rewrite_tokens(cursor.tokens, context), kind="call")


def pass_through(kind: str) -> Handler:
    """A handler that rewrites a statement as if it were a query; the translation is of `kind`."""

    def handle(sql: str, context: Context) -> Translation:
        cursor = Cursor(sql, context)
        return Translation(rewrite_tokens(cursor.tokens, context), kind=kind)

    return handle


def refuse(feature: str) -> Handler:
    """A handler that refuses a `feature` of Redshift that the sandbox does not support."""

    def handle(sql: str, context: Context) -> Translation:  # noqa: ARG001
        raise unsupported(feature)

    return handle


def not_in_redshift(sql: str, context: Context) -> Translation:
    """Refuses a command of the engine that Redshift does not have."""
    text = " ".join(render(Cursor(sql, context).tokens).split())
    raise Refused("0A000", f'SQL command "{text[:200]}" not supported on Redshift tables.')


def copy(sql: str, context: Context) -> Translation:
    """Refuses COPY: its sources, such as Amazon S3, are not supported, and Redshift has no COPY FROM STDIN."""
    if Cursor(sql, context).tokens and "stdin" in sql.lower():
        raise Refused("0A000", "COPY FROM STDIN is not supported: Redshift loads from Amazon S3, EMR, DynamoDB or SSH")
    raise unsupported("COPY")
