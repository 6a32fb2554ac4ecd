"""Makes the archive of a home that an earlier build has written: `home/`, and in `answers.json` what that build shows.

Run it in a checkout that has the commit, with the development environment, on a machine where the sandbox runs:

    python tests/upgrade/make_home.py 7f30ebe tests/upgrade/home-7f30ebe.tar.gz

With each issue that changes the store, make an archive with the last commit before it and test that one, too.
Everything is done by the command line of that build, against that build's own sandbox, which is taken from the
repository with `git archive` into a temporary folder. At the end one table is being processed and others wait, and the
processes that do it are killed. The master key in the archive is test material; the home holds generated data only.
"""

from __future__ import annotations

import hashlib
import inspect
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).parents[2]
LAST_RESORT = 900
"""Seconds after which it stops waiting."""
SELECTED = ("raw_shop.orders", "raw_shop.b2b_contacts", "raw_shop.api_keys")
PENDING = ("raw_shop.customers", "raw_shop.order_items")
MANIFEST = "src/wharfinger_sandbox/data/dbt_project/target"
SPEC = """version: 1
schemas: [analytics]
users:
  alice: {credentials: password}
groups:
  transformer: {members: [alice]}
grants:
  - {to: group transformer, on: schema raw_shop, privileges: [usage, select]}
"""
# Row security runs a function for each row that is read: one that waits for a lock which the engine's session has.
WAIT = """
create function raw_shop.wait_here() returns boolean language plpgsql volatile security definer as $$
begin perform pg_advisory_xact_lock_shared(7); return true; end $$;
select pg_advisory_lock(7)
"""
GUARD = """
alter table {table} enable row level security;
alter table {table} force row level security;
create policy guard on {table} using ((select raw_shop.wait_here()))
"""
ANSWERS = (
    ("connection", "list"),
    ("connection", "show", "shop"),
    ("connection", "show", "direct"),
    ("tables", "list", "shop"),
    ("tables", "list", "shop", "--selected"),
    *(("show", "shop", table) for table in (*SELECTED, *PENDING)),
    ("keys", "show"),
)
"""The commands whose answers the test compares between builds. None of them needs the warehouse."""


