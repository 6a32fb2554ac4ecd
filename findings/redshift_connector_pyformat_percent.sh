#!/usr/bin/env bash
# redshift_connector 2.1.17 and 2.2.0: a modulo, written %%, breaks the named parameters of a statement.
#
# The guess, from psycopg2: in the style `pyformat` a statement may hold both %% and %(name)s. Seen: the first % that opens
# no name switches the rest of the statement to the style `format`. A %(name)s after it is refused with the advice to use
# %% as was done; one before it becomes $1, but then the dict is passed on whole instead of as values by name.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat > "$work/look.py" <<'PYTHON'
import redshift_connector
from redshift_connector.core import convert_paramstyle


def converted(style: str, statement: str) -> str:
    try:
        seen = convert_paramstyle(style, statement)[0]
    except Exception as error:
        seen = f"{type(error).__name__}: {error}"
    print(f"{style:9} {statement:40} -> {seen}")
    return seen


print("redshift_connector", redshift_connector.__version__, "default style", redshift_connector.paramstyle)
assert converted("pyformat", "SELECT a FROM t WHERE b = %(b)s") == "SELECT a FROM t WHERE b = $1"
assert "Only %s and %% are supported" in converted(
    "pyformat", "SELECT a %% 2 FROM t WHERE b = %(b)s"
), "the behaviour has changed"
assert converted("pyformat", "SELECT a %% 2 FROM t WHERE b = %s") == "SELECT a % 2 FROM t WHERE b = $1"
late = "SELECT a FROM t WHERE b = %(b)s AND a %% 2 = 0"
assert converted("pyformat", late) == "SELECT a FROM t WHERE b = $1 AND a % 2 = 0"
values = {"b": "x", "unused": "y"}
assert convert_paramstyle("pyformat", late)[1](values) is values, "the dict is no longer turned into values by name"
PYTHON
for version in 2.1.17 2.2.0; do
    python3 -m venv "$work/$version"
    "$work/$version/bin/pip" install --quiet --disable-pip-version-check "redshift_connector==$version" 2>/dev/null
    timeout 60 "$work/$version/bin/python" "$work/look.py"
done
