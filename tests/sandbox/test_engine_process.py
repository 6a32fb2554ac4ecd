"""The engine's process: it ends with the sandbox, and its data are kept."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from tests.conftest import LAST_RESORT, Sandbox, start_sandbox, wait_until
from tests.sandbox.data_api import CLUSTER, DataApiClient
from tests.sandbox.front import shut_gate


def processes_in(folder: Path) -> set[int]:
    """The processes whose working directory is in `folder`: the postmaster and its backends."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                where = (entry / "cwd").readlink()
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
            if where.is_relative_to(folder):
                found.add(int(entry.name))
    return found


@pytest.mark.parametrize("way", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_process_runs_after_the_server_has_ended(own_sandbox: Callable[..., Sandbox], way: signal.Signals) -> None:
    sandbox = own_sandbox()
    ask = DataApiClient(sandbox)
    with shut_gate(ask.dsn) as endless:
        started = ask.data.execute_statement(Sql=endless, SessionKeepAliveSeconds=600, **CLUSTER)
        assert started["SessionId"]
        wait_until(lambda: len(processes_in(sandbox.folder)) > 5)
        sandbox.process.send_signal(way)
        sandbox.process.wait(timeout=LAST_RESORT)
    wait_until(lambda: not processes_in(sandbox.folder), otherwise=lambda: str(processes_in(sandbox.folder)))


def test_the_data_survive_a_kill_and_a_restart_in_the_same_folder(tmp_path: Path) -> None:
    first = start_sandbox(tmp_path)
    DataApiClient(first).done("create table public.kept as select 42 as answer")
    first.process.kill()
    first.process.wait(timeout=LAST_RESORT)
    (tmp_path / "ready.json").unlink()
    second = start_sandbox(tmp_path)
    try:
        assert DataApiClient(second).value("select answer from public.kept") == 42
    finally:
        second.stop()


def test_a_second_sandbox_on_the_same_folder_is_refused(own_sandbox: Callable[..., Sandbox]) -> None:
    running = own_sandbox()
    second = subprocess.run(
        [sys.executable, "-m", "wharfinger_sandbox", "serve", "--dir", str(running.folder / "data")],
        capture_output=True, text=True, timeout=LAST_RESORT, check=False,
    )  # fmt: skip
    assert second.returncode != 0
    assert "another sandbox" in second.stderr
    assert "Traceback" not in second.stderr
    assert DataApiClient(running).value("select 1") == 1


@pytest.mark.parametrize("name", ["long" * 30, "späce and 'quote'"])
def test_a_folder_with_an_unusual_path_works(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    sandbox = start_sandbox(folder)
    try:
        with psycopg.connect(sandbox.ready["engine"]["dsn"]) as connection:
            assert connection.execute("select current_user").fetchone() == ("wf_engine",)
    finally:
        sandbox.stop()


def test_the_engine_listens_on_no_network_port(sandbox: Sandbox) -> None:
    with psycopg.connect(sandbox.ready["engine"]["dsn"]) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("",)
        row = connection.execute("select rolname from pg_roles where rolsuper order by 1").fetchall()
    assert row == [("rdsdb",), ("wf_engine",)]
    folder = Path(sandbox.ready["engine"]["dsn"].split("host=")[1].split()[0])
    assert folder.stat().st_mode & 0o077 == 0
