"""The stored forms of passwords in Redshift and how each is checked (redshift-facts §4.1)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field


@dataclass(frozen=True)
class StoredPassword:
    """A password as the catalog stores it.

    Kind `md5`: `md5` and the hex digest of password and user name. Kind `sha256`: `digest|salt`. With any other kind
    no password logs in.
    """

    kind: str
    digest: str = field(repr=False)


def matches(stored: StoredPassword, user: str, password: str) -> bool:
    """True when `password` is the stored password of `user`."""
    if stored.kind == "md5":
        return hmac.compare_digest(stored.digest, md5(user, password))
    if stored.kind == "sha256":
        digest, _, salt = stored.digest.partition("|")
        return hmac.compare_digest(f"{digest.lower()}|{salt}", sha256(password, salt))
    return False


def md5(user: str, password: str) -> str:
    """The default stored form in PostgreSQL and Redshift: `md5` and the hex digest of password and user name."""
    # Redshift prescribes this form.
    return "md5" + hashlib.md5((password + user).encode(), usedforsecurity=False).hexdigest()


def sha256(password: str, salt: str) -> str:
    """The stored form of a password given as `sha256|…`: `digest|salt`."""
    return hashlib.sha256((password + salt).encode()).hexdigest() + "|" + salt


def answers_md5(stored: StoredPassword, answer: str, salt: bytes) -> bool:
    """True when `answer` is the correct response to PostgreSQL's MD5 authentication request with `salt`."""
    inner = stored.digest.removeprefix("md5")
    expected = "md5" + hashlib.md5(inner.encode() + salt, usedforsecurity=False).hexdigest()
    return stored.kind == "md5" and hmac.compare_digest(expected, answer)
