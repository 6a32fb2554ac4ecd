#!/usr/bin/env bash
# redshift_connector 2.1.17 and 2.2.0: `sslmode="disable"` does not turn TLS off.
#
# The guess, from libpq, psycopg and JDBC: the word is one of the modes, and the first message is the plain StartupMessage.
# Seen: only verify-ca and verify-full are known; another word is ignored without a message, and the driver still sends
# SSLRequest. Only `ssl=False` turns TLS off.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat > "$work/look.py" <<'PYTHON'
import socket
import struct
import threading
import warnings

import redshift_connector

SSL_REQUEST = 80877103


def first_code(**options: object) -> int:
    """The code in the first message that the driver sends to a server of our own, which then hangs up."""
    seen: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            line, _ = server.accept()
            with line:
                seen.append(struct.unpack("!ii", line.recv(8, socket.MSG_WAITALL))[1])

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            redshift_connector.connect(
                host="127.0.0.1", port=server.getsockname()[1], database="dev", user="u", password="p", **options
            )
        except Exception as error:
            print(f"{options}: {type(error).__name__}, first code {seen[0]}")
        thread.join()
    return seen[0]


warnings.simplefilter("ignore")
print("redshift_connector", redshift_connector.__version__)
assert first_code(sslmode="disable") == SSL_REQUEST, "the behaviour has changed"
assert first_code(ssl=False) == 196608, "the behaviour has changed"
PYTHON
for version in 2.1.17 2.2.0; do
    python3 -m venv "$work/$version"
    "$work/$version/bin/pip" install --quiet --disable-pip-version-check "redshift_connector==$version" 2>/dev/null
    "$work/$version/bin/python" "$work/look.py"
done
