#!/usr/bin/env bash
# redshift_connector 2.1.17 and 2.2.0: an address of IPv6 is no address for the driver, though Redshift offers dual stack.
#
# The guess: a driver asks for all addresses of a host and tries them in turn, as libpq and JDBC do, and a cluster with
# `IpAddressType="dualstack"` (in the service model of botocore 1.44.5) can be reached from a network with IPv6 only. Seen:
# it asks for addresses of IPv4 and opens a socket of IPv4 before anything else, so a host that has only the other kind
# fails as a name that cannot be resolved: the message sends the reader to DNS, where all is well.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat > "$work/look.py" <<'PYTHON'
import socket

import botocore.session
import redshift_connector

asked = []
real = socket.getaddrinfo


def listening(*arguments: object, **options: object) -> object:
    asked.append(options.get("family"))
    return real(*arguments, **options)


socket.getaddrinfo = listening
try:
    redshift_connector.connect(host="::1", port=5439, database="dev", user="u", password="p")
    seen = "connected"
except Exception as error:
    seen = f"{type(error).__name__}: {error}"
print(f"redshift_connector {redshift_connector.__version__}, host ::1: {seen}")
assert asked == [socket.AF_INET] and "gaierror" in seen, "the behaviour has changed"
assert "::1" in {address[4][0] for address in real("::1", 5439)}, "the resolver itself knows the address"
model = botocore.session.Session().get_service_model("redshift")
assert "IpAddressType" in model.operation_model("CreateCluster").input_shape.members
PYTHON
for version in 2.1.17 2.2.0; do
    python3 -m venv "$work/$version"
    "$work/$version/bin/pip" install --quiet --disable-pip-version-check \
        "redshift_connector==$version" 'botocore==1.44.5' 2>/dev/null
    timeout 60 "$work/$version/bin/python" -W ignore "$work/look.py"
done
