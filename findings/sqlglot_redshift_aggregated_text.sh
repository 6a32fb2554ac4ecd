#!/usr/bin/env bash
# sqlglot 30.30.0, from Redshift to PostgreSQL: LISTAGG becomes SQL that PostgreSQL refuses, CONCAT forgets NULL.
#
# The guess: LISTAGG(x, ',') WITHIN GROUP (ORDER BY y) becomes STRING_AGG(x, ',' ORDER BY y), and CONCAT(a, b), which is
# NULL in Redshift when either is (AWS, CONCAT function), becomes a || b. Seen: STRING_AGG ... WITHIN GROUP, which
# PostgreSQL does not have for STRING_AGG; with DISTINCT the delimiter is drawn into a row of the aggregated value; and
# CONCAT stays CONCAT, which skips NULLs in PostgreSQL and so gives another text without any error.
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


assert translated("SELECT LISTAGG(x, ',') WITHIN GROUP (ORDER BY y) FROM t") == (
    "SELECT STRING_AGG(x, ',') WITHIN GROUP (ORDER BY y) FROM t"
)
assert "ELSE (x, ',') END" in translated("SELECT LISTAGG(DISTINCT x, ',') WITHIN GROUP (ORDER BY x) FROM t")
assert translated("SELECT CONCAT(a, b) FROM t") == "SELECT CONCAT(a, b) FROM t"
PYTHON
