"""A home that an earlier build has written opens with this one: nothing is lost, and work that was cut off is due.

`home-7f30ebe.tar.gz` was made by that build (see `make_home.py`); its processes were killed in the middle of a run.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import stat
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
from tests.command_line import Run
from tests.conftest import LAST_RESORT, Sandbox

from wharfinger.app import open_app

ROOT = Path(__file__).parents[2]
COMMIT = "7f30ebe"
COPY = "wharfinger.db.before-0002"
OLD_EVENTS = {
    ("connection:add", "shop"),
    ("connection:add", "direct"),
    ("catalog:refresh", "shop"),
    ("catalog:select", "shop"),
    ("insight:dbt-import", "shop"),
    ("insight:process", "shop"),
    ("insight:describe", "dev.raw_shop.orders"),
    ("insight:personal", "dev.raw_shop.orders.status"),
    ("access:plan", "direct"),
}
"""The events of the home: action and subject, by the names that build gave them."""

WORDS_OF_THE_PROGRAM = ("misses",)
"""Members of answers that are not stored: what a change signal can miss."""


@pytest.fixture
def answers(home: Path) -> dict[str, Any]:
    """The answers of the earlier build about the home, which is unpacked as the command line's home."""
    with tarfile.open(Path(__file__).parent / f"home-{COMMIT}.tar.gz") as archive:
        archive.extractall(home.parent, filter="data")
    document: dict[str, Any] = json.loads((home.parent / "answers.json").read_text())
    assert document["commit"] == COMMIT
    return document


@pytest.fixture(scope="session")
def earlier_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source of the earlier build, out of the repository's history."""
    if subprocess.run(
        ["git", "cat-file", "-e", COMMIT], cwd=ROOT, capture_output=True, check=False, timeout=LAST_RESORT
    ).returncode:
        pytest.skip(f"this checkout has no history: {COMMIT} is not there")
    folder = tmp_path_factory.mktemp("earlier")
    packed = subprocess.run(
        ["git", "archive", COMMIT, "src"], cwd=ROOT, capture_output=True, check=True, timeout=LAST_RESORT
    )
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as source:
        source.extractall(folder, filter="data")
    return folder / "src"


