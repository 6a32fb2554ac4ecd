#!/usr/bin/env bash
# sqlglot 30.30.0, from Redshift to PostgreSQL: DATEDIFF counts something else afterwards.
#
# The guess: a transpiler for both dialects keeps the meaning of DATEDIFF. Redshift counts the boundaries of the part
# between two moments: one year from 2023-12-31 to 2024-01-01 (AWS, DATEDIFF function). Seen: years and months become the
# elapsed time of AGE(), 0 here; days become seconds / 86400 rounded by the cast, so that 18 hours within one day are 1.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'sqlglot==30.30.0' 2>/dev/null
"$work/venv/bin/python" - <<'PYTHON'
import sqlglot


def translated(sql: str) -> str:
    text = sqlglot.transpile(sql, read="redshift", write="postgres")[0]
    print(sql, "\n  ->", text)
    return text


year = translated("SELECT DATEDIFF(year, a, b) FROM t")
month = translated("SELECT DATEDIFF(month, a, b) FROM t")
day = translated("SELECT DATEDIFF(day, a, b) FROM t")
assert "AGE(CAST(b AS TIMESTAMP), CAST(a AS TIMESTAMP))" in year and "DATE_TRUNC" not in year.upper()
assert "EXTRACT(month FROM AGE(" in month and "DATE_TRUNC" not in month.upper()
assert "EXTRACT(epoch FROM CAST(b AS TIMESTAMP) - CAST(a AS TIMESTAMP)) / 86400 AS BIGINT" in day
PYTHON
