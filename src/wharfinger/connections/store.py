"""Connections in the store: clear columns for what is no secret, one sealed column for the rest."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

from django.db import IntegrityError, transaction

from wharfinger.connections.model import Connection, Identity, IdentityKind, Secrets, SignIn, TargetKind, name_taken
from wharfinger.core.errors import NotFound
from wharfinger.core.secret import Sealer, Secret
from wharfinger.core.verbs import call
from wharfinger.store.models import Connection as Row

_SECRETS = ("secret_access_key", "session_token", "password")


class ConnectionStore:
    """Keeps connections in the encrypted store; secrets are sealed before they get there."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def get(self, name: str) -> Connection:
        """The connection called `name`. Raises NotFound, naming those there are."""
        row = Row.objects.filter(name=name).first()
        if row is None:
            names = list(Row.objects.values_list("name", flat=True)[:10])
            raise NotFound(
                "There is no such connection",
                subject=name,
                why=f"there are: {', '.join(names)}" if names else "none is saved yet",
                next_step="See `wharfinger connection list`, or add it with `wharfinger connection add`",
            )
        return _value(row)

    def by_id(self, connection_id: str) -> Connection:
        """The connection with that id, whatever its name is now. Raises NotFound when it was removed."""
        row = Row.objects.filter(id=connection_id).first()
        if row is None:
            raise NotFound(
                "The connection is gone",
                why="it was removed after the work was planned",
                next_step="See which connections there are",
                call=call("connection:list"),
            )
        return _value(row)

    def all(self) -> Iterable[Connection]:
        """Every connection, by name."""
        return [_value(row) for row in Row.objects.order_by("name")]

    def secrets(self, connection: Connection) -> Secrets:
        """The sealed half, opened. Raises NotFound when the connection is gone, Conflict when it was tampered with."""
        row = Row.objects.filter(id=connection.id).first()
        if row is None:
            raise NotFound(
                "There is no such connection",
                subject=connection.name,
                why="it was removed a moment ago",
                next_step="See `wharfinger connection list`",
            )
        document = json.loads(self._sealer.open(row.id, _identity(row.id), bytes(row.sealed_secrets)))
        return Secrets(**{name: Secret(text) for name, text in document.items()})

    def add(self, connection: Connection, secrets: Secrets) -> Connection:
        """Save a new connection with sealed secrets; answers it with its id. Raises Conflict when the name is taken."""
        connection = replace(connection, id=uuid.uuid4().hex)
        clear = {name: value.reveal() for name in _SECRETS if (value := getattr(secrets, name)) is not None}
        sealed = self._sealer.seal(connection.id, _identity(connection.id), json.dumps(clear).encode())
        try:
            with transaction.atomic():
                _row(connection, sealed).save(force_insert=True)
        except IntegrityError:
            self._sealer.forget(connection.id)
            raise name_taken(connection.name) from None
        return connection

    def mark_tested(self, connection: Connection, at: datetime, account_id: str) -> Connection:
        """Keep that a test passed at `at`, and in which AWS account (empty: what was known stays)."""
        account_id = account_id or connection.account_id
        Row.objects.filter(id=connection.id).update(tested_at=at, account_id=account_id)
        return replace(connection, tested_at=at, account_id=account_id)

    def remove(self, connection: Connection) -> None:
        """Remove the row with all that hangs on it, then the data key: copies of the store are of no use either."""
        Row.objects.filter(id=connection.id).delete()
        self._sealer.forget(connection.id)


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
