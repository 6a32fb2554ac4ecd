#!/usr/bin/env bash
# sqlglot 30.30.0, from Redshift to Redshift: ADD_MONTHS gives another day afterwards, TEXT another width.
#
# The guess: reading and writing the same dialect, as formatters and linters do, changes the layout and never the meaning.
# Redshift's ADD_MONTHS keeps the last day of a month the last day, 2008-04-30 becomes 2008-05-31 (AWS, ADD_MONTHS
# function), DATEADD keeps the day's number; a TEXT column is VARCHAR(256) (AWS, Character types). Seen: ADD_MONTHS becomes
# DATEADD, and TEXT becomes VARCHAR(MAX), which is 65,535 bytes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'sqlglot==30.30.0' 2>/dev/null
"$work/venv/bin/python" - <<'PYTHON'
import sqlglot


def written(sql: str) -> str:
    text = sqlglot.transpile(sql, read="redshift", write="redshift")[0]
    print(sql, "\n  ->", text)
    return text


assert written("SELECT ADD_MONTHS('2008-04-30', 1)") == "SELECT DATEADD(MONTH, 1, '2008-04-30')"
assert written("CREATE TABLE t (a TEXT)") == "CREATE TABLE t (a VARCHAR(MAX))"
PYTHON
