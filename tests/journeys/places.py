"""A sandbox and a command line for one identity, and ways to disturb the connection between them."""

from __future__ import annotations

import json
import os
import socket
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.command_line import Answer, Run
from tests.conftest import Sandbox
from tests.sandbox.front import aws, own


class Place:
    """A sandbox, one identity, and the command line with its own home."""

    def __init__(self, cli: Run, home: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cli = cli
        self.home = home
        self.sandbox = sandbox
        self._environment = monkeypatch

    def become(self, identity: str) -> None:
        for name, value in self.sandbox.env(identity).items():
            self._environment.setenv(name, value)

    def set(self, name: str, value: str) -> None:
        self._environment.setenv(name, value)

    def unset(self, *names: str) -> None:
        for name in names:
            self._environment.delenv(name)

    def aws(self, service: str) -> Any:
        """A boto3 client for the sandbox's administrator, whatever the identity of the command line is."""
        return aws(self.sandbox, service)

    def user_with(self, *statements: dict[str, Any]) -> None:
        """Make an IAM user with exactly these policy statements, and use its keys."""
        name = f"user-{uuid.uuid4().hex[:8]}"
        iam = self.aws("iam")
        iam.create_user(UserName=name)
        policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        iam.put_user_policy(UserName=name, PolicyName="only", PolicyDocument=policy)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        self.become("analyst")
        self.set("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
        self.set("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])

    def secret(self, document: dict[str, str], **tags: str) -> str:
        """Make a secret; returns its ARN."""
        answer = self.aws("secretsmanager").create_secret(
            Name=f"secret-{uuid.uuid4().hex[:8]}",
            SecretString=json.dumps(document),
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )
        return str(answer["ARN"])

    def add(self, *arguments: str, database: str = "dev") -> Answer:
        return self.cli("connection", "add", "shop", "--database", database, *arguments, "--json")

    def workgroup(self, *arguments: str, name: str = "", database: str = "dev") -> Answer:
        return self.add("--workgroup", name or self.sandbox.ready["workgroup"]["name"], *arguments, database=database)

    def cluster(self, *arguments: str, name: str = "", database: str = "dev") -> Answer:
        return self.add("--cluster", name or self.sandbox.ready["cluster"]["identifier"], *arguments, database=database)

    def wire(self, *arguments: str, host: str = "", port: int = 0, password: str = "", database: str = "dev") -> Answer:
        self.set("SHOP_PASSWORD", password or self.sandbox.ready["admin"]["password"])
        wire = self.sandbox.ready["wire"]
        where = ["--host", host or wire["host"], "--port", str(port or wire["port"])]
        source = ["--user", "awsuser", "--password-from", "env:SHOP_PASSWORD"]
        return self.cluster("--sign-in", "password", *where, *source, *arguments, database=database)


def failed(answer: Answer, check_id: str, *cause: str, next_step: str) -> None:
    """Asserts that nothing was saved, that only the check `check_id` failed, and its texts."""
    assert answer.code == 1, answer
    document = answer.document
    assert document["saved"] is False
    assert document["connection"] is None
    checks = document["test"]["checks"]
    found = [check for check in checks if check["status"] == "failed"]
    assert [check["id"] for check in found] == [check_id], checks
    for words in cause:
        assert words.lower() in found[0]["detail"].lower(), found[0]
    assert next_step.lower() in found[0]["next_step"].lower(), found[0]
    after = checks[checks.index(found[0]) + 1 :]
    assert {check["status"] for check in after} <= {"skipped"}, checks
    for name in ("AWS_SECRET_ACCESS_KEY", "SHOP_PASSWORD"):
        assert os.environ.get(name, "?no-secret?") not in answer.out + answer.err
    assert "Traceback" not in answer.err


class closed_port:  # noqa: N801 - reads as a function
    """A port of this machine that nothing listens on."""

    def __enter__(self) -> int:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        return int(self._socket.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self._socket.close()


class server:  # noqa: N801
    """A server that calls one function with each connection and then closes it."""

    def __init__(self, act: Callable[[socket.socket], object]) -> None:
        self._act = act

    def __enter__(self) -> int:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return int(self._listener.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self._act(connection)


class fault:  # noqa: N801
    """A fault in the sandbox while the block lasts."""

    def __init__(self, sandbox: Sandbox, **members: Any) -> None:
        self._sandbox = sandbox
        self._members = members

    def __enter__(self) -> None:
        assert own(self._sandbox, "PUT", "faults", [self._members])[0] == 200

    def __exit__(self, *_: object) -> None:
        own(self._sandbox, "DELETE", "faults")
