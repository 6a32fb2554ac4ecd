"""SET, RESET and SHOW of parameters.

The engine stores parameters that only Redshift has as `redshift.<name>`, so that transactions, ALTER USER and DISCARD
apply to them. They have no effect except for SHOW; `enable_case_sensitive_identifier` also changes the dialect.
"""

from __future__ import annotations

from wharfinger_sandbox.dialect.cursor import Cursor
from wharfinger_sandbox.dialect.lexer import NUMBER, STRING, string_value, word_set
from wharfinger_sandbox.dialect.names import ident, literal
from wharfinger_sandbox.dialect.values import Context, Refused, Translation, unsupported

ENGINE = word_set(
    "search_path statement_timeout datestyle timezone extra_float_digits application_name client_encoding intervalstyle"
    " client_min_messages seed session_authorization is_superuser server_version server_encoding transaction_isolation"
    " transaction_read_only lc_collate"
)
"""Parameters that the engine has under the same name and meaning."""

REDSHIFT = {
    "activate_aqua": "auto", "analyze_threshold_percent": "10", "cast_super_null_on_error": "on",
    "datashare_break_glass_session_var": "", "default_geometry_encoding": "1",
    "describe_field_name_in_uppercase": "off",
    "downcase_delimited_identifier": "on", "enable_case_sensitive_identifier": "off",
    "enable_case_sensitive_super_attribute": "off", "enable_numeric_rounding": "off",
    "enable_result_cache_for_session": "on",
    "enable_vacuum_boost": "off", "error_on_nondeterministic_update": "off",
    "interval_forbid_composite_literals": "off",
    "json_parse_dedup_attributes": "off", "json_parse_truncate_strings": "off", "json_serialization_enable": "off",
    "json_serialization_parse_nested_strings": "off", "max_concurrency_scaling_clusters": "1",
    "max_cursor_result_set_size": "0", "mv_enable_aqmv_for_session": "on", "navigate_super_null_on_error": "on",
    "parse_super_null_on_error": "off", "pg_federation_repeatable_read": "on", "query_group": "default",
    "query_statistics": "off", "recursion_depth_limit": "10000", "spectrum_enable_pseudo_columns": "on",
    "spectrum_query_maxerror": "-1", "stored_proc_log_min_messages": "log", "use_fips_ssl": "off",
    "wlm_query_slot_count": "1", "result_cache": "on", "short_circuit": "on", "autocommit": "on",
}  # fmt: skip
"""Parameters that only Redshift has, with their defaults (some are unverified)."""

_ANSWERS = {
    "server_version": "'8.0.2'",
    "is_superuser": "case when pg_catalog.pg_has_role(current_user, 'wf_superuser', 'member') then 'on' else 'off' end",
    "session_authorization": "current_user::varchar",
}
"""Parameters whose value in the engine differs from Redshift's, as SQL (version: redshift-facts §3.1)."""

_SEVERAL_WORDS = {
    "timezone": ("time", "zone"),
    "transaction_isolation": ("transaction", "isolation", "level"),
    "session_authorization": ("session", "authorization"),
}
_ALIASES = {"time_zone": "timezone", "datestyle": "datestyle"}
_ON = ("on", "true", "1", "yes", "t")


def _unknown(name: str) -> Refused:
    return Refused("42704", f'unrecognized configuration parameter "{name}"')


def _engine_name(name: str) -> str:
    if name in ENGINE:
        return name
    if name in REDSHIFT:
        return f"redshift.{name}"
    raise _unknown(name)


def _values(cursor: Cursor) -> list[str]:
    """The values after TO: folded names, numbers and texts as written."""
    found = []
    while True:
        sign = "-" if cursor.take_op("-") else ""
        if cursor.token.kind == STRING:
            found.append(string_value(cursor.next()))
        elif cursor.token.kind == NUMBER:
            found.append(sign + cursor.next().text)
        elif cursor.token.is_op("$") and cursor.peek().is_name():
            cursor.next()
            found.append("$" + cursor.name())
        else:
            found.append(cursor.name())
        if not cursor.take_op(","):
            return found


def engine_setting(cursor: Cursor, *, reset: bool = False) -> tuple[str, str | list[str]]:
    """The engine's name and the value of `parameter TO value`; with `reset` of `parameter` alone. Raises Refused."""
    name = cursor.name()
    engine = _engine_name(name)
    if reset:
        return engine, ""
    if not cursor.take("to"):
        cursor.need_op("=")
    values = _values(cursor)
    return engine, values if name == "search_path" else values[0]


