"""The steps that make a user, drop it, or change its password or search_path. Pure."""

from __future__ import annotations

from wharfinger.access.model import User
from wharfinger.access.planning.step import PASSWORD, Step
from wharfinger.core.names import quote_ident


def new_user(database: str, user: User) -> Step:
    """CREATE USER with a password, or without one for a user that signs in with IAM."""
    if user.credentials == "password":
        why = f"user {user.name} is declared and does not exist; a password is generated and sent as its md5 digest"
        return Step(database, f"create user {quote_ident(user.name)} password {PASSWORD}", why, password_for=user.name)
    why = f"user {user.name} is declared and does not exist; it has no password and signs in with IAM"
    return Step(database, f"create user {quote_ident(user.name)} password disable", why, disables=user.name)


def new_password(database: str, user: str, why: str = "") -> Step:
    """The statement that gives an existing user a new password; the old one stops working at once."""
    sql = f"alter user {quote_ident(user)} password {PASSWORD}"
    return Step(database, sql, why or f"user {user} gets a new password", changes=True, password_for=user)


def enabled_password(database: str, user: str) -> Step:
    """A new password for a user whose password Wharfinger disabled, and who is declared to have one now."""
    return new_password(database, user, f"user {user} is declared with a password, and its password was disabled")


def disabled_password(database: str, user: str) -> Step:
    """PASSWORD DISABLE for a user that signs in with IAM; it is harmless where there is no password (§4.1.3)."""
    why = (
        f"user {user} is declared to sign in with IAM only; no view shows whether it has a password, so it is disabled"
    )
    return Step(database, f"alter user {quote_ident(user)} password disable", why, destructive=True, disables=user)


def search_path(database: str, user: User) -> Step:
    """SET or, for an empty one, RESET of a user's search_path."""
    name = quote_ident(user.name)
    if not user.search_path:
        why = f"user {user.name} declares an empty search_path"
        return Step(database, f"alter user {name} reset search_path", why, changes=True)
    path = ", ".join(quote_ident(schema) for schema in user.search_path)
    why = f"user {user.name} declares this search_path; dbt drops the one in a profile"
    return Step(database, f"alter user {name} set search_path to {path}", why, changes=True)


def drop_user(database: str, user: str) -> Step:
    """DROP USER."""
    return Step(database, f"drop user {quote_ident(user)}", f"user {user} is removed", destructive=True, drops=user)
