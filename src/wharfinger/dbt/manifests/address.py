"""Addresses of manifests: s3://… and https://…; which are allowed, and how they may be shown. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from wharfinger.core.addresses import is_this_machine
from wharfinger.core.errors import Invalid

_REMOTE = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def is_remote(text: str) -> bool:
    """Whether `text` is an address and not a path."""
    return _REMOTE.match(text) is not None


def without_secrets(address: str) -> str:
    """An address as it may be shown: without its query, which may hold a signature, and without user and password."""
    return re.sub(r"//[^/@]*@", "//", address.split("?")[0].split("#")[0])


def check_address(text: str) -> None:
    """Raises Invalid unless `text` is an address of s3 or https, or of http on this machine, without a password."""
    try:
        address = urlsplit(text)
        host, _ = address.hostname or "", address.port
    except ValueError:
        raise _invalid("Not an address", text, next_step="Write the whole address: https://…") from None
    if address.scheme not in ("s3", "https", "http"):
        raise _invalid(
            "Manifests are not read from there",
            text,
            why=f"{address.scheme}: is neither s3 nor https, nor http to this machine",
            next_step="Download the manifest, and give the file's path",
        )
    if address.username is not None or address.password is not None:
        raise _invalid(
            "A password in an address is not accepted",
            text,
            why="other users can see arguments, and the address is stored",
            next_step="Download the manifest, and give the file's path",
        )
    if not host or address.path in ("", "/") or (address.scheme == "s3" and text.endswith("/")):
        raise _invalid(
            "The address names no manifest",
            text,
            next_step="Write the whole address: s3://bucket/path/manifest.json or https://host/path/manifest.json",
        )
    if address.scheme == "http" and not is_this_machine(host):
        raise _invalid(
            "A manifest is not fetched without TLS",
            text,
            why="it could be changed on the way; http is for this machine only",
            next_step="Use https",
        )


def _invalid(what: str, text: str, *, why: str = "", next_step: str) -> Invalid:
    return Invalid(what, subject=without_secrets(text), why=why, next_step=next_step, fields=("manifest",))
