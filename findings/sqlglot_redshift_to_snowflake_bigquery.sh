#!/usr/bin/env bash
# sqlglot 30.30.0, from Redshift to Snowflake and BigQuery: other values without an error.
#
# The guess: a function that stays has the same meaning there, and one that is replaced keeps its meaning. Redshift: LOG is
# base 10, GREATEST ignores NULL, DATE_TRUNC of a week gives its Monday (AWS, pages of these functions). Seen: LOG becomes
# LN in Snowflake, e instead of 10; TO_HEX becomes TO_CHAR, a decimal text; GREATEST, rewritten for Snowflake, stays for
# BigQuery, where any NULL gives NULL; the week becomes BigQuery's WEEK, which begins on Sunday.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'sqlglot==30.30.0' 2>/dev/null
"$work/venv/bin/python" - <<'PYTHON'
import sqlglot


def translated(sql: str, dialect: str) -> str:
    text = sqlglot.transpile(sql, read="redshift", write=dialect)[0]
    print(f"{sql}\n  -> {dialect}: {text}")
    return text


assert translated("SELECT LOG(a) FROM t", "snowflake") == "SELECT LN(a) FROM t"
assert translated("SELECT TO_HEX(a) FROM t", "snowflake") == "SELECT TO_CHAR(a) FROM t"
assert translated("SELECT GREATEST(a, b) FROM t", "snowflake") == "SELECT GREATEST_IGNORE_NULLS(a, b) FROM t"
assert translated("SELECT GREATEST(a, b) FROM t", "bigquery") == "SELECT GREATEST(a, b) FROM t"
assert translated("SELECT DATE_TRUNC('week', d) FROM t", "bigquery") == "SELECT TIMESTAMP_TRUNC(d, WEEK) FROM t"
PYTHON
