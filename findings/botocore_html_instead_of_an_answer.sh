#!/usr/bin/env bash
# botocore 1.44.5: a web page with status 200 in place of the service's answer is an empty answer, or an error of no kind.
#
# The guess: what a captive portal or a proxy's page gives is a failed call, and `except (BotoCoreError, ClientError)`, the
# two roots in boto3's guide to errors, catches it. Seen: redshift-data, redshift-serverless and secretsmanager (JSON)
# return a dict without their members, as if there were nothing to list; redshift and sts (XML) raise KeyError for a page
# that is well-formed XML and botocore.parsers.ResponseParserError for any other, and neither belongs to the two roots.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'botocore==1.44.5' 2>/dev/null
cat > "$work/look.py" <<'PYTHON'
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import botocore.session
from botocore.exceptions import BotoCoreError, ClientError

PAGES = {
    "well-formed": b"<html><body><h1>Please sign in to the network</h1></body></html>",
    "HTML": b"<!doctype html><meta name=viewport><p>Please sign in to the network<br>",
}
CALLS = {
    "redshift-data": ("list_databases", {"Database": "dev"}),
    "redshift-serverless": ("list_workgroups", {}),
    "secretsmanager": ("list_secrets", {}),
    "redshift": ("describe_clusters", {}),
    "sts": ("get_caller_identity", {}),
}
page = b""


class Portal(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def called(service: str) -> str:
    client = botocore.session.Session().create_client(
        service,
        region_name="eu-central-1",
        endpoint_url=f"http://127.0.0.1:{portal.server_port}",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    )
    operation, arguments = CALLS[service]
    try:
        answer = getattr(client, operation)(**arguments)
    except (BotoCoreError, ClientError) as error:
        return f"{type(error).__name__}, caught"
    except Exception as error:
        return f"{type(error).__name__}, not caught"
    return f"answer with {sorted(set(answer) - {'ResponseMetadata'})}"


seen = {}
with ThreadingHTTPServer(("127.0.0.1", 0), Portal) as portal:
    threading.Thread(target=portal.serve_forever).start()
    for kind, page in PAGES.items():
        for service in CALLS:
            seen[kind, service] = called(service)
            print(f"{kind:12} {service:20} {seen[kind, service]}")
    portal.shutdown()
for (kind, service), what in seen.items():
    error = "KeyError, not caught" if kind == "well-formed" else "ResponseParserError, not caught"
    assert what == (error if service in ("redshift", "sts") else "answer with []"), "the behaviour has changed"
PYTHON
env -u HTTP_PROXY -u http_proxy AWS_CONFIG_FILE="$work/none" AWS_SHARED_CREDENTIALS_FILE="$work/none" \
    timeout 120 "$work/venv/bin/python" "$work/look.py"
