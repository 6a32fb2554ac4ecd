"""Logins to the database, and the reasons for which one is refused."""

from __future__ import annotations

from dataclasses import dataclass

# Databases of PostgreSQL that a warehouse does not have.
HIDDEN_DATABASES = ("template0", "template1")


@dataclass(frozen=True)
class Login:
    """One successful login of the Redshift user `user`, whose statements run as the engine's role `role`.

    `groups` are the groups joined for this session only (DbGroups of GetClusterCredentials, redshift-facts §2).
    `case_sensitive` is the user's own setting of `enable_case_sensitive_identifier`. `connection_limit` is None
    without a limit. A connection is closed after `session_timeout` idle seconds, None for never.
    """

    user: str
    role: str
    superuser: bool
    groups: tuple[str, ...] = ()
    case_sensitive: bool = False
    connection_limit: int | None = None
    session_timeout: int | None = None


class LoginRefused(Exception):
    """The database refused a login; `text` starts with `FATAL: `, `sqlstate` is Redshift's."""

    def __init__(self, text: str, sqlstate: str = "28000") -> None:
        super().__init__(text)
        self.text = text
        self.sqlstate = sqlstate


def wrong_password(user: str) -> LoginRefused:
    """The one refusal for a wrong or expired password, a missing user and PASSWORD DISABLE (redshift-facts §7.18)."""
    return LoginRefused(f'FATAL: password authentication failed for user "{user}"', "28000")


def tls_required(host: str, user: str, database: str) -> LoginRefused:
    """The refusal of a connection without TLS from a user who needs it (redshift-facts §7.20)."""
    text = f'FATAL: no pg_hba.conf entry for host "::ffff:{host}", user "{user}", database "{database}", SSL off'
    return LoginRefused(text, "28000")


def hidden_database(name: str) -> LoginRefused:
    """The refusal of a login to one of HIDDEN_DATABASES."""
    return LoginRefused(f'FATAL: database "{name}" is not currently accepting connections', "55000")
