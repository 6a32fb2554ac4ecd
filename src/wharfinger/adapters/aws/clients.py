"""boto3 sessions and clients from a connection's identity: the default chain, a profile or keys, and a role from any.

botocore makes one attempt for each call: `calls` paces, counts and retries.
"""

from __future__ import annotations

import functools
import logging
import os
import threading
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import CredentialProvider, CredentialResolver, RefreshableCredentials
from botocore.loaders import Loader, create_loader

from wharfinger import __version__
from wharfinger.adapters.aws.result_pages import read_pages_quickly
from wharfinger.connections.model import Connection, Identity, Secrets
from wharfinger.core.addresses import is_this_machine
from wharfinger.core.errors import Invalid, Refused
from wharfinger.core.session import Usage

LONGEST_WAIT_SECONDS = 30
"""The longest that one Data API request may wait for a statement (redshift-facts §1.3)."""

counted: ContextVar[Usage | None] = ContextVar("counted", default=None)
"""The usage of the running call, so that an AssumeRole which it triggers is counted there too."""

# Their debug lines hold request and response bodies: statements, rows, keys. Their info lines (where credentials were
# found) would fill the worker's log at each start.
for _name in ("boto3", "botocore", "urllib3"):
    logging.getLogger(_name).setLevel(logging.WARNING)

_CONFIG = Config(
    connect_timeout=5,
    read_timeout=LONGEST_WAIT_SECONDS + 35,
    retries={"total_max_attempts": 1, "mode": "standard"},
    max_pool_connections=64,
    tcp_keepalive=True,
    user_agent_extra=f"wharfinger/{__version__}",
)


@dataclass(frozen=True, slots=True)
class AwsSource:
    """Where credentials come from and where requests go: everything that distinguishes one client from another."""

    identity: Identity
    secrets: Secrets
    region: str
    endpoint_url: str = ""

    @classmethod
    def of(cls, connection: Connection, secrets: Secrets) -> AwsSource:
        """The AWS side of `connection`."""
        return cls(connection.identity, secrets, connection.region, connection.endpoint_url)

    @property
    def account(self) -> str:
        """The account of the role to assume; empty without a role, because finding the account would take a request."""
        parts = self.identity.role_arn.split(":")
        return parts[4] if len(parts) > 5 else ""


