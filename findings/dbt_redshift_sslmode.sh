#!/usr/bin/env bash
# dbt-redshift 1.11.1: `sslmode: prefer` and `sslmode: require` verify the server's certificate.
#
# The guess, from libpq and dbt-postgres: `prefer` (the default) falls back to no TLS, `require` encrypts without looking
# at the certificate. Seen: every value but `disable` and `verify-full` becomes verify-ca, so a warehouse behind a private
# CA or a TLS-inspecting proxy fails with the default profile, and no value encrypts without verification.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'dbt-core==1.11.16' 'dbt-redshift==1.11.1' 2>/dev/null
"$work/venv/bin/python" - <<'PYTHON'
from dbt.adapters.redshift.connections import RedshiftSSLConfig

seen = {}
for word in ("disable", "allow", "prefer", "require", "verify-ca", "verify-full"):
    config = RedshiftSSLConfig.parse(word)
    seen[word] = (config.ssl, config.sslmode.value if config.sslmode else None)
    print(f"{word:12} tls={config.ssl!s:5} mode={seen[word][1]}")
assert seen == {
    "disable": (False, None),
    "allow": (True, "verify-ca"),
    "prefer": (True, "verify-ca"),
    "require": (True, "verify-ca"),
    "verify-ca": (True, "verify-ca"),
    "verify-full": (True, "verify-full"),
}, "the behaviour has changed"
PYTHON
