"""Opens sessions: over the Data API for sign-ins through AWS, over the wire protocol for passwords."""

from __future__ import annotations

from dataclasses import replace

from wharfinger.adapters.aws.calls import AwsCalls, Backoff
from wharfinger.adapters.aws.clients import Aws, AwsPool, AwsSource
from wharfinger.adapters.aws.discovery import ControlPlane, place_of
from wharfinger.adapters.aws.limiter import Limiter, Limiters
from wharfinger.adapters.redshift.data_api.session import DataApiSession
from wharfinger.adapters.redshift.data_api.statements import entrance_of
from wharfinger.adapters.redshift.wire.pool import ConnectionPool
from wharfinger.adapters.redshift.wire.session import WireSession
from wharfinger.connections.model import Connection, Secrets
from wharfinger.core.errors import WharfingerError
from wharfinger.core.session import Session, Usage

STATEMENT_SECONDS = 3600.0
"""How long one statement may take before we cancel it; the Data API itself cancels it after a day."""


class SessionOpener:
    """Opens sessions for the whole process: clients, assumed roles and limiters are shared. Thread-safe.

    `control_plane` uses the same clients.
    """

    def __init__(
        self,
        pool: AwsPool | None = None,
        limiters: Limiters | None = None,
        backoff: Backoff | None = None,
        *,
        statement_seconds: float = STATEMENT_SECONDS,
    ) -> None:
        self._pool = pool or AwsPool()
        self._limiters = limiters or Limiters()
        self._backoff = backoff or Backoff()
        self._seconds = statement_seconds
        self.control_plane = ControlPlane(self._pool, self._backoff)

    def open(self, connection: Connection, secrets: Secrets, usage: Usage, *, database: str | None = None) -> Session:
        """A session in `database`, or in the connection's own; nothing is sent before its first statement.

        `usage` counts statements and API calls (each attempt), and setting its `stop` cancels running statements.
        """
        place = replace(place_of(connection), database=database or connection.database)
        if connection.sign_in == "password":
            pool = ConnectionPool(
                connection,
                secrets,
                usage,
                place,
                find_endpoint=lambda: self.control_plane.endpoint(connection, secrets),
                statement_seconds=self._seconds,
                backoff=self._backoff,
            )
            return WireSession(pool)
        aws = self._pool.of(AwsSource.of(connection, secrets))
        calls = AwsCalls(aws, self._limiter(connection, aws), usage, place, self._backoff)
        entrance = entrance_of(connection, place.database)
        return DataApiSession(calls, entrance, database=place.database, statement_seconds=self._seconds)

    def _limiter(self, connection: Connection, aws: Aws) -> Limiter:
        return self._limiters.of(
            connection.identity,
            connection.region,
            connection.endpoint_url,
            account=connection.account_id or aws.source.account,
            find_account=lambda: self._find_account(connection, aws),
        )

    def _find_account(self, connection: Connection, aws: Aws) -> str:
        """The account of an identity, empty when it cannot be found. No usage counts this call: it serves all."""
        calls = AwsCalls(aws, Limiter(), Usage(), place_of(connection), self._backoff)
        try:
            return str(calls("sts", "GetCallerIdentity")["Account"])
        except WharfingerError:
            return ""
