"""Fixtures for the contract of `Session`: the doors of the sandbox for which it must hold."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from tests.conftest import Sandbox
from tests.contract.doors import DOORS, KINDS_OF_DOOR, Door, OpenDoor
from tests.sandbox.front import aws, engine

from wharfinger.adapters.aws.clients import LONGEST_WAIT_SECONDS, AwsPool
from wharfinger.connections.model import Connection, Identity, Secrets
from wharfinger.core.secret import Secret
from wharfinger.core.session import Session


@pytest.fixture(scope="session")
def secret_arn(shared_sandbox: Sandbox) -> str:
    """A secret with the administrator's password, in the sandbox's Secrets Manager."""
    admin = shared_sandbox.ready["admin"]
    document = {"username": admin["user"], "password": admin["password"]}
    made = aws(shared_sandbox, "secretsmanager").create_secret(Name="contract-admin", SecretString=json.dumps(document))
    return str(made["ARN"])


@pytest.fixture(scope="session")
def pool() -> AwsPool:
    """Clients are kept for all tests: to make one costs more than most tests."""
    return AwsPool()


@pytest.fixture(autouse=True)
def _short_first_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """A start request waits one second instead of two, since a statement can be cancelled only after it."""
    monkeypatch.setattr("wharfinger.adapters.redshift.data_api.waiter.FIRST_WAIT_SECONDS", 1)


@pytest.fixture
def long_first_wait(monkeypatch: pytest.MonkeyPatch, _short_first_wait: None) -> None:
    """A start request waits as long as the service allows: how many requests follow says nothing of the machine."""
    monkeypatch.setattr("wharfinger.adapters.redshift.data_api.waiter.FIRST_WAIT_SECONDS", LONGEST_WAIT_SECONDS)


@pytest.fixture
def open_door(sandbox: Sandbox, secret_arn: str, pool: AwsPool, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenDoor]:
    """Makes a `Door` by its name, for an identity of the sandbox; members of the connection may be replaced."""
    monkeypatch.setenv("SSL_CERT_FILE", sandbox.ready["wire"]["ca_file"])
    opened: list[Session] = []

    def make(name: str, identity: str = "admin", **changes: Any) -> Door:
        target, sign_in = name.split()
        target_kind = "workgroup" if target == "workgroup" else "cluster"
        keys = sandbox.identity(identity)
        connection = Connection(
            name="contract",
            target_kind=target_kind,  # type: ignore[arg-type]
            target=sandbox.ready["workgroup"]["name"]
            if target == "workgroup"
            else sandbox.ready["cluster"]["identifier"],
            region=sandbox.ready["region"],
            database="dev",
            sign_in=sign_in,  # type: ignore[arg-type]
            db_user="awsuser" if sign_in == "db-user" else "",
            secret_arn=secret_arn if sign_in == "secret" else "",
            user="awsuser" if sign_in == "password" else "",
            identity=Identity("keys", access_key_id=keys["access_key_id"]),
            endpoint_url=sandbox.endpoint_url,
        )
        secrets = Secrets(
            secret_access_key=Secret(keys["secret_access_key"]),
            password=Secret(sandbox.ready["admin"]["password"]) if sign_in == "password" else None,
        )
        made = Door(name, replace(connection, **changes), secrets, sandbox, pool, opened)
        made.forget()
        made.no_faults()
        return made

    yield make
    for session in opened:
        session.close()
    with engine(sandbox) as below:
        below.execute("drop schema if exists contract, contract_private cascade")


@pytest.fixture(params=DOORS)
def every_door(request: pytest.FixtureRequest, open_door: OpenDoor) -> Door:
    """Every door in turn."""
    return open_door(request.param)


@pytest.fixture(params=KINDS_OF_DOOR)
def door(request: pytest.FixtureRequest, open_door: OpenDoor) -> Door:
    """One door of each kind, for tests that do not depend on the way to sign in."""
    return open_door(request.param)


@pytest.fixture(params=["workgroup iam", "wire password"])
def either(request: pytest.FixtureRequest, open_door: OpenDoor) -> Door:
    """The Data API and the wire, for slow tests."""
    return open_door(request.param)


@pytest.fixture(params=["workgroup iam", "cluster db-user"])
def data_api(request: pytest.FixtureRequest, open_door: OpenDoor) -> Door:
    """The Data API, through a workgroup and through a cluster."""
    return open_door(request.param)


@pytest.fixture
def wire(open_door: OpenDoor) -> Door:
    """The wire."""
    return open_door("wire password")
