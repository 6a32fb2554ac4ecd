"""Queries: a scan that lets most of them through untouched, and rewrites by token for the rest.

sqlglot sees only a query with QUALIFY; its rendering of Redshift changes the meaning of DATEDIFF and LISTAGG (seen with
version 30), so it gets the text after our own rewrites and is asked for nothing else.
"""

from __future__ import annotations

import re
from itertools import pairwise

from wharfinger_sandbox.dialect.functions import CALLS, MISSING, UNSUPPORTED, WORDS, leader_only, rewritten
from wharfinger_sandbox.dialect.lexer import (
    END,
    NUMBER,
    OPERATOR,
    QUOTED,
    STRING,
    WORD,
    Token,
    closing,
    lex,
    render,
    word_set,
)
from wharfinger_sandbox.dialect.names import checked, fold, ident
from wharfinger_sandbox.dialect.qualify import without_qualify
from wharfinger_sandbox.dialect.relations import relations
from wharfinger_sandbox.dialect.roles import MAX_ENGINE_BYTES
from wharfinger_sandbox.dialect.values import Context, Refused, unsupported

LEADER_RELATIONS = {
    "pg_class": "wf_class", "pg_attribute": "wf_attribute", "pg_namespace": "wf_namespace", "pg_attrdef": "wf_attrdef",
    "pg_constraint": "wf_constraint", "pg_database": "wf_database", "pg_proc": "wf_proc", "pg_views": "wf_views",
    "pg_tables": "wf_tables", "pg_index": "wf_index",
}  # fmt: skip
"""Catalog tables of the engine and the views that show them as Redshift's leader node does."""

INFORMATION_SCHEMA = {"tables", "columns", "views"}

LEADER_ONLY = word_set(
    "current_schema current_schemas has_table_privilege has_schema_privilege has_database_privilege now"
    " current_timestamp current_time localtime localtimestamp age isfinite to_ascii get_bit get_byte set_bit set_byte"
    " generate_series array_to_string obj_description col_description"
)
"""Functions of the leader node: an error next to a user's table or a system view (redshift-facts §4.5, §6.3). The last
three are documented as unsupported, yet SQLAlchemy's dialect reads every real cluster's catalog with them."""

TABLE_ONLY = word_set("listagg median percentile_cont percentile_disc")
HISTORY = word_set("sys_query_history sys_query_detail sys_query_text stl_query stl_insert stl_delete svl_qlog")
_SYNTAX = word_set(
    "approximate top qualify minus pivot unpivot filter distinct array lateral tablesample super ignore respect"
)

TRIGGERS = frozenset(
    set(CALLS) | set(WORDS) | MISSING | UNSUPPORTED | set(LEADER_RELATIONS) | {"information_schema"} | LEADER_ONLY
    | TABLE_ONLY | _SYNTAX | {"pg_get_late_binding_view_cols", "pg_internal", "pg_authid", "pg_auth_members"}
    - {"varchar"}
)  # fmt: skip
"""Words that make a closer look necessary. A query without any of them means the same to the engine."""

_TRIGGER_BYTES = frozenset(word.encode() for word in TRIGGERS)
_HISTORY_BYTES = frozenset(word.encode() for word in HISTORY)
_SEPARATORS = bytes(byte if chr(byte).isalnum() or byte == 95 or byte > 127 else 32 for byte in range(256))
_MAX_LENGTH = re.compile(r"varchar\s*\(\s*max", re.IGNORECASE)
_SIGNS = re.compile(r"\[\s*\]|\(\s*\+\s*\)")
_QUOTED = re.compile(r"""'[^']*'|"([^"]*)"|--[^\n]*|/\*.*?\*/""", re.DOTALL)
_LONG_WORD = re.compile(r"[\w$]{16}")


def words_of(sql: str) -> set[bytes]:
    """Every word of a text, in lower case, comments and literals included. Bytes, since that is ten times as fast."""
    return set(sql.encode(errors="replace").lower().translate(_SEPARATORS).split())


def reads_history(words: set[bytes]) -> bool:
    """Whether one of the words is a view of what ran."""
    return not words.isdisjoint(_HISTORY_BYTES)


