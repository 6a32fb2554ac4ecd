"""What the demo runs on: a temporary sandbox and home, and commands run as a person would run them."""

from __future__ import annotations

import importlib.util
import json
import os
import shlex
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from wharfinger.cli import output, state
from wharfinger.core.errors import Failed, Invalid, Unavailable
from wharfinger.core.session import Statement, Usage

if TYPE_CHECKING:
    from rich.console import Console

    from wharfinger.app import App

READY_SECONDS = 900
"""A last resort: a machine takes minutes for the first start when it is very busy."""
SECRETS = {"analyst": "ANALYST_SECRET_KEY", "admin": "ADMIN_SECRET_KEY"}


@contextmanager
def staged(latency: int) -> Iterator[Stage]:
    """A running sandbox with the demo's data, and a home beside it; both are removed at the end.

    Raises Invalid without the extra `sandbox`, Unavailable when the sandbox does not start.
    """
    if importlib.util.find_spec("moto") is None:
        raise Invalid(
            "The demo needs the sandbox",
            subject="wharfinger[sandbox]",
            next_step="Install it: pip install 'wharfinger[sandbox]'",
        )
    with tempfile.TemporaryDirectory(prefix="wharfinger-demo-") as folder:
        process = _serve(Path(folder), latency)
        try:
            yield Stage(Path(folder) / "home", _ready(process, Path(folder)))
        finally:
            process.terminate()
            process.communicate()


def _serve(folder: Path, latency: int) -> subprocess.Popen[bytes]:
    # The folder is the user's own; the engine drops to another one when run as root and must get through.
    folder.chmod(0o711)
    with (folder / "sandbox.log").open("wb") as log:
        return subprocess.Popen(
            [
                sys.executable, "-P", "-m", "wharfinger_sandbox", "serve", "--dir", str(folder / "sandbox"),
                "--port", "0", "--wire-port", "0", "--ready-file", str(folder / "ready.json"),
                "--data", "shop,tpch", "--scale", "0.01", "--latency-ms", str(latency), "--until-stdin-ends",
            ],
            stdin=subprocess.PIPE,  # ends with the demo, even a killed one
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the demo, which then ends its sandbox itself
        )  # fmt: skip


def _ready(process: subprocess.Popen[bytes], folder: Path) -> dict[str, Any]:
    pause = threading.Event()
    end = time.monotonic() + READY_SECONDS
    log = folder / "sandbox.log"
    while process.poll() is None and time.monotonic() < end:
        if (folder / "ready.json").exists():
            ready: dict[str, Any] = json.loads((folder / "ready.json").read_text())
            return ready
        pause.wait(0.05)
    code = process.poll()
    ended = f"it was not ready after {READY_SECONDS} s" if code is None else f"it ended with exit code {code}"
    said = log.read_text(errors="replace").strip()[-500:] or "it printed nothing"
    raise Unavailable(
        "The sandbox did not start",
        why=f"{ended}: {said}",
        next_step="Run `wharfinger-sandbox serve` yourself to see why",
    )


@dataclass
class Stage:
    """Runs commands against the sandbox of the ready file, with `home`, and prints what it does."""

    home: Path
    ready: dict[str, Any]
    runs: list[str] = field(default_factory=list)

    @property
    def region(self) -> str:
        """The sandbox's region."""
        return str(self.ready["region"])

    @property
    def dbt_project(self) -> str:
        """The folder of the dbt project behind the demo's `analytics`."""
        return str(self.ready["dbt_project"])

    def keys(self, identity: str) -> list[str]:
        """The options that name an identity's keys and the sandbox; the secret half is in the commands' environment."""
        key = self._identity(identity)["access_key_id"]
        secret = f"env:{SECRETS[identity]}"
        return [
            "--access-key-id", key, "--secret-access-key-from", secret, "--endpoint-url", self.ready["endpoint_url"],
        ]  # fmt: skip

    def heading(self, text: str) -> None:
        """Print the heading of a part of the demo."""
        self._out().print(f"\n[bold]{text}[/bold]", style="magenta")

    def say(self, text: str) -> None:
        """Print a sentence between two commands."""
        self._out().print(text, style="italic", markup=False)

    def run(self, *arguments: str, expect: int = 0, quiet: bool = False) -> None:
        """Run one command as a person would; `quiet` leaves its answer out. Raises Failed on another exit code."""
        self._out().print(f"\n$ wharfinger {shlex.join(arguments)}", style="cyan", markup=False, soft_wrap=True)
        command = [sys.executable, "-P", "-m", "wharfinger.cli", *arguments]
        # With --json the steps go to stderr, so that stdout holds one document.
        sink: int | IO[str] = subprocess.DEVNULL if quiet else sys.stderr if state.json_requested() else sys.stdout
        code = subprocess.run(command, env=self._environment(), stdout=sink, check=False).returncode
        self.runs.append(arguments[0])
        if code != expect:
            raise Failed(
                "A step of the demo failed",
                subject=f"wharfinger {shlex.join(arguments)}",
                why=f"it ended with exit code {code}, {expect} was expected",
                next_step="Report it with the output above",
            )

    def change(self, connection: str, sql: str) -> None:
        """Change something in the warehouse, as its users do."""
        self._out().print(f"\n{connection}> {sql};", style="yellow", markup=False, soft_wrap=True)
        app = self.opened()
        with closing(app.connections.open(app.connections.get(connection), Usage())) as session:
            session.run(Statement(sql))

    def opened(self) -> App:
        """The app on the demo's home."""
        state.choose_home(str(self.home))
        return state.opened()

    def calls(self) -> dict[str, Any]:
        """What the sandbox itself has counted since its start."""
        with urllib.request.urlopen(f"{self.ready['endpoint_url']}/_sandbox/calls", timeout=30) as answer:  # noqa: S310
            counted: dict[str, Any] = json.load(answer)
        return counted

    def _identity(self, name: str) -> dict[str, str]:
        return next(one for one in self.ready["identities"] if one["name"] == name)

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "WHARFINGER_"))}
        secrets = {variable: self._identity(name)["secret_access_key"] for name, variable in SECRETS.items()}
        return {**inherited, **secrets, "WHARFINGER_HOME": str(self.home)}

    def _out(self) -> Console:
        console = output.console(stderr=state.json_requested())
        console.file.flush()
        return console
