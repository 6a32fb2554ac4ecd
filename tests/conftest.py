"""Shared fixtures: a sandbox for each test process, and sandboxes for single tests."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import urllib3

# A shell that starts us in the background ignores SIGINT for us and for all we start; tests press Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)


@dataclass
class Sandbox:
    """A running `wharfinger-sandbox serve`: its ready file, its process, its folder."""

    ready: dict[str, Any]
    process: subprocess.Popen[bytes]
    folder: Path

    @property
    def endpoint_url(self) -> str:
        return str(self.ready["endpoint_url"])

    def identity(self, name: str) -> dict[str, str]:
        return next(identity for identity in self.ready["identities"] if identity["name"] == name)

    def env(self, identity: str = "analyst") -> dict[str, str]:
        """The environment an AWS client of that identity needs; the same as `wharfinger-sandbox env` prints."""
        keys = self.identity(identity)
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_REGION": self.ready["region"],
            "AWS_DEFAULT_REGION": self.ready["region"],
            "AWS_ACCESS_KEY_ID": keys["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": keys["secret_access_key"],
            "SSL_CERT_FILE": self.ready["wire"]["ca_file"],
        }

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=30)


def start_sandbox(folder: Path, *arguments: str) -> Sandbox:
    """Start a sandbox in `folder` and wait until its ready file is there."""
    ready_file = folder / "ready.json"
    log = folder / "sandbox.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "wharfinger_sandbox", "serve", "--dir", str(folder / "data"),
                "--port", "0", "--wire-port", "0", "--ready-file", str(ready_file), *arguments,
            ],
            stdout=output,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
    wait_until(
        lambda: ready_file.exists() or process.poll() is not None,
        timeout=120,
        otherwise=lambda: log.read_text(errors="replace"),
    )
    if not ready_file.exists():
        raise AssertionError(f"the sandbox did not start:\n{log.read_text(errors='replace')}")
    return Sandbox(json.loads(ready_file.read_text()), process, folder)


def wait_until(
    condition: Callable[[], object], *, timeout: float = 30, otherwise: Callable[[], str] = lambda: ""
) -> None:
    """Wait until a condition is true; fail with a text when it is not true within `timeout` seconds."""
    pause = threading.Event()
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not true within {timeout} s. {otherwise()}")
        pause.wait(0.02)


@pytest.fixture(scope="session")
def shared_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One sandbox with the `shop` data for all tests of a process; tests that change it use unique names."""
    running = start_sandbox(tmp_path_factory.mktemp("sandbox"), "--data", "shop")
    yield running
    running.stop()


@pytest.fixture
def sandbox(shared_sandbox: Sandbox) -> Iterator[Sandbox]:
    """The shared sandbox; faults are removed after each test."""
    yield shared_sandbox
    answer = urllib3.request("DELETE", f"{shared_sandbox.endpoint_url}/_sandbox/faults")
    assert answer.status == 200, answer.data


@pytest.fixture
def own_sandbox(tmp_path: Path) -> Iterator[Callable[..., Sandbox]]:
    """Starts sandboxes for one test, with the arguments it gives, and stops them at its end."""
    started: list[Sandbox] = []

    def start(*arguments: str) -> Sandbox:
        folder = tmp_path / f"sandbox{len(started)}"
        folder.mkdir()
        started.append(start_sandbox(folder, *arguments))
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.fixture(autouse=True)
def _no_inherited_aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the machine's own AWS settings or reaches the instance metadata address."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "aws-credentials"))