class Aws:
    """The clients of one `AwsSource`, made once and shared by all threads.

    Making a client raises what boto3 raises (ProfileNotFound, NoRegionError, …), which `aws.errors` translates, and
    Refused for an address that has no TLS and is not this machine.
    """

    def __init__(self, source: AwsSource, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.source = source
        self._now = now
        self._lock = threading.RLock()
        self._session: boto3.Session | None = None
        self._clients: dict[str, Any] = {}
        self._generation = 0

    @property
    def generation(self) -> int:
        """The number of renewals; read it before a call, to say afterwards which credentials have expired."""
        return self._generation

    def client(self, service: str) -> Any:
        """The boto3 client for `service`."""
        with self._lock:
            if service not in self._clients:
                if self._session is None:
                    self._session = self._open()
                self._clients[service] = _client(self._session, service, self.source)
            return self._clients[service]

    def renew(self, generation: int) -> None:
        """Forget the sessions and clients of `generation`, so that profile, role or environment are read again.

        Does nothing when another thread has renewed them.
        """
        with self._lock:
            if generation == self._generation:
                self._generation += 1
                self._session = None
                self._clients.clear()

    def _open(self) -> boto3.Session:
        session = _base_session(self.source)
        if not self.source.identity.role_arn:
            return session
        assumed = fresh_session()
        provider = _AssumedRole(self.source, session, self._now)
        assumed.register_component("credential_provider", CredentialResolver(providers=[provider]))
        return boto3.Session(botocore_session=assumed, region_name=self.source.region or None)


class AwsPool:
    """Keeps one `Aws` for each source, so that clients and assumed roles are shared in the process."""

    def __init__(self) -> None:
        self._known: dict[AwsSource, Aws] = {}
        self._lock = threading.Lock()

    def of(self, source: AwsSource) -> Aws:
        """The clients of `source`."""
        with self._lock:
            return self._known.setdefault(source, Aws(source))


def fresh_session(profile: str | None = None) -> botocore.session.Session:
    """A botocore session that shares the service models with the process's others: reading them takes 0.3 s."""
    session = botocore.session.Session(profile=profile)
    session.register_component("data_loader", _models(session.get_config_variable("data_path")))
    return session


def profileless_session() -> botocore.session.Session:
    """A botocore session for what it knows by itself; AWS_PROFILE may name a profile that does not exist."""
    session = botocore.session.Session()
    session.register_component("data_loader", _models(os.environ.get("AWS_DATA_PATH")))
    return session


@functools.cache
def _models(data_path: str | None) -> Loader:
    return create_loader(data_path)


def _base_session(source: AwsSource) -> boto3.Session:
    identity = source.identity
    core = fresh_session(identity.profile if identity.kind == "profile" else None)
    # Off EC2 the metadata address does not answer: one short attempt, then the error that there are no credentials.
    core.set_config_variable("metadata_service_timeout", 1)
    core.set_config_variable("metadata_service_num_attempts", 1)
    keys: dict[str, str] = {}
    if identity.kind == "keys":
        keys = _keys(source)
    return boto3.Session(botocore_session=core, region_name=source.region or None, **keys)


def _keys(source: AwsSource) -> dict[str, str]:
    secret, token = source.secrets.secret_access_key, source.secrets.session_token
    if not (source.identity.access_key_id and secret):
        raise Invalid(
            "The AWS credentials are incomplete",
            subject=source.identity.access_key_id,
            why="an access key has an id and a secret access key",
            next_step="Give both",
            check="identity",
            fields=("access_key_id", "secret_access_key"),
        )
    keys = {"aws_access_key_id": source.identity.access_key_id, "aws_secret_access_key": secret.reveal()}
    return keys | ({"aws_session_token": token.reveal()} if token else {})


def endpoint_of(source: AwsSource, service: str) -> str:
    """The address that requests to `service` go to. Nothing is sent. Raises as `Aws.client` does."""
    return str(_client(_base_session(source), service, source).meta.endpoint_url)


def _client(session: boto3.Session, service: str, source: AwsSource) -> Any:
    where = {"endpoint_url": source.endpoint_url} if source.endpoint_url else {}
    client = session.client(service, config=_CONFIG, **where)
    _check_tls(client.meta.endpoint_url)
    if service == "redshift-data":
        read_pages_quickly(client)
    return client


def _check_tls(url: str) -> None:
    """Refuse to send statements and secrets without TLS; AWS_ENDPOINT_URL and profiles may name such an address."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not is_this_machine(parts.hostname or ""):
        raise Refused(
            "Requests to AWS would go out without TLS",
            subject=f"{parts.scheme}://{parts.hostname}",
            why="requests and answers could be read on the way; only this machine itself may be called without TLS",
            next_step="Write the endpoint URL with https://, or leave it out to use AWS's own",
            check="region",
            fields=("endpoint_url",),
        )


class _AssumedRole(CredentialProvider):  # type: ignore[misc]
    """Credentials of a role, renewed through STS before they expire (botocore renews 15 minutes ahead)."""

    METHOD = "wharfinger-assumed-role"

    def __init__(self, source: AwsSource, base: boto3.Session, now: Callable[[], datetime]) -> None:
        self._source = source
        self._sts = _client(base, "sts", source)
        self._now = now

    def load(self) -> RefreshableCredentials:
        first = self._assume()
        return RefreshableCredentials(
            access_key=first["access_key"],
            secret_key=first["secret_key"],
            token=first["token"],
            expiry_time=datetime.fromisoformat(first["expiry_time"]),
            refresh_using=self._assume,
            method=self.METHOD,
            time_fetcher=self._now,
        )

    def _assume(self) -> dict[str, str]:
        identity = self._source.identity
        external = {"ExternalId": identity.external_id} if identity.external_id else {}
        usage = counted.get()
        if usage is not None:
            usage.add(api_calls=1)
        answer = self._sts.assume_role(RoleArn=identity.role_arn, RoleSessionName="wharfinger", **external)
        given = answer["Credentials"]
        return {
            "access_key": given["AccessKeyId"],
            "secret_key": given["SecretAccessKey"],
            "token": given["SessionToken"],
            "expiry_time": given["Expiration"].isoformat(),
        }
