"""Statements that write rows: their queries are rewritten, and the translation names the table they write."""

from __future__ import annotations

from wharfinger_sandbox.dialect.cursor import Cursor
from wharfinger_sandbox.dialect.leader_node import is_leader
from wharfinger_sandbox.dialect.lexer import lex
from wharfinger_sandbox.dialect.names import qualified
from wharfinger_sandbox.dialect.queries import rewrite_tokens
from wharfinger_sandbox.dialect.query_scan import is_plain, words_of
from wharfinger_sandbox.dialect.relations import relations
from wharfinger_sandbox.dialect.values import Context, Refused, Translation, leader_only, unsupported

_HEAD = 600
"""Characters that contain the written table's name: the opening words and three quoted names of 63 characters."""


def _cursor_after(sql: str, context: Context, *words: str) -> Cursor:
    """A cursor after the opening `words`, over the first _HEAD characters only, since an INSERT may be long."""
    cursor = Cursor(sql[:_HEAD], context)
    cursor.need(*words)
    return cursor


def _statement(sql: str, context: Context, target: str, steps: tuple[str, ...]) -> Translation:
    words = words_of(sql)
    if b"returning" in words or b"conflict" in words:
        _refuse_words(Cursor(sql, context))
    text = sql if is_plain(sql, words) else rewrite_tokens(Cursor(sql, context).tokens, context)
    return Translation(text, kind="dml", target=target, steps=steps)


def _refuse_words(cursor: Cursor) -> None:
    """Refuse RETURNING and ON CONFLICT, which the engine has and Redshift does not."""
    for index, token in enumerate(cursor.tokens):
        if token.is_word("returning") and index > 2 and not cursor.tokens[index - 1].is_op("."):
            raise Refused("42601", 'syntax error at or near "returning"')
        if token.is_word("conflict") and cursor.tokens[index - 1].is_word("on"):
            raise Refused("42601", 'syntax error at or near "on"')


def insert(sql: str, context: Context) -> Translation:
    """INSERT INTO. A query on leader-node relations only cannot be its source (redshift-facts §5.1)."""
    words = words_of(sql)
    if b"select" in words and (b"information_schema" in words or any(word.startswith(b"pg_") for word in words)):
        sources = relations(lex(sql))[1:]
        if sources and all(is_leader(name) for name in sources):
            raise leader_only()
    return _statement(sql, context, qualified(_cursor_after(sql, context, "insert", "into").dotted()), ("insert",))


def update(sql: str, context: Context) -> Translation:
    """UPDATE; its steps are those of a column store, a deletion and an insertion."""
    return _statement(sql, context, qualified(_cursor_after(sql, context, "update").dotted()), ("delete", "insert"))


def delete(sql: str, context: Context) -> Translation:
    """DELETE [FROM] t [USING …] [WHERE …]."""
    cursor = _cursor_after(sql, context, "delete")
    if cursor.take("from"):
        return _statement(sql, context, qualified(cursor.dotted()), ("delete",))
    place = cursor.token.start
    target = qualified(cursor.dotted())
    return _statement(f"{sql[:place]}from {sql[place:]}", context, target, ("delete",))


def merge(sql: str, context: Context) -> Translation:
    """MERGE INTO t USING s ON … WHEN MATCHED … WHEN NOT MATCHED …."""
    target = qualified(_cursor_after(sql, context, "merge", "into").dotted())
    if {b"remove", b"duplicates"} <= words_of(sql):
        raise unsupported("MERGE … REMOVE DUPLICATES")
    return _statement(sql, context, target, ("delete", "insert"))


def truncate(sql: str, context: Context) -> Translation:
    """TRUNCATE [TABLE] t. Redshift commits it at once; here it is part of the transaction."""
    cursor = Cursor(sql, context)
    cursor.need("truncate")
    cursor.take("table")
    target = qualified(cursor.dotted())
    cursor.need_end()
    return Translation(
        f"truncate table {target}", tag="TRUNCATE TABLE", kind="utility", target=target, steps=("delete",)
    )
