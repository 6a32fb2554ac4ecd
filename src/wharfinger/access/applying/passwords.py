"""Passwords for database users: generated to Redshift's rules, sent as digests."""

from __future__ import annotations

import hashlib
import secrets
import string

from wharfinger.core.secret import Secret

LENGTH = 32
"""Characters; Redshift takes 8 to 64 (redshift-facts §4.1)."""

_ALPHABET = string.ascii_letters + string.digits + "-_.~"


def generate() -> Secret:
    """A random password: printable ASCII with at least one upper case letter, one lower case letter and one digit."""
    while True:
        text = "".join(secrets.choice(_ALPHABET) for _ in range(LENGTH))
        if any(map(str.isupper, text)) and any(map(str.islower, text)) and any(map(str.isdigit, text)):
            return Secret(text)


def digest(password: Secret, user: str) -> str:
    """`md5` and the MD5 of password and user name, which CREATE USER and ALTER USER accept instead of clear text.

    So no statement, log or query history contains the clear text. A later RENAME may clear it (redshift-facts
    §4.1); sha256 digests are not used, because their formula has no source yet.
    """
    return "md5" + hashlib.md5((password.reveal() + user).encode()).hexdigest()  # noqa: S324 - Redshift asks for it
