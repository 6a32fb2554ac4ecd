"""What only Redshift's leader node has: catalog tables and functions (redshift-facts §5.1, §6.3)."""

from __future__ import annotations

from itertools import pairwise

from wharfinger_sandbox.dialect.lexer import Token, rewritten, word_set
from wharfinger_sandbox.dialect.names import ident
from wharfinger_sandbox.dialect.relations import relations
from wharfinger_sandbox.dialect.values import Refused, leader_only

LEADER_RELATIONS = {
    "pg_class": "wf_class", "pg_attribute": "wf_attribute", "pg_namespace": "wf_namespace", "pg_attrdef": "wf_attrdef",
    "pg_constraint": "wf_constraint", "pg_database": "wf_database", "pg_proc": "wf_proc", "pg_views": "wf_views",
    "pg_tables": "wf_tables", "pg_index": "wf_index",
}  # fmt: skip
"""Catalog tables, and the views that show them as Redshift's leader node does."""

INFORMATION_SCHEMA = {"tables", "columns", "views"}

LEADER_ONLY = word_set(
    "current_schema current_schemas has_table_privilege has_schema_privilege has_database_privilege now"
    " current_timestamp current_time localtime localtimestamp age isfinite to_ascii get_bit get_byte set_bit set_byte"
    " generate_series array_to_string obj_description col_description"
)
"""Functions of the leader node, which fail on user tables and system views (redshift-facts §4.5, §6.3).

The last three are documented as unsupported, but SQLAlchemy's dialect uses them on every cluster.
"""

TABLE_ONLY = word_set("listagg median percentile_cont percentile_disc")


def is_leader(name: tuple[str, ...]) -> bool:
    """Whether a relation is on the leader node: PG_* and information_schema (redshift-facts §5.1), and
    SVV_EXTERNAL_*, which the drivers join to PG_*."""
    if len(name) > 1 and name[-2] not in ("pg_catalog", "information_schema"):
        return False
    return (len(name) > 1 and name[-2] == "information_schema") or name[-1].startswith(("pg_", "svv_external_"))


def refuse_mixtures(tokens: list[Token], words: set[str], called: set[str]) -> None:
    """Raise Refused for a leader-node function on a user's table, or a table-only function without one.

    `words` are the unquoted words of `tokens`, `called` those that are called as functions.
    """
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
    """Whether `token` begins an array, `array[…]` or `type[]`, which only the leader node has (redshift-facts §6.1)."""
    return (after.is_op("[") and token.is_word("array")) or (token.is_op("[") and after.is_op("]"))


def with_leader_views(tokens: list[Token]) -> list[Token]:
    """The tokens with catalog tables replaced by the views of LEADER_RELATIONS; names in other schemas are kept."""
    result: list[Token] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        dotted = bool(result) and result[-1].is_op(".")
        if token.is_name() and token.low == "information_schema" and not dotted and tokens[index + 1].is_op("."):
            target = tokens[index + 2]
            if target.is_name() and target.low in INFORMATION_SCHEMA and tokens[index + 3].is_op("."):
                # The full name of a column: the view has the table's name as its alias.
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
    """Whether the next token is a relation, not the qualifier of a column, which keeps the name as an alias."""
    before = result[-1] if result else None
    return before is not None and (before.is_word("from", "join") or before.is_op(",") or before.is_op("("))


def _aliased(tokens: list[Token], index: int, result: list[Token], name: str) -> int:
    """Add the table's name as an alias of the view, unless it has one, so that qualified columns are found."""
    after = tokens[index]
    if not (after.is_word("as") or (after.is_name() and not after.is_word(*_NO_ALIAS))):
        result.append(rewritten(f" as {ident(name)}"))
    return index


_NO_ALIAS = (
    "where", "join", "inner", "left", "right", "full", "cross", "natural", "on", "using", "group", "order", "having",
    "limit", "offset", "union", "except", "intersect", "minus", "fetch", "for", "window", "qualify",
)  # fmt: skip
