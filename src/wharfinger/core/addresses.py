"""Loopback addresses: traffic to them never leaves this machine."""

from __future__ import annotations

from ipaddress import ip_address


def is_this_machine(host: str) -> bool:
    """Whether `host`, a name or an address, is this machine's loopback. Nothing is looked up."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
