"""The kinds of password Redshift keeps, and how each is checked (redshift-facts §4.1)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field


@dataclass(frozen=True)
class StoredPassword:
    """A kept password: `md5` with `md5<hex>` of password and user, or `sha256` with `digest|salt`."""

    kind: str
    digest: str = field(repr=False)


def matches(stored: StoredPassword, user: str, password: str) -> bool:
    """True when `password` is the kept one of `user`; never for a kind that logs nobody in."""
    if stored.kind == "md5":
        return hmac.compare_digest(stored.digest, md5(user, password))
    if stored.kind == "sha256":
        digest, _, salt = stored.digest.partition("|")
        return hmac.compare_digest(f"{digest.lower()}|{salt}", sha256(password, salt))
    return False


def md5(user: str, password: str) -> str:
    """How PostgreSQL and Redshift keep a password by default: `md5` and the digest of password and user name."""
    # Not our choice: the form is Redshift's.
    return "md5" + hashlib.md5((password + user).encode(), usedforsecurity=False).hexdigest()


def sha256(password: str, salt: str) -> str:
    """How a password given as `sha256|…` is kept: the digest of password and salt, and the salt."""
    return hashlib.sha256((password + salt).encode()).hexdigest() + "|" + salt


def answers_md5(stored: StoredPassword, answer: str, salt: bytes) -> bool:
    """True when `answer` is what a client that knows the password sends to a request for MD5 with `salt`."""
    inner = stored.digest.removeprefix("md5")
    expected = "md5" + hashlib.md5(inner.encode() + salt, usedforsecurity=False).hexdigest()
    return stored.kind == "md5" and hmac.compare_digest(expected, answer)