def set_(sql: str, context: Context) -> Translation:
    """SET of a parameter, SET SESSION AUTHORIZATION, SET TRANSACTION, SET TIME ZONE."""
    cursor = Cursor(sql, context)
    cursor.need("set")
    scope = cursor.take_any("session", "local") if not cursor.at("session", "authorization") else ""
    if cursor.take("session", "authorization"):
        return _authorization(cursor)
    if scope == "session" and cursor.take("authorization"):
        return _authorization(cursor)
    if cursor.at("transaction") or (scope == "session" and cursor.at("characteristics")):
        return Translation(sql, tag="SET", kind="set")
    if cursor.at("role"):
        raise unsupported("SET ROLE")
    local = "local " if scope == "local" else ""
    if cursor.take("time", "zone"):
        return Translation(f"set {local}time zone {literal(_values(cursor)[0])}", tag="SET", kind="set")
    name = cursor.name()
    engine = _engine_name(name)
    if not cursor.take("to"):
        cursor.need_op("=")
    return _assigned(cursor, name, engine, local)


def _assigned(cursor: Cursor, name: str, engine: str, local: str) -> Translation:
    default = cursor.take("default")
    values = [] if default else _values(cursor)
    cursor.need_end()
    case_sensitive = None
    if name == "enable_case_sensitive_identifier":
        case_sensitive = bool(values) and values[0].lower() in _ON
    elif name == "downcase_delimited_identifier":
        case_sensitive = bool(values) and values[0].lower() not in _ON
    text = "default" if default else ", ".join(literal(value) for value in values)
    return Translation(f"set {local}{engine} to {text}", tag="SET", kind="set", case_sensitive=case_sensitive)


def _authorization(cursor: Cursor) -> Translation:
    """SET SESSION AUTHORIZATION as SET ROLE, since the engine's session is logged in as the user's role."""
    if cursor.take("default"):
        cursor.need_end()
        return Translation("reset role", tag="SET", kind="set")
    name = string_value(cursor.next()) if cursor.token.kind == STRING else cursor.user()
    cursor.need_end()
    if not cursor.context.superuser and name != cursor.context.user:
        raise Refused("42501", "permission denied to set session authorization")
    return Translation(f"set role {ident(name)}", tag="SET", kind="set")


def reset(sql: str, context: Context) -> Translation:
    """RESET parameter | ALL | SESSION AUTHORIZATION."""
    cursor = Cursor(sql, context)
    cursor.need("reset")
    if cursor.take("session", "authorization"):
        return Translation("reset role", tag="RESET", kind="set")
    if cursor.take("all"):
        return Translation("reset all", tag="RESET", kind="set", case_sensitive=False)
    name = cursor.name()
    cursor.need_end()
    case_sensitive = False if name == "enable_case_sensitive_identifier" else None
    return Translation(f"reset {_engine_name(name)}", tag="RESET", kind="set", case_sensitive=case_sensitive)


def show_parameter(cursor: Cursor) -> Translation:
    """SHOW parameter | ALL; `cursor` is after SHOW. Raises Refused for an unknown parameter."""
    if cursor.take("all"):
        rows = ", ".join(f"({literal(name)}, {_current(name)})" for name in sorted(ENGINE | REDSHIFT.keys()))
        return Translation(f"select * from (values {rows}) as parameters(name, setting)", kind="show")
    name = next((short for short, words in _SEVERAL_WORDS.items() if cursor.take(*words)), "") or cursor.name()
    cursor.need_end()
    name = _ALIASES.get(name, name)
    if name not in ENGINE and name not in REDSHIFT:
        raise _unknown(name)
    return Translation(f"select {_current(name)} as {ident(name)}", tag="SHOW", kind="show")


def current_setting(name: str) -> str | None:
    """SQL for the value of the parameter `name`, None when the engine's own current_setting() returns it."""
    return _current(name) if name in REDSHIFT or name in _ANSWERS else None


def _current(name: str) -> str:
    if name in _ANSWERS:
        return _ANSWERS[name]
    if name in REDSHIFT:
        return f"coalesce(nullif(current_setting('redshift.{name}', true), ''), {literal(REDSHIFT[name])})"
    return f"current_setting({literal(name)}, true)"
