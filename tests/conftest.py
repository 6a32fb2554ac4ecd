"""Shared fixtures: a sandbox for each test process, and sandboxes for single tests."""

from __future__ import annotations

import inspect
import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import urllib3
from hypothesis import HealthCheck, settings
from tests import guard

LAST_RESORT = 600
"""Seconds after which a test stops waiting. Only what will never happen takes so long, on the busiest machine."""

# How long an example takes says how busy the machine is, and how many are filtered out is chance.
_BY_CHANCE = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
settings.register_profile("same-every-time", deadline=None, suppress_health_check=_BY_CHANCE, derandomize=True)
settings.register_profile("exploring", deadline=None, suppress_health_check=_BY_CHANCE, print_blob=True)
settings.load_profile("same-every-time")

# A shell that starts us in the background ignores SIGINT for us and for all we start, nohup SIGHUP; tests send both.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


@dataclass
class Sandbox:
    """A running `wharfinger-sandbox serve`: its ready file, its process, its folder, the other end of its stdin."""

    ready: dict[str, Any]
    process: subprocess.Popen[bytes]
    folder: Path
    lifeline: int | None = None

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

    def log(self) -> str:
        """What the sandbox and its engine have printed, or that they printed nothing, and whether it runs."""
        code = self.process.poll()
        texts = [f"Process {self.process.pid} runs." if code is None else f"It ended with exit code {code}."]
        for file in (self.folder / "sandbox.log", self.folder / "data" / "engine.log"):
            text = file.read_text(errors="replace")[-5000:].strip() if file.exists() else ""
            texts.append(f"{file.name}: {text or 'empty'}")
        return "\n".join(texts)

    def stop(self) -> None:
        """Stop it, and wait until it has ended."""
        self.process.terminate()
        wait_until(lambda: self.process.poll() is not None, otherwise=self.log)
        if self.lifeline is not None:
            os.close(self.lifeline)
            self.lifeline = None


_FAILED: dict[tuple[str, ...], str] = {}
"""Why a sandbox with these arguments did not start, so that no further test waits for the same failure."""


def start_sandbox(folder: Path, *arguments: str) -> Sandbox:
    """Start a sandbox in `folder` and wait until its ready file is there or its process has ended.

    It stops by itself when this process ends, in any way. A start with arguments that have failed before fails at once.
    """
    if arguments in _FAILED:
        raise AssertionError(f"not tried again, since it failed before in this process: {_FAILED[arguments]}")
    ready_file = folder / "ready.json"
    reading, lifeline = os.pipe()
    with (folder / "sandbox.log").open("wb") as output:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "wharfinger_sandbox", "serve", "--dir", str(folder / "data"),
                "--port", "0", "--wire-port", "0", "--ready-file", str(ready_file), "--until-stdin-ends", *arguments,
            ],
            stdin=reading,
            stdout=output,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
    os.close(reading)
    made = Sandbox({}, process, folder, lifeline)
    failure = "the sandbox ended while it was starting."
    try:
        wait_until(lambda: ready_file.exists() or process.poll() is not None)
    except TimeoutError as error:
        failure = f"the sandbox did not start. {error}"
    if not ready_file.exists() or process.poll() is not None:
        _FAILED[arguments] = f"{failure} {made.log()}"
        process.kill()
        made.stop()
        raise AssertionError(_FAILED[arguments])
    made.ready = json.loads(ready_file.read_text())
    return made


def wait_until(condition: Callable[[], object], *, otherwise: Callable[[], str] = lambda: "") -> None:
    """Wait until a condition is true.

    Raises TimeoutError after LAST_RESORT seconds, with the condition's source and last value, and with `otherwise`.
    """
    pause = threading.Event()
    end = time.monotonic() + LAST_RESORT
    while not (seen := condition()):
        if time.monotonic() > end:
            waited = f"not true after {LAST_RESORT} s: {_source(condition)}, it was {seen!r}"
            raise TimeoutError(f"{waited}. {otherwise()}")
        pause.wait(0.02)


def _source(condition: Callable[[], object]) -> str:
    with suppress(OSError, TypeError):
        return " ".join(inspect.getsource(condition).split())
    return repr(condition)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests begin first; apart from that the order stays random."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """A guard over all processes that the tests start. After the last test none of them may run."""
    mark = uuid.uuid4().hex
    os.environ[guard.MARK] = mark
    watching = guard.start(mark)
    try:
        yield
        if request.session.exitstatus != pytest.ExitCode.INTERRUPTED:
            wait_until(lambda: not guard.marked(mark), otherwise=lambda: f"Left running: {guard.marked(mark)}")
    finally:
        watching.communicate()


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
