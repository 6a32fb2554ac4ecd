"""Statements that write rows. Their queries are rewritten like any other; the written table is told for the history."""

from __future__ import annotations

from wharfinger_sandbox.dialect.cursor import Cursor
from wharfinger_sandbox.dialect.names import qualified
from wharfinger_sandbox.dialect.queries import is_plain, rewrite_tokens, words_of
from wharfinger_sandbox.dialect.values import Context, Refused, Translation, unsupported


def _statement(cursor: Cursor, target: str, steps: tuple[str, ...]) -> Translation:
    plain = is_plain(cursor.sql, words_of(cursor.sql))
    text = cursor.sql if plain else rewrite_tokens(cursor.tokens, cursor.context)
    return Translation(text, kind="dml", target=target, steps=steps)


def _refuse_words(cursor: Cursor) -> None:
    """RETURNING and ON CONFLICT are the engine's, not Redshift's."""
    for index, token in enumerate(cursor.tokens):
        if token.is_word("returning") and index > 2 and not cursor.tokens[index - 1].is_op("."):
            raise Refused("42601", 'syntax error at or near "returning"')
        if token.is_word("conflict") and cursor.tokens[index - 1].is_word("on"):
            raise Refused("42601", 'syntax error at or near "on"')


def insert(sql: str, context: Context) -> Translation:
    """INSERT INTO."""
    cursor = Cursor(sql, context)
    cursor.need("insert", "into")
    target = qualified(cursor.dotted())
    _refuse_words(cursor)
    return _statement(cursor, target, ("insert",))


def update(sql: str, context: Context) -> Translation:
    """UPDATE; in a column store a deletion and an insertion."""
    cursor = Cursor(sql, context)
    cursor.need("update")
    target = qualified(cursor.dotted())
    _refuse_words(cursor)
    return _statement(cursor, target, ("delete", "insert"))


def delete(sql: str, context: Context) -> Translation:
    """DELETE [FROM] t [USING …] [WHERE …]; the word FROM may be missing."""
    cursor = Cursor(sql, context)
    cursor.need("delete")
    has_from = cursor.take("from")
    place = cursor.index
    target = qualified(cursor.dotted())
    _refuse_words(cursor)
    if has_from:
        return _statement(cursor, target, ("delete",))
    first = cursor.tokens[place]
    first.text, first.gap = f"from {first.text}", " "
    return Translation(rewrite_tokens(cursor.tokens, context), kind="dml", target=target, steps=("delete",))


def merge(sql: str, context: Context) -> Translation:
    """MERGE INTO t USING s ON … WHEN MATCHED … WHEN NOT MATCHED …."""
    cursor = Cursor(sql, context)
    cursor.need("merge", "into")
    target = qualified(cursor.dotted())
    words = [token.low for token in cursor.tokens]
    if "duplicates" in words and words[words.index("duplicates") - 1] == "remove":
        raise unsupported("MERGE … REMOVE DUPLICATES")
    return _statement(cursor, target, ("delete", "insert"))


def truncate(sql: str, context: Context) -> Translation:
    """TRUNCATE [TABLE] t. Redshift commits around it; here it is part of the transaction."""
    cursor = Cursor(sql, context)
    cursor.need("truncate")
    cursor.take("table")
    target = qualified(cursor.dotted())
    cursor.need_end()
    return Translation(
        f"truncate table {target}", tag="TRUNCATE TABLE", kind="utility", target=target, steps=("delete",)
    )


def create_routine(cursor: Cursor) -> Translation:
    """CREATE [OR REPLACE] FUNCTION | PROCEDURE in SQL or PL/pgSQL; its body goes to the engine as it stands."""
    words = {token.low for token in cursor.tokens}
    if "plpythonu" in words:
        raise unsupported("A function in Python")
    if "lambda" in words or cursor.at("external"):
        raise unsupported("A Lambda function")
    tokens = [token for token in cursor.tokens if not token.is_word("nonatomic")]
    what = "PROCEDURE" if "procedure" in words else "FUNCTION"
    text = rewrite_tokens(tokens, cursor.context)
    return Translation(text, tag=f"CREATE {what}", kind="ddl")
