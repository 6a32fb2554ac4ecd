"""A sandbox and a home for a benchmark, and the product's command line on them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

LAST_RESORT = 3600
"""Seconds after which a command is taken for hung."""


@dataclass
class Bench:
    """A running sandbox with an administrator's connection `bench`."""

    ready: dict[str, Any]
    home: Path

    def wharfinger(self, *arguments: str) -> dict[str, Any]:
        """Run one command; its JSON document, with the wall time as `wall`."""
        admin = next(one for one in self.ready["identities"] if one["name"] == "admin")
        environment = {
            **os.environ,
            "AWS_ENDPOINT_URL": self.ready["endpoint_url"],
            "AWS_ACCESS_KEY_ID": admin["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": admin["secret_access_key"],
        }
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "wharfinger.cli", "--home", str(self.home), "--json", *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
            timeout=LAST_RESORT,
        )
        return {**json.loads(done.stdout), "wall": time.perf_counter() - started}

    def engine(self, database: str = "dev") -> psycopg.Connection:
        """A connection to PostgreSQL itself, for the floor."""
        return psycopg.connect(self.ready["engine"]["dsn"], dbname=database, autocommit=True)


@contextmanager
def bench(*arguments: str) -> Iterator[Bench]:
    """A sandbox served with `arguments` until the block ends."""
    with tempfile.TemporaryDirectory(prefix="wharfinger-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        ready_file = folder / "ready.json"
        process = subprocess.Popen(
            [sys.executable, "-m", "wharfinger_sandbox", "serve", "--dir", str(folder / "sandbox"), "--port", "0",
             "--wire-port", "0", "--ready-file", str(ready_file), "--until-stdin-ends", *arguments],
            stdin=subprocess.PIPE,  # ends with the benchmark, even a killed one
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            while not ready_file.exists():
                if process.poll() is not None:
                    raise SystemExit(f"the sandbox did not start: exit code {process.returncode}, see its error above")
                time.sleep(0.05)
            stage = Bench(json.loads(ready_file.read_text()), folder / "home")
            stage.wharfinger(
                "connection", "add", "bench", "--cluster", "demo-cluster", "--region", stage.ready["region"],
                "--database", "dev", "--sign-in", "db-user", "--db-user", "awsuser",
            )  # fmt: skip
            yield stage
        finally:
            process.terminate()
            process.communicate()


def report(title: str, rows: list[tuple[str, str]]) -> None:
    """Print one benchmark's figures."""
    print(f"\n{title}")
    width = max(len(label) for label, _ in rows)
    for label, value in rows:
        print(f"  {label.ljust(width)}  {value}", flush=True)
