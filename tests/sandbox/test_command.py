"""The command `wharfinger-sandbox`: its output, its errors and its end."""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest
from tests.conftest import LAST_RESORT, Sandbox, wait_until
from tests.processes import family, wait_for_the_end
from tests.sandbox.front import aws, database, shut_gate

from wharfinger_sandbox import cli, data

NOT_INSTALLED = """
import importlib.abc, sys

class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "moto":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
from wharfinger_sandbox.cli import main
raise SystemExit(main(["serve"]))
"""


def run(*arguments: str, code: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code] if code else [sys.executable, "-m", "wharfinger_sandbox", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=LAST_RESORT)


def failing(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The error output of a command line that is refused with exit code 2."""
    try:
        code: Any = cli.main(list(arguments))
    except SystemExit as error:
        code = error.code
    assert code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--help"], ["serve", "env", "A local Amazon Redshift"]),
        (["serve", "--help"], ["--dir", "--port", "--wire-port", "--ready-file", "--data", "--scale", "--latency-ms",
                               "--quotas", "--modified-lag-s", "60,175 line items"]),
        (["env", "--help"], ["--ready-file", "--identity", "eval"]),
    ],
)  # fmt: skip
def test_help_names_every_option(capsys: pytest.CaptureFixture[str], arguments: list[str], words: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    assert end.value.code == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert [word for word in words if word not in printed] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "COMMAND"),
        (["serve", "--data", "shop,nothing"], "no data set 'nothing'; choose from shop, tpch"),
        (["serve", "--port", "65536"], "'65536' is not a port"),
        (["serve", "--wire-port", "-1"], "'-1' is not a port"),
        (["serve", "--scale", "0"], "'0' must be greater than 0"),
        (["serve", "--scale", "big"], "'big' is not a number"),
        (["serve", "--latency-ms", "-5"], "'-5' must not be negative"),
        (["serve", "--quotas", "some"], "invalid choice: 'some'"),
        (["env"], "--ready-file"),
    ],
)
def test_a_wrong_argument_is_named(capsys: pytest.CaptureFixture[str], arguments: list[str], words: str) -> None:
    assert words in failing(capsys, *arguments)


def test_the_command_knows_every_data_set() -> None:
    """The command must report a missing extra before it imports the data sets."""
    assert cli.DATA_SETS == data.DATA_SETS


def test_a_port_in_use_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for option in ("--port", "--wire-port"):
            said = failing(capsys, "serve", "--dir", str(tmp_path), option, port)
            assert f"{option} {port} on 127.0.0.1 cannot be used: " in said
            assert "give another, or 0 for any free one" in said


def test_a_folder_that_cannot_be_written_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "a-file"
    file.write_text("")
    for folder in (file, file / "below"):
        said = failing(capsys, "serve", "--dir", str(folder))
        assert f"the folder {folder} cannot be written: " in said


def test_a_ready_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    file = tmp_path / "not-there" / "ready.json"
    done = run("serve", "--dir", str(tmp_path / "data"), "--ready-file", str(file))
    assert done.returncode == 2
    assert f"the ready file {file} cannot be written: No such file or directory" in done.stderr


def test_a_missing_extra_is_reported_with_the_command_to_install_it() -> None:
    done = run(code=NOT_INSTALLED)
    assert done.returncode == 2
    assert done.stderr == (
        "wharfinger-sandbox: the sandbox's dependencies are not installed (moto is missing). "
        "Install them with: pip install 'wharfinger[sandbox]'\n"
    )


def test_a_second_sandbox_on_the_same_folder_is_refused(sandbox: Sandbox) -> None:
    done = run("serve", "--dir", str(sandbox.folder / "data"))
    assert done.returncode == 2
    folder = sandbox.folder / "data"
    assert done.stderr == f"wharfinger-sandbox: another sandbox uses {folder}; stop it or give another --dir\n"
    with database(sandbox) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_the_ready_file_says_what_the_contract_says(sandbox: Sandbox) -> None:
    ready = sandbox.ready
    assert set(ready) >= {
        "endpoint_url", "region", "account_id", "cluster", "workgroup", "wire", "admin", "engine", "identities", "pid",
    }  # fmt: skip
    assert (ready["region"], ready["account_id"], ready["pid"]) == ("us-east-1", "123456789012", sandbox.process.pid)
    assert ready["cluster"] == {"identifier": "demo-cluster", "database": "dev"}
    assert ready["workgroup"] == {"name": "demo-workgroup", "database": "dev"}
    assert set(ready["wire"]) == {"host", "port", "ca_file"}
    assert set(ready["admin"]) == {"user", "password"}
    assert [identity["name"] for identity in ready["identities"]] == ["admin", "analyst", "nobody"]
    assert all(set(one) == {"name", "access_key_id", "secret_access_key", "arn"} for one in ready["identities"])
    mode = (sandbox.folder / "ready.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert [path.name for path in sandbox.folder.glob(".ready*")] == []


def test_the_engine_below_is_reached_as_its_superuser(sandbox: Sandbox) -> None:
    with psycopg.connect(sandbox.ready["engine"]["dsn"]) as below:
        sql = "select current_user, rolsuper, current_database() from pg_roles where rolname = current_user"
        assert below.execute(sql).fetchone() == ("wf_engine", True, "dev")


@pytest.mark.parametrize("identity", [None, "admin", "analyst", "nobody"])
def test_env_prints_what_a_client_needs(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, identity: str | None
) -> None:
    named = ["--identity", identity] if identity else []
    assert cli.main(["env", "--ready-file", str(sandbox.folder / "ready.json"), *named]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith("export ") for line in lines)
    values = dict(shlex.split(line)[1].split("=", 1) for line in lines)
    assert values == sandbox.env(identity or "analyst")
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    session = boto3.Session()
    assert session.client("sts").get_caller_identity()["Arn"].endswith(f":user/{identity or 'analyst'}")


def test_env_refuses_what_is_not_there(sandbox: Sandbox, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    ready = str(sandbox.folder / "ready.json")
    said = failing(capsys, "env", "--ready-file", ready, "--identity", "eve")
    assert "there is no identity 'eve'; choose one of admin, analyst, nobody" in said
    said = failing(capsys, "env", "--ready-file", str(tmp_path / "none"))
    assert f"there is no ready file {tmp_path / 'none'}" in said
    (tmp_path / "half").write_text('{"endpoint')
    assert "cannot be read" in failing(capsys, "env", "--ready-file", str(tmp_path / "half"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left_after_a_signal(own_sandbox: Callable[..., Sandbox], number: signal.Signals) -> None:
    sandbox = own_sandbox()
    client = aws(sandbox, "redshift-data")
    with shut_gate(sandbox.ready["engine"]["dsn"]) as endless, database(sandbox) as connection:
        started = client.execute_statement(Sql=endless, ClusterIdentifier="demo-cluster", Database="dev")
        wait_until(lambda: client.describe_statement(Id=started["Id"])["Status"] == "STARTED")
        processes = family(sandbox.process.pid)
        assert len(processes) > 2
        os.kill(sandbox.process.pid, number)
        assert sandbox.process.wait(LAST_RESORT) == 0
        with pytest.raises(psycopg.OperationalError):
            connection.execute("select 1")
    wait_for_the_end(processes)
    assert not (sandbox.folder / "ready.json").exists()
    log = (sandbox.folder / "sandbox.log").read_text()
    assert "Traceback" not in log
    assert log.splitlines()[0].startswith("The sandbox answers at http://127.0.0.1:")


def test_the_engine_ends_with_a_killed_server(own_sandbox: Callable[..., Sandbox]) -> None:
    sandbox = own_sandbox()
    processes = family(sandbox.process.pid)
    sandbox.process.kill()
    sandbox.process.wait(LAST_RESORT)
    wait_for_the_end(processes)


def test_a_signal_while_starting_leaves_nothing(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    command = [sys.executable, "-m", "wharfinger_sandbox", "serve", "--dir", str(tmp_path / "d"), "--data", "shop"]
    with subprocess.Popen([*command, "--ready-file", str(ready)], stderr=subprocess.PIPE) as process:
        wait_until(lambda: (tmp_path / "d" / "engine.log").exists())
        processes = family(process.pid)
        process.terminate()
        assert process.wait(LAST_RESORT) == 0
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()
    wait_for_the_end(processes)
    assert not ready.exists()


def test_data_stays_with_its_folder_and_keys_are_new(own_sandbox: Callable[..., Sandbox]) -> None:
    first = own_sandbox()
    with database(first) as connection:
        connection.execute("create table public.kept (a int)")
        connection.execute("insert into public.kept values (7)")
        connection.execute("create user keeper password 'Keep1word'")
    first.stop()
    folder = str(first.folder / "data")
    second = own_sandbox("--dir", folder)
    assert second.ready["admin"]["password"] != first.ready["admin"]["password"]
    with database(second) as connection:
        assert connection.execute("select a from public.kept").fetchone() == (7,)
    with database(second, user="keeper", password="Keep1word") as connection:
        assert connection.execute("select current_user").fetchone() == ("keeper",)


def test_a_sandbox_without_a_folder_cleans_up_after_itself(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    command = [sys.executable, "-m", "wharfinger_sandbox", "serve", "--ready-file", str(ready)]
    with subprocess.Popen(command, env={**os.environ, "TMPDIR": str(tmp_path)}, stdout=subprocess.PIPE) as process:
        wait_until(lambda: ready.exists() or process.poll() is not None)
        ca_file = Path(json.loads(ready.read_text())["wire"]["ca_file"])
        assert ca_file.exists()
        process.terminate()
        assert process.wait(LAST_RESORT) == 0
    assert not ca_file.parent.exists()
    assert list(tmp_path.iterdir()) == []
