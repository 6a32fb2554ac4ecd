#!/usr/bin/env bash
# SQLAlchemy 2.1.9 and 2.0.58: with a connection of another driver from `creator=`, the driver's errors come out unwrapped.
#
# The guess: `creator=` only says how to connect, and whatever the driver raises arrives as sqlalchemy.exc.IntegrityError,
# OperationalError and so on. Seen with sqlcipher3 behind "sqlite://": an error is wrapped when it is an instance of the
# Error of the module that the dialect loaded, here sqlite3; sqlcipher3 has classes of its own, so `except
# sqlalchemy.exc.DBAPIError` misses them all. Passing `module=sqlcipher3.dbapi2` as well wraps them.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat > "$work/look.py" <<'PYTHON'
import sqlalchemy
import sqlcipher3.dbapi2
from sqlalchemy import create_engine, text


def raised(**options: object) -> str:
    """The class of the error for a second row with the same key."""
    engine = create_engine("sqlite://", creator=lambda: sqlcipher3.dbapi2.connect(":memory:"), **options)
    try:
        with engine.begin() as line:
            line.execute(text("CREATE TABLE t (a INTEGER PRIMARY KEY)"))
            line.execute(text("INSERT INTO t VALUES (1)"))
            line.execute(text("INSERT INTO t VALUES (1)"))
    except Exception as error:
        return f"{type(error).__module__}.{type(error).__name__}"
    return "nothing"


alone, named = raised(), raised(module=sqlcipher3.dbapi2)
print(f"SQLAlchemy {sqlalchemy.__version__}: creator alone {alone}, with module= {named}")
assert alone == "sqlcipher3.dbapi2.IntegrityError", "the behaviour has changed"
assert named == "sqlalchemy.exc.IntegrityError", "the behaviour has changed"
PYTHON
for version in 2.1.9 2.0.58; do
    python3 -m venv "$work/$version"
    "$work/$version/bin/pip" install --quiet --disable-pip-version-check "SQLAlchemy==$version" 'sqlcipher3==0.6.4' 2>/dev/null
    "$work/$version/bin/python" "$work/look.py"
done
