"""The sandbox's process: its end under load, two at once, and without root."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import botocore.exceptions
import psycopg
import pytest
from tests.conftest import LAST_RESORT, Sandbox, start_sandbox, wait_until
from tests.sandbox.data_api import ADMIN, DataApiClient
from tests.sandbox.front import aws, database
from tests.sandbox.test_engine_process import processes_in

SQL = "select count(*), max(repeat('x', 100) || n) from (select row_number() over () n from pg_class a, pg_class b)"
NOBODY = 65534
SITE = Path(sys.executable).parents[1] / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
SOURCE = Path(__file__).parents[2] / "src"


@contextmanager
def load(sandbox: Sandbox) -> Iterator[list[int]]:
    """Run statements, batches, sessions, large results and wire connections until the sandbox stops.

    `done` gets an entry for each completed step.
    """
    data, stop, done = aws(sandbox, "redshift-data"), threading.Event(), [0]

    def by_http(number: int) -> None:
        session = {"SessionKeepAliveSeconds": 60} if number % 3 == 0 else {}
        while not stop.is_set():
            data.execute_statement(Sql=f"{SQL} t", WaitTimeSeconds=1, **session, **ADMIN)
            data.batch_execute_statement(Sqls=[f"create table if not exists l{number} (a int)", f"{SQL} t"], **ADMIN)
            done[0] += 1

    def by_wire(_: int) -> None:
        while not stop.is_set():
            with database(sandbox) as connection:
                connection.execute(f"{SQL} t")
                connection.execute("select repeat('x', 1000) from pg_class a, pg_class b limit 20000").fetchall()
            done[0] += 1

    def work(act: Callable[[int], None], number: int) -> None:
        # The work ends with the sandbox, with a different error in each client.
        with suppress(psycopg.Error, botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError):
            act(number)

    threads = [threading.Thread(target=work, args=(by_wire if n % 2 else by_http, n)) for n in range(24)]
    for thread in threads:
        thread.start()
    try:
        yield done
    finally:
        stop.set()
        for thread in threads:
            thread.join(LAST_RESORT)


@pytest.mark.parametrize("way", [signal.SIGTERM, signal.SIGKILL])
def test_after_a_stop_under_load_no_process_runs_and_the_folder_can_be_reused(
    tmp_path: Path, way: signal.Signals
) -> None:
    sandbox = start_sandbox(tmp_path)
    DataApiClient(sandbox).done("create table kept as select 42 as answer")
    with load(sandbox) as done:
        wait_until(lambda: done[0] > 10)
        sandbox.process.send_signal(way)
        code = sandbox.process.wait(LAST_RESORT)
    assert code == (0 if way == signal.SIGTERM else -9)
    wait_until(lambda: not processes_in(tmp_path), otherwise=lambda: str(processes_in(tmp_path)))
    log = (tmp_path / "sandbox.log").read_text()
    assert "Traceback" not in log, log[-3000:]
    (tmp_path / "ready.json").unlink(missing_ok=True)
    again = start_sandbox(tmp_path)
    try:
        assert DataApiClient(again).value("select answer from kept") == 42
        assert list((tmp_path / "data" / "results").iterdir()) == []
    finally:
        again.stop()


def test_the_sandbox_ends_with_a_reason_when_its_engine_ends(tmp_path: Path) -> None:
    sandbox = start_sandbox(tmp_path)
    with psycopg.connect(sandbox.ready["engine"]["dsn"]) as connection:
        row = connection.execute("select pg_read_file('postmaster.pid')").fetchone()
    assert row is not None
    os.kill(int(row[0].splitlines()[0]), signal.SIGQUIT)
    assert sandbox.process.wait(LAST_RESORT) == 2
    assert "PostgreSQL ended by itself with code" in (tmp_path / "sandbox.log").read_text()
    assert not processes_in(tmp_path)
    assert not (tmp_path / "ready.json").exists()


def test_two_sandboxes_at_once_are_independent(own_sandbox: Callable[..., Sandbox]) -> None:
    one, two = own_sandbox(), own_sandbox()
    DataApiClient(one).done("create table only_here as select 1 as a")
    DataApiClient(one).done("create user only_here_too password 'Only1here'")
    assert (
        DataApiClient(two)
        .run("select * from only_here")["Error"]
        .startswith('ERROR: relation "only_here" does not exist')
    )
    assert DataApiClient(two).value("select count(*) from pg_user where usename = 'only_here_too'") == 0
    keys = {"identities": one.ready["identities"]}
    crossed = Sandbox({**two.ready, **keys}, two.process, two.folder)
    with pytest.raises(botocore.exceptions.ClientError, match="UnrecognizedClientException"):
        aws(crossed, "redshift-data").list_statements()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        database(two, password=one.ready["admin"]["password"])
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        database(two, sslrootcert=one.ready["wire"]["ca_file"])
    one.stop()
    assert DataApiClient(two).value("select 1") == 1


@pytest.fixture
def nobodys_python(tmp_path: Path) -> Any:
    """A Python that an unprivileged user can run, and a folder of that user."""
    if os.geteuid() != 0:
        pytest.skip("the whole suite runs as an ordinary user already")
    folder = Path(shutil.which("setpriv") or "")
    candidates = [sys.executable, shutil.which(f"python3.{sys.version_info.minor}", path="/usr/local/bin:/usr/bin")]
    home = Path("/tmp") / f"wharfinger-nobody-{os.getpid()}"  # noqa: S108 — pytest's own folders are closed to others
    home.mkdir()
    os.chown(home, NOBODY, NOBODY)
    for python in filter(None, candidates):
        command = [str(folder), f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "env", "-i", f"HOME={home}",
                   "PATH=/usr/bin:/bin", f"PYTHONPATH={SOURCE}:{SITE}", python]  # fmt: skip
        tried = subprocess.run(
            [*command, "-c", "import psycopg, wharfinger_sandbox.server"],
            capture_output=True,
            check=False,
            timeout=LAST_RESORT,
        )
        if tried.returncode == 0:
            yield command, home
            break
    else:
        shutil.rmtree(home)
        pytest.skip("no Python here that another user than root may run")
    shutil.rmtree(home)


def owners_of(pids: Iterable[int]) -> set[int]:
    """The user ids of the processes that still run."""
    owners = set()
    for pid in pids:
        with suppress(FileNotFoundError):
            owners.add((Path("/proc") / str(pid)).stat().st_uid)
    return owners


def test_an_ordinary_user_serves_it_too(nobodys_python: tuple[list[str], Path]) -> None:
    command, home = nobodys_python
    ready_file = home / "ready.json"
    serve = ["-m", "wharfinger_sandbox", "serve", "--dir", str(home / "data"), "--ready-file", str(ready_file)]
    with subprocess.Popen(
        [*command, *serve, "--until-stdin-ends"],  # its environment has no mark of the guard
        cwd=home, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        try:
            wait_until(lambda: ready_file.exists() or process.poll() is not None)
            assert process.poll() is None, process.stdout and process.stdout.read()
            sandbox = Sandbox(json.loads(ready_file.read_text()), process, home)
            assert DataApiClient(sandbox).value("select current_user") == "IAM:admin"
            with database(sandbox) as connection:
                assert connection.execute("select current_user").fetchone() == ("awsuser",)
            assert owners_of(processes_in(home)) == {NOBODY}
        finally:
            process.terminate()
        assert process.wait(LAST_RESORT) == 0
    wait_until(lambda: not processes_in(home))
