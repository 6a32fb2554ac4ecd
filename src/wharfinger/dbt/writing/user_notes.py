"""What the warehouse says of a profile's user, as notes: whether it exists, and whether it is a superuser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from wharfinger.connections.model import Connection
from wharfinger.core.errors import WharfingerError
from wharfinger.core.names import quote_literal
from wharfinger.core.session import Statement, Usage
from wharfinger.dbt.profiles_yml.fields import IAM, IAM_ROLE
from wharfinger.dbt.writing.model import Request
from wharfinger.dbt.writing.ports import Connections
from wharfinger.dbt.writing.target_fields import Composed


def user_notes(connections: Connections, connection: Connection, request: Request, made: Composed) -> Iterator[str]:
    """Notes on the user that dbt will sign in as; one that says why nothing is known, when the warehouse is not there.

    With iam_role that user is known only for a connection that signs in as the same identity.
    """
    by_identity = made.method == IAM_ROLE
    if by_identity and (connection.sign_in != "iam" or request.aws_profile):
        return
    user = made.user
    who = "current_user" if by_identity else quote_literal(user.lower())
    column = "usename" if by_identity else "lower(usename)"
    # Names of users are compared without case (redshift-facts §4.1.8).
    asked = Statement(f"select usename, usesuper from pg_user where {column} = {who}", label="user of the profile")
    try:
        with closing(connections.open(connection, Usage())) as session:
            rows = list(session.run(asked))
    except WharfingerError as error:
        yield (
            f"It is not known whether {user or 'the user'} exists and is a superuser, because the warehouse could not "
            f"be asked: {error.what}. A check of the profile will tell"
        )
        return
    if not rows:
        yield from _absent(connection, request, made)
    elif any(row[1] for row in rows):
        name = str(rows[0][0])
        yield (
            f"{name} is a superuser: dbt may change and drop everything in the warehouse. Make a separate user "
            "for dbt with an access spec, and make the profile again for that user"
        )


def _absent(connection: Connection, request: Request, made: Composed) -> Iterator[str]:
    if connection.target_kind == "workgroup" and made.method != "database":
        return  # a workgroup makes the user of the identity at its first sign-in (redshift-facts §2.12)
    if not request.autocreate:
        kind, otherwise = ("iam", ", or with autocreate") if made.method == IAM else ("password", "")
        yield (
            f"The warehouse has no user {made.user}, so dbt cannot sign in yet. Make it with an access spec "
            f"(credentials: {kind}){otherwise}"
        )
