"""Rewrites of function calls whose syntax differs between Redshift and the engine (redshift-facts §5.1, §6.2).

Other functions are those of the engine or of the catalog (`catalog/sql/functions`).
"""

from __future__ import annotations

from collections.abc import Callable

from wharfinger_sandbox.dialect.lexer import STRING, Token, arguments, closing, render, string_value, word_set
from wharfinger_sandbox.dialect.settings import current_setting
from wharfinger_sandbox.dialect.values import Refused, leader_only, unsupported

Tokens = list[Token]
Rewriter = Callable[[Tokens, int, int], tuple[str, int]]
"""Takes tokens whose inner calls are rewritten already, and the indexes of the call's brackets.

Returns the call's new text and the index after the last token it replaces. Raises Refused.
"""


def _texts(tokens: Tokens, opening: int, close: int) -> list[str]:
    return [render(piece).strip() for piece in arguments(tokens, opening, close)]


def _plain(name: str) -> Rewriter:
    def rewrite(tokens: Tokens, opening: int, close: int) -> tuple[str, int]:
        return f"{name}({', '.join(_texts(tokens, opening, close))})", close + 1

    return rewrite


def _nvl2(tokens: Tokens, opening: int, close: int) -> tuple[str, int]:
    value, present, absent = _need(tokens, opening, close, 3)
    return f"case when ({value}) is not null then {present} else {absent} end", close + 1


def _decode(tokens: Tokens, opening: int, close: int) -> tuple[str, int]:
    """DECODE, in which NULL matches NULL."""
    pieces = _texts(tokens, opening, close)
    if len(pieces) < 3:
        raise Refused("42883", "function decode needs an expression, a search value and a result")
    value, pairs = pieces[0], pieces[1:]
    whens = [
        f"when ({value}) is not distinct from ({pairs[i]}) then {pairs[i + 1]}" for i in range(0, len(pairs) - 1, 2)
    ]
    otherwise = f" else {pairs[-1]}" if len(pairs) % 2 else ""
    return f"case {' '.join(whens)}{otherwise} end", close + 1


def _convert(tokens: Tokens, opening: int, close: int) -> tuple[str, int]:
    kind, value = _need(tokens, opening, close, 2)
    return f"cast({value} as {kind})", close + 1


def _with_datepart(name: str) -> Rewriter:
    """A function whose date part may be a bare word. In `dateadd` a literal is a timestamp without time zone."""

    def rewrite(tokens: Tokens, opening: int, close: int) -> tuple[str, int]:
        pieces = arguments(tokens, opening, close)
        if not pieces:
            raise Refused("42883", f"function {name}() does not exist")
        part, *rest = pieces
        texts = [f"'{part[0].low}'" if len(part) == 1 and part[0].is_name() else render(part).strip()]
        for piece in rest:
            lone = len(piece) == 1 and piece[0].kind == STRING and name == "dateadd"
            texts.append(render(piece).strip() + ("::timestamp" if lone else ""))
        return f"pg_catalog.{name}({', '.join(texts)})", close + 1

    return rewrite


def _need(tokens: Tokens, opening: int, close: int, count: int) -> list[str]:
    pieces = _texts(tokens, opening, close)
    if len(pieces) != count:
        raise Refused("42883", f"function {tokens[opening - 1].low} takes {count} arguments")
    return pieces


def _within_group(tokens: Tokens, after: int) -> tuple[str, int] | None:
    """The ORDER BY list of WITHIN GROUP (ORDER BY …) at `after` and the index behind it, None without one."""
    if not (tokens[after].is_word("within") and tokens[after + 1].is_word("group") and tokens[after + 2].is_op("(")):
        return None
    close = closing(tokens, after + 2)
    inside = tokens[after + 3 : close]
    if len(inside) < 3 or not (inside[0].is_word("order") and inside[1].is_word("by")):
        raise Refused("42601", 'syntax error at or near "group"')
    return render(inside[2:]).strip(), close + 1


def _listagg(tokens: Tokens, opening: int, close: int) -> tuple[str, int]:
    """LISTAGG ignores NULL and '' and returns at most 65535 bytes (redshift-facts §6.2)."""
    pieces = arguments(tokens, opening, close)
    if not pieces or len(pieces) > 2:
        raise Refused("42883", "function listagg takes an expression and a delimiter")
    distinct = pieces[0][0].is_word("distinct")
    value = render(pieces[0][1:] if distinct else pieces[0]).strip()
    delimiter = render(pieces[1]).strip() if len(pieces) == 2 else "''"
    found = _within_group(tokens, close + 1)
    order, after = found if found else ("", close + 1)
    if tokens[after].is_word("over"):
        raise unsupported("LISTAGG as a window function")
    text = f"nullif(({value})::text, '')"
    if not distinct:
        ordered = f" order by {order}" if order else ""
        return f"pg_catalog.listagg(string_agg({text}, {delimiter}{ordered}))", after
    direction = " desc" if order.lower().endswith(" desc") else ""
    if order and order.lower().removesuffix(" desc").removesuffix(" asc").strip() != value.lower():
        raise unsupported("LISTAGG DISTINCT ordered by something other than its values")
    return f"pg_catalog.listagg(string_agg(distinct {text}, {delimiter} order by {text}{direction}))", after


