"""Every field of a dbt-redshift target: its type, the methods that use it, and keys that dbt drops.

Source: redshift-facts §3.3 (dbt-redshift 1.11), the types from dbt's own validation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from wharfinger.core.suggestions import nearest

Kind = Literal["text", "int", "bool", "list", "mapping"]

DATABASE, IAM, IAM_ROLE = "database", "iam", "iam_role"
BROWSER, TOKEN = "browser_identity_center", "oauth_token_identity_center"
METHODS = (DATABASE, IAM, IAM_ROLE, BROWSER, TOKEN)
IDENTITY_CENTER = frozenset((BROWSER, TOKEN))
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")

ALIASES = {"pass": "password", "dbname": "database"}
"""Other names of fields, with the field. dbt refuses a target that has both."""

CONFIG = "config"
"""A key of profiles.yml that is not a profile: older versions of dbt kept their settings there."""

_EVERY = frozenset(METHODS)
_TEMPORARY = frozenset((IAM, IAM_ROLE))
_SET_OTHERWISE = frozenset(("host", "port", "database", "schema", "method", "user", "password", "type", "threads"))


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its type, whether it may be `null`, and the methods that use it.

    `tuning` fields do not decide where dbt connects and as which user; an existing value of one is not changed.
    `least` is the smallest number that dbt and its driver take.
    """

    name: str
    kind: Kind
    nullable: bool = True
    methods: frozenset[str] = _EVERY
    tuning: bool = False
    least: int | None = None

    def wrong(self, value: Any) -> str:
        """Why dbt would refuse `value`, in words that do not quote it; empty when dbt accepts it."""
        if value is None:
            return "" if self.nullable else "it is empty"
        if self.kind == "list" and isinstance(value, list):
            return "" if all(isinstance(one, str) for one in value) else "not every member is text"
        if self.kind == "mapping" and isinstance(value, dict):
            return "" if all(isinstance(one, str) for one in value.values()) else "not every value is text"
        if not _is(self.kind, value):
            return f"it is {_called(value)} where {_WORDS[self.kind]} is expected"
        if self.name == "sslmode" and value not in SSL_MODES:
            return f"it is none of {', '.join(SSL_MODES)}"
        return "" if self.least is None or value >= self.least else f"it must be {self.least} or more"

    def fits(self, value: Any) -> bool:
        """Whether `value` has the field's type, whatever else is wrong with it."""
        return value is not None and self.kind in ("text", "int", "bool") and _is(self.kind, value)


def _is(kind: Kind, value: Any) -> bool:
    if kind == "int":
        # JSON Schema accepts 5439.0 as an integer, but not true.
        return isinstance(value, int | float) and not isinstance(value, bool) and value == int(value)
    return isinstance(value, {"text": str, "bool": bool}.get(kind, ()))


_WORDS: dict[Kind, str] = {
    "text": "text",
    "int": "a whole number",
    "bool": "true or false",
    "list": "a list",
    "mapping": "a mapping",
}


def _called(value: Any) -> str:
    for kind, word in (
        (str, "text"),
        (bool, "true or false"),
        (int, "a number"),
        (float, "a number"),
        (list, "a list"),
    ):
        if isinstance(value, kind):
            return word
    return "a mapping" if isinstance(value, dict) else "something else"


def _tuning(name: str, kind: Kind, *, nullable: bool = True, least: int | None = None) -> Field:
    return Field(name, kind, nullable, tuning=True, least=least)


FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        Field("type", "text", nullable=False),
        Field("method", "text", nullable=False),
        Field("host", "text", nullable=False),
        Field("port", "int", nullable=False),
        Field("database", "text", nullable=False),
        Field("schema", "text", nullable=False),
        Field("threads", "int", nullable=False, tuning=True, least=1),
        Field("user", "text", methods=frozenset((DATABASE, IAM))),
        Field("password", "text", methods=frozenset((DATABASE,))),
        Field("cluster_id", "text", methods=_TEMPORARY),
        Field("iam_profile", "text", methods=_TEMPORARY),
        Field("region", "text"),
        Field("access_key_id", "text", methods=frozenset((IAM,))),
        Field("secret_access_key", "text", methods=frozenset((IAM,))),
        Field("autocreate", "bool", nullable=False, methods=frozenset((IAM,))),
        Field("db_groups", "list", nullable=False, methods=frozenset((IAM,))),
        Field("is_serverless", "bool"),
        Field("serverless_work_group", "text", methods=_TEMPORARY),
        Field("serverless_acct_id", "text", methods=_TEMPORARY),
        _tuning("sslmode", "text", nullable=False),
        _tuning("connect_timeout", "int", least=1),
        _tuning("retries", "int", nullable=False, least=0),
        _tuning("retry_all", "bool", nullable=False),
        _tuning("autocommit", "bool"),
        _tuning("role", "text"),
        _tuning("query_group", "text"),
        _tuning("ra3_node", "bool"),
        _tuning("datasharing", "bool"),
        _tuning("tcp_keepalive", "bool"),
        _tuning("tcp_keepalive_idle", "int", least=1),
        _tuning("tcp_keepalive_interval", "int", least=1),
        _tuning("tcp_keepalive_count", "int", least=1),
        _tuning("allow_concurrent_drops", "bool", nullable=False),
        _tuning("drop_without_cascade", "bool", nullable=False),
        Field("idc_region", "text", methods=frozenset((BROWSER,))),
        Field("issuer_url", "text", methods=frozenset((BROWSER,))),
        Field("idp_listen_port", "int", methods=frozenset((BROWSER,))),
        Field("idc_client_display_name", "text", methods=frozenset((BROWSER,))),
        Field("idp_response_timeout", "int", methods=frozenset((BROWSER,))),
        Field("token_endpoint", "mapping", methods=frozenset((TOKEN,))),
    )
}

SETTABLE = tuple(name for name, field in FIELDS.items() if field.tuning and name not in _SET_OTHERWISE)
"""Fields that a request may set by name."""

_DROPPED = {
    "search_path": "set it on the user, once for every session: ALTER USER name SET search_path TO …",
    "keepalives_idle": "write tcp_keepalive_idle: seconds; for the system default (it was 0) leave it out",
    "keepalives_interval": "write tcp_keepalive_interval: seconds",
    "keepalives_count": "write tcp_keepalive_count: number",
    "keepalives": "write tcp_keepalive: true or false",
    "timeout": "write connect_timeout: seconds; it then also bounds each query",
    "login_timeout": "write connect_timeout: seconds; it then also bounds each query",
    "statement_timeout": "set it on the user: ALTER USER name SET statement_timeout TO milliseconds",
    "iam_duration_seconds": "leave it out: dbt asks for new credentials by itself",
    "session_token": "dbt has no field for it: set AWS_SESSION_TOKEN, or name an AWS profile in iam_profile",
    "aws_session_token": "dbt has no field for it: set AWS_SESSION_TOKEN, or name an AWS profile in iam_profile",
    "role_arn": "make an AWS profile with role_arn and source_profile, and name it in iam_profile",
    "sslrootcert": "set SSL_CERT_FILE to that file where dbt runs",
    "sslcert": "leave it out: Redshift takes no client certificates",
    "sslkey": "leave it out: Redshift takes no client certificates",
    "username": "write user",
    "db_user": "write user",
    "hostname": "write host",
    "db_name": "write dbname",
    "cluster": "write cluster_id",
    "cluster_identifier": "write cluster_id",
    "workgroup": "write serverless_work_group",
    "work_group": "write serverless_work_group",
    "profile": "write iam_profile",
    "auto_create": "write autocreate",
}


def advice_for(key: str) -> str:
    """What to write instead of a key that dbt-redshift ignores without a message."""
    if key in _DROPPED:
        return _DROPPED[key]
    near = nearest(key, [*FIELDS, *ALIASES])
    return f"did you mean {near}?" if near else "leave it out"


def advice_for_setting(key: str) -> str:
    """Why a request may not set `key` by name, or what to set instead."""
    advice = advice_for(key)
    written = advice.removeprefix("write ").split(":")[0] if advice.startswith("write ") else key
    if ALIASES.get(written, written) in FIELDS and written not in SETTABLE:
        return "it follows from the other inputs, or has one of its own"
    if key in _DROPPED:
        return advice
    near = nearest(key, SETTABLE)
    return f"did you mean {near}?" if near else "dbt-redshift has no such field"