class Build:
    """One build's command line on one home."""

    def __init__(self, source: Path, home: Path, environment: dict[str, str]) -> None:
        self.home = home
        self.environment = {**os.environ, **environment, "PYTHONPATH": str(source), "WHARFINGER_HOME": str(home)}

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A command as a process of its own."""
        command = [sys.executable, "-m", "wharfinger.cli", *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, env=self.environment, stdout=pipe, stderr=pipe, text=True)

    def ask(self, *arguments: str) -> Any:
        """The JSON answer of a command, which must succeed."""
        process = self.start(*arguments, "--json")
        out, err = process.communicate()
        if process.returncode:
            raise SystemExit(f"{' '.join(arguments)}: exit code {process.returncode}\n{out}{err}")
        return json.loads(out)


def main(commit: str, archive: Path) -> None:
    """Make the archive; the sandbox is stopped whatever happens."""
    with tempfile.TemporaryDirectory(prefix="wharfinger-upgrade-") as name:
        folder = Path(name)
        packed = subprocess.run(
            ["git", "archive", commit, "src"], cwd=ROOT, stdout=subprocess.PIPE, check=True, timeout=LAST_RESORT
        )
        with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as source:
            source.extractall(folder, filter="data")
        ready_file = folder / "ready.json"
        serve = ["serve", "--dir", str(folder / "sandbox"), "--data", "shop", "--ready-file", str(ready_file)]
        serve += ["--port", "0", "--wire-port", "0", "--until-stdin-ends"]
        sandbox = subprocess.Popen(
            [sys.executable, "-m", "wharfinger_sandbox", *serve],
            stdin=subprocess.PIPE,  # ends with this script, even a killed one
            env={**os.environ, "PYTHONPATH": str(folder / "src")},
        )
        try:
            wait_until(lambda: ready_file.exists() or sandbox.poll() is not None)
            fill(folder, json.loads(ready_file.read_text()), commit)
        finally:
            sandbox.terminate()
            sandbox.communicate()
        with tarfile.open(archive, "w:gz") as packing:
            packing.add(folder / "answers.json", "answers.json", filter=nobodys)
            packing.add(folder / "home", "home", filter=nobodys)


def fill(folder: Path, ready: dict[str, Any], commit: str) -> None:
    """Write the home, leave work in its queue, and record what the build prints about the home."""
    keys = next(one for one in ready["identities"] if one["name"] == "admin")
    secrets = {"UPGRADE_KEY": keys["secret_access_key"], "UPGRADE_PASSWORD": ready["admin"]["password"]}
    build = Build(folder / "src", folder / "home", {**secrets, "SSL_CERT_FILE": ready["wire"]["ca_file"]})
    where = ["--cluster", ready["cluster"]["identifier"], "--region", ready["region"], "--database", "dev"]
    identity = ["--access-key-id", keys["access_key_id"], "--secret-access-key-from", "env:UPGRADE_KEY"]
    wire = ["--host", ready["wire"]["host"], "--port", str(ready["wire"]["port"]), "--user", ready["admin"]["user"]]
    at_endpoint = ["--endpoint-url", ready["endpoint_url"]]
    build.ask("connection", "add", "shop", *where, *identity, *at_endpoint)
    build.ask(
        "connection", "add", "direct", *where, "--sign-in", "password", *wire, "--password-from", "env:UPGRADE_PASSWORD"
    )
    build.ask("tables", "refresh", "shop")
    build.ask("tables", "select", "shop", *SELECTED)
    build.ask("dbt", "import", "shop", "--manifest", str(folder / MANIFEST))
    build.ask("process", "shop")
    build.ask("describe", "shop", "raw_shop.orders", "--text", "One row for each order, written by a person")
    build.ask("describe", "shop", "raw_shop.orders", "--column", "status", "--personal", "secret")
    spec = folder / "access.yml"
    spec.write_text(SPEC)
    plan = build.ask("access", "plan", "direct", str(spec))
    build.ask("tables", "select", "shop", *PENDING)
    leave_work(build, ready["engine"]["dsn"])
    answers = {
        "commit": commit,
        "pending": sorted(f"dev.{table}" for table in PENDING),
        "plan": {"id": plan["plan"], "digest": plan["digest"]},
        "secrets": {
            "shop": hashlib.sha256(secrets["UPGRADE_KEY"].encode()).hexdigest(),
            "direct": hashlib.sha256(secrets["UPGRADE_PASSWORD"].encode()).hexdigest(),
        },
        "answers": [{"command": list(command), "answer": build.ask(*command)} for command in ANSWERS],
    }
    (folder / "answers.json").write_text(json.dumps(answers, indent=1, ensure_ascii=False))


def leave_work(build: Build, dsn: str) -> None:
    """Kill a run and its worker while one statement runs in the warehouse and other units are queued."""
    with psycopg.connect(dsn, dbname="dev", autocommit=True) as engine:
        for statement in (WAIT, *(GUARD.format(table=table) for table in PENDING)):
            engine.execute(statement.encode())
        client = build.start("process", "shop")
        waiting = "select 1 from pg_stat_activity where wait_event_type = 'Lock' and wait_event = 'advisory'"
        wait_until(lambda: engine.execute(waiting.encode()).fetchone() is not None or client.poll() is not None)
        if client.poll() is not None:
            raise SystemExit(f"the run has ended: {client.communicate()}")
        os.kill(client.pid, signal.SIGSTOP)  # so that it cannot bring the worker to order
        for worker in workers(build.home):
            os.kill(worker, signal.SIGKILL)
        client.kill()
        client.communicate()


def workers(home: Path) -> list[int]:
    """The processes of this machine that work for the home."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"--home" in words and str(home).encode() in words and int(file.parent.name) != os.getpid():
            found.append(int(file.parent.name))
    if not found:
        raise SystemExit("no worker process was found")
    return found


def nobodys(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """An archive entry without the user names of this machine."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


def wait_until(condition: Callable[[], object], seconds: float = LAST_RESORT) -> None:
    """Wait on a condition; leave when it does not come true in a time that only a fault takes."""
    pause, end = threading.Event(), time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"not true after {seconds} s: {inspect.getsource(condition).strip()}")
        pause.wait(0.05)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]).absolute())
