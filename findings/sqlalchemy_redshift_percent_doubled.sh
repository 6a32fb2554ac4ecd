#!/usr/bin/env bash
# sqlalchemy-redshift 1.0.0 with redshift_connector 2.2.0: '100%' in a statement reaches the server as '100%%'.
#
# The guess, from psycopg2: SQLAlchemy doubles each % because the driver reads the statement as a format, and the driver
# halves it again, so that the server sees what was written. Seen: redshift_connector halves %% outside quotes only and
# passes a literal on as it stands. LIKE 'a%%' still finds the same rows, but = '100%' compares with another text and
# finds none, without an error. A bound value is sent as it is.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check \
    'sqlalchemy-redshift==1.0.0' 'SQLAlchemy==2.0.58' 'redshift_connector==2.2.0' 2>/dev/null
"$work/venv/bin/python" -W ignore - <<'PYTHON'
from redshift_connector.core import convert_paramstyle
from sqlalchemy import column, literal_column, select, table, text
from sqlalchemy.engine import make_url

dialect = make_url("redshift+redshift_connector://user@host/dev").get_dialect()()
offers = table("offers", column("cut"))


def sent(statement) -> str:
    """What the driver sends for the text that the dialect hands it."""
    compiled = str(statement.compile(dialect=dialect))
    out = " ".join(convert_paramstyle(dialect.paramstyle, compiled)[0].split())
    print(out)
    return out


select_offers = "SELECT offers.cut FROM offers WHERE offers.cut = "
assert sent(text(select_offers + "'100%'")) == select_offers + "'100%%'", "the behaviour has changed"
assert sent(select(offers).where(offers.c.cut == literal_column("'100%'"))) == select_offers + "'100%%'"
assert sent(select(offers).where(offers.c.cut == "100%")) == select_offers + "$1"
assert sent(text("SELECT 7 % 2")) == "SELECT 7 % 2", "outside quotes the sign is halved again"
PYTHON
