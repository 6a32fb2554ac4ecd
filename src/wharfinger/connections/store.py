"""Connections in the store: one sealed column for the secrets, plain columns for everything else."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

from django.db import IntegrityError

from wharfinger.connections.model import Connection, Identity, IdentityKind, Secrets, SignIn, TargetKind
from wharfinger.connections.validation import is_name, name_taken
from wharfinger.core.counts import some
from wharfinger.core.errors import NotFound
from wharfinger.core.secret import Sealer, Secret
from wharfinger.core.suggestions import nearest
from wharfinger.core.verbs import call
from wharfinger.store.models import Connection as Row
from wharfinger.store.transactions import exclusive

_SECRETS = ("secret_access_key", "session_token", "password")


class ConnectionStore:
    """Stores connections; secrets are sealed before they are written."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def get(self, name: str) -> Connection:
        """The connection called `name`. Raises NotFound, which names those there are."""
        row = Row.objects.filter(name=name).first()
        if row is None:
            raise _no_such(name, list(Row.objects.order_by("name").values_list("name", flat=True)))
        return _value(row)

    def by_id(self, connection_id: str) -> Connection:
        """The connection with that id, whatever its name is now. Raises NotFound when it was removed."""
        row = Row.objects.filter(id=connection_id).first()
        if row is None:
            raise _removed()
        return _value(row)

    def all(self) -> Iterable[Connection]:
        """Every connection, by name."""
        return [_value(row) for row in Row.objects.order_by("name")]

    def secrets(self, connection: Connection) -> Secrets:
        """The unsealed secrets. Raises NotFound when the connection was removed, Conflict when its row was changed."""
        row = Row.objects.filter(id=connection.id).first()
        if row is None:
            raise _removed(connection)
        document = json.loads(self._sealer.open(row.id, _identity(row.id), bytes(row.sealed_secrets)))
        return Secrets(**{name: Secret(text) for name, text in document.items()})

    def add(self, connection: Connection, secrets: Secrets) -> Connection:
        """Save a new connection with sealed secrets; returns it with its id. Raises Conflict when its name is taken."""
        connection = replace(connection, id=uuid.uuid4().hex)
        clear = {name: value.reveal() for name in _SECRETS if (value := getattr(secrets, name)) is not None}
        sealed = self._sealer.seal(connection.id, _identity(connection.id), json.dumps(clear).encode())
        try:
            with exclusive():
                _row(connection, sealed).save(force_insert=True)
        except IntegrityError:
            self._sealer.forget(connection.id)
            raise name_taken(connection.name) from None
        return connection

    def mark_tested(self, connection: Connection, at: datetime, account_id: str) -> Connection:
        """Save that a test passed at `at`, and in which AWS account; an empty `account_id` leaves the last one."""
        account_id = account_id or connection.account_id
        Row.objects.filter(id=connection.id).update(tested_at=at, account_id=account_id)
        return replace(connection, tested_at=at, account_id=account_id)

    def rename(self, connection: Connection, new_name: str) -> Connection:
        """Change the name, and nothing else. Raises Conflict when the name is taken, NotFound when it was removed."""
        try:
            with exclusive():
                renamed = Row.objects.filter(id=connection.id).exclude(name=new_name).update(name=new_name)
        except IntegrityError:
            raise name_taken(new_name, "new_name") from None
        if not renamed:
            if Row.objects.filter(id=connection.id).exists():
                raise name_taken(new_name, "new_name")
            raise _removed(connection)
        return replace(connection, name=new_name)

    def remove(self, connection: Connection) -> None:
        """Remove the row and everything stored for it, then the data key: without it no copy of the store opens."""
        Row.objects.filter(id=connection.id).delete()
        self._sealer.forget(connection.id)


def _removed(connection: Connection | None = None) -> NotFound:
    return NotFound(
        "The connection does not exist any more",
        subject=connection.name if connection else "",
        why="it was removed in the meantime",
        next_step="See which connections there are",
        call=call("connection:list"),
    )


def _identity(connection_id: str) -> str:
    return f"connection:{connection_id}:secrets"


def _row(connection: Connection, sealed: bytes) -> Row:
    identity = connection.identity
    return Row(
        id=connection.id,
        name=connection.name,
        target_kind=connection.target_kind,
        target=connection.target,
        region=connection.region,
        database=connection.database,
        sign_in=connection.sign_in,
        db_user=connection.db_user,
        secret_arn=connection.secret_arn,
        host=connection.host,
        port=connection.port,
        user=connection.user,
        identity_kind=identity.kind,
        aws_profile=identity.profile,
        access_key_id=identity.access_key_id,
        role_arn=identity.role_arn,
        external_id=identity.external_id,
        endpoint_url=connection.endpoint_url,
        account_id=connection.account_id,
        sealed_secrets=sealed,
        created_at=datetime.now(UTC),
        tested_at=connection.tested_at,
    )


def _value(row: Row) -> Connection:
    return Connection(
        name=row.name,
        target_kind=cast(TargetKind, row.target_kind),
        target=row.target,
        region=row.region,
        database=row.database,
        sign_in=cast(SignIn, row.sign_in),
        db_user=row.db_user,
        secret_arn=row.secret_arn,
        host=row.host,
        port=row.port,
        user=row.user,
        identity=Identity(
            kind=cast(IdentityKind, row.identity_kind),
            profile=row.aws_profile,
            access_key_id=row.access_key_id,
            role_arn=row.role_arn,
            external_id=row.external_id,
        ),
        endpoint_url=row.endpoint_url,
        tested_at=row.tested_at,
        id=row.id,
        account_id=row.account_id,
    )


def _no_such(name: str, names: list[str]) -> NotFound:
    """The error for a name that no connection has; `names` are those that there are."""
    if not names:
        # A text that cannot be a name is not recommended as one.
        add = call("connection:add", name=name if is_name(name) else "")
        return NotFound(
            "There is no such connection", subject=name, why="none is saved yet", next_step="Add it", call=add
        )
    near = nearest(name, names)
    return NotFound(
        "There is no such connection",
        subject=name,
        why=f"there are: {some(names)}",
        next_step=f"{f'Did you mean {near}?' if near else 'Use one of these names.'} See what they connect to",
        call=call("connection:list"),
    )