def is_plain(sql: str, words: set[bytes]) -> bool:
    """Whether a query means the same to the engine as it stands; in doubt no."""
    if not words.isdisjoint(_TRIGGER_BYTES):
        return False
    if b"max" in words and b"varchar" in words and _MAX_LENGTH.search(sql):
        return False
    if ("[" in sql or "+" in sql) and _SIGNS.search(sql):
        return False
    if any(word[0] <= _NINE and not word.isdigit() for word in words):
        return False
    return _names_are_plain(sql, words)


def _names_are_plain(sql: str, words: set[bytes]) -> bool:
    """Whether no name folds or is too long."""
    if len(max(words, key=len, default=b"")) > MAX_ENGINE_BYTES:
        return False
    if not sql.isascii() and _LONG_WORD.search(sql):
        return False
    if '"' not in sql:
        return True
    if "\\" in sql or "$$" in sql or sql.count("/*") > 1:
        return False
    quoted = _QUOTED.findall(sql)
    return len(max(quoted, key=len, default="")) <= MAX_ENGINE_BYTES // 4 and not _CAPITAL.search("".join(quoted))


_CAPITAL = re.compile(r"[A-Z]")
_NINE = ord("9")


def rewrite_query(sql: str, context: Context) -> str:
    """The engine's text of a query or a statement that holds one. Raises Refused."""
    if is_plain(sql, words_of(sql)):
        return sql
    return rewrite_tokens(lex(sql), context)


def rewrite_tokens(tokens: list[Token], context: Context) -> str:
    """As `rewrite_query`, of tokens that end with an END."""
    tokens = _parted([_named(token, context) if token.kind in _NAMES else token for token in tokens])
    words = {token.low for token in tokens if token.kind == WORD}
    _refuse(tokens, words)
    if words & (LEADER_RELATIONS.keys() | {"information_schema"}):
        tokens = _leader_names(tokens)
    tokens = _rewritten(tokens)
    if "top" in words:
        tokens = _without_top(tokens)
    text = render(tokens)
    return without_qualify(text) if "qualify" in words else text


_NAMES = (WORD, QUOTED)


def _named(token: Token, context: Context) -> Token:
    """Names fold to lower case, in quotes too, unless the session says otherwise; too long ones are refused."""
    if token.kind == QUOTED and not context.case_sensitive:
        low = fold(token.low)
        if low != token.low:
            token = Token(QUOTED, ident(low), low, token.gap, token.start)
    checked(token.low)
    return token


def _parted(tokens: list[Token]) -> list[Token]:
    """A blank between a number and a word that touch, as in `THEN 4WHEN`: the engine no longer takes them for two."""
    for before, token in pairwise(tokens):
        if before.kind == NUMBER and token.kind == WORD and not token.gap:
            token.gap = " "
    return tokens


def _refuse(tokens: list[Token], words: set[str]) -> None:
    """What Redshift refuses, in its words, and what it has and the sandbox has not, by name."""
    called = {token.low for token, after in pairwise(tokens) if after.text == "(" and token.kind == WORD}
    for name in called & MISSING:
        raise Refused("42883", f"function {name} does not exist")
    for name in called & UNSUPPORTED:
        raise unsupported(f"The function {name.upper()}")
    if called & {"pivot", "unpivot"}:
        raise unsupported("PIVOT and UNPIVOT")
    for index, token in enumerate(tokens):
        if token.low in _SUSPECTS:
            _refuse_at(tokens, index, token)
    _refuse_mixtures(tokens, words, called)


_SUSPECTS = frozenset(("distinct", "filter", "tablesample", "(", "pg_internal", "ignore"))


def _refuse_at(tokens: list[Token], index: int, token: Token) -> None:
    after = tokens[index + 1]
    before = tokens[index - 1] if index else token
    if token.text == "(":
        if after.text == "+" and tokens[index + 2].is_op(")"):
            raise unsupported("The outer join sign (+)")
    elif token.is_word("distinct"):
        if before.is_word("select") and after.is_word("on"):
            raise Refused("0A000", "SELECT DISTINCT ON is not supported")
        if before.is_word("is", "not") and after.is_word("from"):
            raise Refused("42601", 'syntax error at or near "distinct"')
    elif token.is_word("filter") and after.is_op("(") and before.is_op(")"):
        raise Refused("42601", 'syntax error at or near "("')
    elif token.is_word("ignore") and after.is_word("nulls"):
        raise unsupported("IGNORE NULLS")
    elif token.is_word("tablesample"):
        raise Refused("42601", 'syntax error at or near "tablesample"')
    elif token.low == "pg_internal" and token.is_name() and after.is_op("."):
        raise Refused("42501", "permission denied for schema pg_internal")