def _median(tokens: Tokens, opening: int, close: int) -> tuple[str, int]:
    (value,) = _need(tokens, opening, close, 1)
    if tokens[close + 1].is_word("over"):
        raise unsupported("MEDIAN as a window function")
    return f"pg_catalog.median(percentile_cont(0.5) within group (order by {value}))", close + 1


def _hll(tokens: Tokens, opening: int, close: int) -> tuple[str, int]:
    """HLL as the exact count, which is within HyperLogLog's error of about 2 % (redshift-facts §6.2)."""
    (value,) = _need(tokens, opening, close, 1)
    return f"pg_catalog.hll(count(distinct {value}))", close + 1


def _array(tokens: Tokens, opening: int, close: int) -> tuple[str, int]:
    if tokens[opening + 1].is_word("select", "with"):
        raise leader_only()
    return f"pg_catalog.array(json_build_array({', '.join(_texts(tokens, opening, close))}))", close + 1


def _object(tokens: Tokens, opening: int, close: int) -> tuple[str, int]:
    return f"pg_catalog.object(json_build_object({', '.join(_texts(tokens, opening, close))}))", close + 1


def _max_length(tokens: Tokens, opening: int, close: int) -> tuple[str, int]:
    word = "varchar" if tokens[opening - 1].low == "nvarchar" else tokens[opening - 1].text
    if close == opening + 2 and tokens[opening + 1].is_word("max"):
        return f"{word}(65535)", close + 1
    return f"{word}{render(tokens[opening : close + 1])}", close + 1


def _varbyte(tokens: Tokens, opening: int, close: int) -> tuple[str, int]:
    return f"pg_catalog.varbyte{render(tokens[opening : close + 1])}", close + 1


def _current_setting(tokens: Tokens, opening: int, close: int) -> tuple[str, int]:
    named = tokens[opening + 1].kind == STRING and tokens[opening + 2].text in (")", ",")
    known = current_setting(string_value(tokens[opening + 1]).lower()) if named else None
    return known or f"current_setting{render(tokens[opening : close + 1])}", close + 1


CALLS: dict[str, Rewriter] = {
    "nvl": _plain("coalesce"),
    "isnull": _plain("coalesce"),
    "nvl2": _nvl2,
    "decode": _decode,
    "convert": _convert,
    "dateadd": _with_datepart("dateadd"),
    "date_add": _with_datepart("dateadd"),
    "datediff": _with_datepart("datediff"),
    "date_diff": _with_datepart("datediff"),
    "date_part": _with_datepart("date_part"),
    "pgdate_part": _with_datepart("date_part"),
    "listagg": _listagg,
    "median": _median,
    "hll": _hll,
    "array": _array,
    "object": _object,
    "json_serialize": _plain("pg_catalog.json_serialize"),
    "varchar": _max_length,
    "nvarchar": _max_length,
    "varbyte": _varbyte,
    "varbinary": _varbyte,
    "current_setting": _current_setting,
}

WORDS = {"sysdate": "pg_catalog.sysdate()", "current_user_id": "pg_catalog.current_user_id()"}
"""Functions that Redshift calls without parentheses."""

MISSING = word_set(
    "string_agg array_agg corr covar_pop covar_samp width_bucket regr_avgx regr_avgy regr_count regr_intercept regr_r2"
    " regr_slope regr_sxx regr_sxy regr_syy array_append array_length unnest json_agg jsonb_agg"
    " json_object_agg jsonb_object_agg jsonb_build_object jsonb_build_array row_to_json to_json to_jsonb format"
    " concat_ws shobj_description gen_random_uuid mode xmlagg"
    " jsonb_array_elements json_array_elements string_to_array regexp_matches regexp_split_to_table"
    " regexp_split_to_array make_date make_timestamp make_interval age_in_years pg_read_file pg_ls_dir lo_import"
    " lo_export query_to_xml database_to_xml"
)
"""Functions of the engine that Redshift does not have (redshift-facts §5.3, §6.2)."""

UNSUPPORTED = word_set(
    "hll_create_sketch hll_cardinality hll_combine hll_combine_sketches func_sha1 sha1 sha checksum crc32"
    " ratio_to_report"
    " st_astext st_geomfromtext st_point st_makepoint st_x st_y st_distance h3_fromlonglat geometrytype"
    " ai_generate pg_last_copy_count pg_last_copy_id pg_last_unload_count pg_last_unload_id pg_last_query_id"
)
"""Functions of Redshift that the sandbox does not support."""
