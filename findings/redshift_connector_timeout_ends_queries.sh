#!/usr/bin/env bash
# redshift_connector 2.1.17 and 2.2.0: `timeout`, described as the time to connect, also ends every later wait for a query.
#
# The guess, from the driver's documentation ("the number of seconds before the connection to the server will timeout") and
# from libpq's connect_timeout: once connected, a query may take as long as it needs. Seen: the value is set on the socket
# and never lifted, so a query whose first byte takes longer ends in TimeoutError. dbt-redshift 1.11 passes its
# `connect_timeout` on as this value.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat > "$work/look.py" <<'PYTHON'
import socket
import struct
import threading

import redshift_connector


def message(code: bytes, body: bytes) -> bytes:
    return code + struct.pack("!i", len(body) + 4) + body


def serve(server: socket.socket, ended: threading.Event) -> None:
    """Let one client in, read what it asks for, answer nothing, and see it go."""
    line, _ = server.accept()
    with line:
        (length,) = struct.unpack("!i", line.recv(4, socket.MSG_WAITALL))
        line.recv(length - 4, socket.MSG_WAITALL)
        status = message(b"S", b"server_version\x008.0.2\x00") + message(b"S", b"client_encoding\x00utf8\x00")
        line.sendall(message(b"R", struct.pack("!i", 0)) + status + message(b"Z", b"I"))
        while line.recv(4096):
            pass
    ended.set()


print("redshift_connector", redshift_connector.__version__)
ended = threading.Event()
with socket.create_server(("127.0.0.1", 0)) as server:
    threading.Thread(target=serve, args=(server, ended), daemon=True).start()
    connection = redshift_connector.connect(
        host="127.0.0.1", port=server.getsockname()[1], database="dev", user="u", password="p", ssl=False, timeout=2
    )
    print("connected, the socket still has", connection._usock.gettimeout(), "seconds")
    try:
        connection.cursor().execute("SELECT a FROM a_slow_view")
        seen = "an answer"
    except Exception as error:
        seen = f"{type(error).__name__}: {error}"
    connection._usock.shutdown(socket.SHUT_RDWR)
    ended.wait(30)
print("a query that takes longer:", seen)
assert "timed out" in seen, "the behaviour has changed"
PYTHON
for version in 2.1.17 2.2.0; do
    python3 -m venv "$work/$version"
    "$work/$version/bin/pip" install --quiet --disable-pip-version-check "redshift_connector==$version" 2>/dev/null
    timeout 60 "$work/$version/bin/python" -W ignore "$work/look.py"
done