def is_leader(name: tuple[str, ...]) -> bool:
    """Whether a relation lives on the leader node: PG_* and information_schema (redshift-facts §5.1), and
    SVV_EXTERNAL_*, which the drivers join to PG_*."""
    if len(name) > 1 and name[-2] not in ("pg_catalog", "information_schema"):
        return False
    return (len(name) > 1 and name[-2] == "information_schema") or name[-1].startswith(("pg_", "svv_external_"))


def _refuse_mixtures(tokens: list[Token], words: set[str], called: set[str]) -> None:
    leader = {word for word in words & LEADER_ONLY if word in called or word.startswith(("current_t", "local"))}
    if any(_is_array(token, after) for token, after in pairwise(tokens)):
        leader.add("array")
    table_only = called & TABLE_ONLY
    if not leader and not table_only:
        return
    found = relations(tokens)
    if leader and any(not is_leader(name) for name in found):
        raise leader_only()
    if table_only and all(is_leader(name) for name in found):
        raise Refused(
            "0A000",
            "One or more of the used functions must be applied on at least one user created tables."
            " Examples of user table only functions are LISTAGG, MEDIAN, PERCENTILE_CONT, etc",
        )


def _is_array(token: Token, after: Token) -> bool:
    """Whether an array stands here, `array[…]` or `type[]`: the leader node has them (redshift-facts §6.1)."""
    return (after.is_op("[") and token.is_word("array")) or (token.is_op("[") and after.is_op("]"))


def _leader_names(tokens: list[Token]) -> list[Token]:
    """pg_class and its like as views that show them as Redshift does; a name of one's own schema stays."""
    result: list[Token] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        dotted = bool(result) and result[-1].is_op(".")
        if token.is_name() and token.low == "information_schema" and not dotted and tokens[index + 1].is_op("."):
            target = tokens[index + 2]
            if target.is_name() and target.low in INFORMATION_SCHEMA and tokens[index + 3].is_op("."):
                # A column by its full name: the view goes by the table's own name here.
                result.append(rewritten(ident(target.low), token.gap))
                index += 3
                continue
            if target.is_name() and target.low in INFORMATION_SCHEMA:
                result.append(rewritten(f"pg_catalog.wf_information_schema_{target.low}", token.gap))
                index = _aliased(tokens, index + 3, result, target.low)
                continue
        elif token.is_name() and token.low in LEADER_RELATIONS and (not dotted or _after_catalog(result)):
            if dotted:
                gap = result[-2].gap
                del result[-2:]
                token = Token(token.kind, token.text, token.low, gap, token.start)
            if _is_relation_place(result) and not tokens[index + 1].is_op("."):
                result.append(rewritten(f"pg_catalog.{LEADER_RELATIONS[token.low]}", token.gap))
                index = _aliased(tokens, index + 1, result, token.low)
                continue
        result.append(token)
        index += 1
    return result


def _after_catalog(result: list[Token]) -> bool:
    return len(result) > 1 and result[-2].is_name() and result[-2].low == "pg_catalog"


def _is_relation_place(result: list[Token]) -> bool:
    """Whether a relation stands here, not a column qualified by it: those keep the name, now an alias."""
    before = result[-1] if result else None
    return before is not None and (before.is_word("from", "join") or before.is_op(",") or before.is_op("("))


def _aliased(tokens: list[Token], index: int, result: list[Token], name: str) -> int:
    """Gives the view the table's own name as alias when it has none, so that columns qualified by it are found."""
    after = tokens[index]
    if not (after.is_word("as") or (after.is_name() and not after.is_word(*_NO_ALIAS))):
        result.append(rewritten(f" as {ident(name)}"))
    return index


_NO_ALIAS = (
    "where", "join", "inner", "left", "right", "full", "cross", "natural", "on", "using", "group", "order", "having",
    "limit", "offset", "union", "except", "intersect", "minus", "fetch", "for", "window", "qualify",
)  # fmt: skip