def ask_earlier_build(source: Path, home: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the JSON answer of the earlier build's command line."""
    environment = {**os.environ, "PYTHONPATH": str(source), "WHARFINGER_HOME": str(home)}
    command = [sys.executable, "-m", "wharfinger.cli", *arguments, "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=LAST_RESORT)
    return done.returncode, json.loads(done.stdout)


def due(cli: Run, *patterns: str) -> int:
    """How many of the selected tables would be processed now."""
    answer = cli("process", "shop", *patterns, "--estimate", "--json")
    assert answer.code == 0, answer
    return int(answer.document["tables"])


def test_the_home_holds_what_the_test_is_about(answers: dict[str, Any]) -> None:
    shown = [one["answer"] for one in answers["answers"] if one["command"][0] == "show"]
    texts = [column["description"] for table in shown for column in [table, *table["columns"]]]
    profiles = [column["profile"] for table in shown for column in table["columns"] if column["profile"]]

    assert {text["source"] for text in texts if text} >= {"human", "dbt", "rules"}
    assert any(profile["samples"] for profile in profiles)
    assert any(profile["masked"] for profile in profiles)
    assert [table["profiled_at"] is None for table in shown] == [False, False, False, True, True]


def lost(before: Any, now: Any, where: str) -> list[str]:
    """The parts of the earlier build's answer that the present answer lacks; members may have been added since."""
    if isinstance(before, dict) and isinstance(now, dict):
        members = [name for name in before if name not in WORDS_OF_THE_PROGRAM]
        return [text for name in members for text in lost(before[name], now.get(name, "?"), f"{where} {name}")]
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        return [text for at, one in enumerate(before) for text in lost(one, now[at], f"{where} {at}")]
    return [] if before == now else [f"{where}: {before!r} is now {now!r}"]


def test_no_answer_of_the_earlier_build_is_lost(answers: dict[str, Any], cli: Run) -> None:
    for one in answers["answers"]:
        answer = cli(*one["command"], "--json")
        assert answer.code == 0, answer
        assert lost(one["answer"], answer.document, " ".join(one["command"])) == []


def test_sealed_secrets_open(answers: dict[str, Any], home: Path) -> None:
    app = open_app(home)
    shop, direct = (app.parts.saved.secrets(app.connections.get(name)) for name in ("shop", "direct"))

    assert shop.secret_access_key is not None
    assert direct.password is not None
    found = {"shop": shop.secret_access_key.reveal(), "direct": direct.password.reveal()}
    assert {name: hashlib.sha256(text.encode()).hexdigest() for name, text in found.items()} == answers["secrets"]


def test_earlier_events_are_in_the_audit_log_as_done(answers: dict[str, Any], cli: Run) -> None:
    events = cli("audit", "list", "--json").document["events"]

    assert {(one["action"], one["subject"]) for one in events} == OLD_EVENTS
    assert {one["outcome"] for one in events} == {"done"}


def test_a_plan_of_access_is_still_there(answers: dict[str, Any], home: Path) -> None:
    open_app(home)
    from wharfinger.store.models import AccessPlan

    (plan,) = AccessPlan.objects.select_related("connection")
    assert (plan.id, plan.digest, plan.connection.name) == (*answers["plan"].values(), "direct")


def test_tables_whose_processing_was_cut_off_are_due_and_no_others(answers: dict[str, Any], cli: Run) -> None:
    assert due(cli) == len(answers["pending"]) == 2
    assert [due(cli, table) for table in answers["pending"]] == [1, 1]
    assert due(cli, "raw_shop.orders", "raw_shop.b2b_contacts", "raw_shop.api_keys") == 0


def test_processing_does_what_is_due(answers: dict[str, Any], cli: Run, home: Path, sandbox: Sandbox) -> None:
    let_in(home, sandbox)
    answer = cli("process", "shop", "--json")

    assert answer.code == 0, answer
    statuses = {one["table"]: one["profile"]["status"] for one in answer.document["tables"]}
    assert {statuses[table] for table in answers["pending"]} == {"completed"}
    assert due(cli) == 0
    shown = [cli("show", "shop", table, "--json").document for table in answers["pending"]]
    assert all(table["profiled_at"] and table["description"] for table in shown)


def let_in(home: Path, sandbox: Sandbox) -> None:
    """Make the connection `shop` use a running sandbox instead of the one that made the home."""
    parts = open_app(home).parts
    from wharfinger.store.models import Connection

    keys = sandbox.identity("admin")
    row = Connection.objects.get(name="shop")
    secrets = json.dumps({"secret_access_key": keys["secret_access_key"]}).encode()
    row.sealed_secrets = parts.sealer.seal(row.id, f"connection:{row.id}:secrets", secrets)
    row.access_key_id, row.endpoint_url = keys["access_key_id"], sandbox.endpoint_url
    row.save()


def test_a_copy_of_the_store_is_kept_that_the_earlier_build_opens(
    answers: dict[str, Any], cli: Run, home: Path, tmp_path: Path, earlier_build: Path
) -> None:
    assert cli("describe", "shop", "raw_shop.orders", "--clear").code == 0
    copy = home / COPY
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    earlier = tmp_path / "earlier home"
    shutil.copytree(home, earlier, ignore=shutil.ignore_patterns("wharfinger.db*"))
    shutil.copy(copy, earlier / "wharfinger.db")

    show = ["show", "shop", "raw_shop.orders"]
    expected = next(one["answer"] for one in answers["answers"] if one["command"] == show)
    assert ask_earlier_build(earlier_build, earlier, *show) == (0, expected)


def test_the_earlier_build_refuses_the_newer_store_by_name(
    answers: dict[str, Any], cli: Run, home: Path, earlier_build: Path
) -> None:
    assert ask_earlier_build(earlier_build, home, "connection", "list")[0] == 0
    assert cli("connection", "list").code == 0
    code, document = ask_earlier_build(earlier_build, home, "connection", "list")

    assert (code, document["error"]["kind"]) == (3, "conflict")
    assert document["error"]["what"] == "The store was written by a newer version of Wharfinger"
    assert "0002_audit_outcome" in document["error"]["why"]
    assert cli("connection", "list").code == 0


def test_this_build_refuses_a_newer_store_by_name(answers: dict[str, Any], cli: Run) -> None:
    assert cli("connection", "list").code == 0
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("insert into django_migrations (app, name, applied) values ('store', '9999_x', '2030-01-01')")
    answer = cli("connection", "list", "--json")

    assert (answer.code, answer.error["kind"]) == (3, "conflict")
    assert answer.error["what"] == "The store was written by a newer version of Wharfinger"
    assert "9999_x" in answer.error["why"]
    assert "--home" in answer.error["next_step"]