def _rewritten(tokens: list[Token]) -> list[Token]:
    """Calls and words in the engine's spelling. Works from the end, so that inner calls are done before outer ones."""
    result = list(tokens)
    for index in range(len(tokens) - 1, -1, -1):
        token = result[index]
        if token.low not in _REWRITABLE:
            continue
        if token.kind == WORD and not (index and result[index - 1].is_op(".")):
            _rewrite_word(result, index, token)
        elif token.is_op("::") and index and result[index - 1].kind == STRING and result[index + 1].is_word("super"):
            # A literal cast to SUPER is a string, not JSON to be parsed.
            before = result[index - 1]
            result[index - 1 : index + 2] = [rewritten(f"{before.text}::text::super", before.gap)]
    return result


_REWRITABLE = frozenset(
    {*CALLS, *WORDS, "pg_get_late_binding_view_cols", "approximate", "minus", "nvarchar", "respect", "::"}
)


def _rewrite_word(result: list[Token], index: int, token: Token) -> None:
    after = result[index + 1]
    if token.low == "minus" and (after.is_word("select", "all") or after.is_op("(")):
        result[index] = rewritten("except", token.gap)
    elif after.is_op("("):
        rewriter = CALLS.get(token.low)
        if rewriter is not None and not (token.low in ("varchar", "nvarchar") and _is_plain_length(result, index)):
            text, end = rewriter(result, index + 1, closing(result, index + 1))
            result[index:end] = [rewritten(text, token.gap)]
        elif token.low == "pg_get_late_binding_view_cols":
            _without_column_types(result, index)
    elif token.low in WORDS:
        result[index] = rewritten(WORDS[token.low], token.gap)
    elif token.low == "approximate" and after.is_word("count", "percentile_disc"):
        # The exact answer stands in: it is within the error that Redshift allows itself (redshift-facts §6.2).
        result[index] = rewritten("", token.gap)
    elif token.low == "nvarchar":
        result[index] = rewritten("varchar", token.gap)
    elif token.low == "respect" and after.is_word("nulls"):
        # What every window function does unless told otherwise.
        result[index : index + 2] = [rewritten("", token.gap)]


def _is_plain_length(tokens: list[Token], index: int) -> bool:
    return tokens[index].low == "varchar" and not tokens[index + 2].is_word("max")


def _without_column_types(result: list[Token], index: int) -> None:
    """`f() alias(a name, b int)`: the engine's function knows its types, and takes names alone there."""
    place = index + 3
    if result[place].is_word("as"):
        place += 1
    if not (result[place].is_name() and result[place + 1].is_op("(")):
        return
    close = closing(result, place + 1)
    kept: list[Token] = []
    first = True
    for token in result[place + 2 : close]:
        if first or token.is_op(","):
            kept.append(token)
        first = token.is_op(",")
    result[place + 2 : close] = kept


def _without_top(tokens: list[Token]) -> list[Token]:
    """SELECT TOP n … becomes SELECT … LIMIT n, at the end of that SELECT."""
    result = list(tokens)
    for index in range(len(result) - 1, 0, -1):
        if not (result[index].is_word("top") and _opens_select(result, index)):
            continue
        count = result[index + 1]
        if count.kind not in ("number", "parameter"):
            continue
        end, inner = _select_end(result, index)
        inner = inner or (index > 1 and result[index - 2].is_word("union", "except", "intersect", "minus", "all"))
        limit = rewritten(f" limit {count.text}" + (")" if inner else ""))
        result.insert(end, limit)
        del result[index : index + 2]
        if inner:
            start = index - 1
            result[start] = Token(WORD, "(" + result[start].text, result[start].low, result[start].gap, -1)
    return result


def _opens_select(tokens: list[Token], index: int) -> bool:
    return tokens[index - 1].is_word("select")


def _select_end(tokens: list[Token], index: int) -> tuple[int, bool]:
    """Where the SELECT around `index` ends, and whether a set operation makes brackets necessary there."""
    depth = 0
    for place in range(index, len(tokens)):
        token = tokens[place]
        if token.kind == OPERATOR and token.text in "([":
            depth += 1
        elif token.kind == OPERATOR and token.text in ")]":
            if depth == 0:
                return place, False
            depth -= 1
        elif depth == 0 and token.is_word("union", "except", "intersect", "minus"):
            return place, True
        elif depth == 0 and (token.kind == END or token.is_op(";")):
            return place, False
    return len(tokens) - 1, False
