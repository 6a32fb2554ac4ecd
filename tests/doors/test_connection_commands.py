"""`wharfinger connection` without a warehouse: saving, showing, removing, and where secrets go."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.command_line import Answer, Run

SECRET = "hunter2-never-shown"
TOKEN = "token-never-shown"
PLACE = ["--region", "us-east-1", "--database", "dev", "--untested"]
PASSWORD = ["--cluster", "demo", "--sign-in", "password", "--host", "h", "--user", "reader", *PLACE]
KEYS = ["--cluster", "demo", "--access-key-id", "AKIAEXAMPLE", *PLACE]


def add(cli: Run, *arguments: str) -> Answer:
    return cli("connection", "add", "shop", *arguments, "--json")


def files(home: Path) -> bytes:
    return b"".join(file.read_bytes() for file in home.iterdir())


def test_an_untested_connection_is_marked_so_everywhere(cli: Run) -> None:
    added = add(cli, "--workgroup", "demo", *PLACE)
    listed = cli("connection", "list", "--json").document["connections"]

    assert added.document["saved"] is True
    assert added.document["test"] is None
    assert [(one["name"], one["tested"], one["tested_at"]) for one in listed] == [("shop", False, None)]
    assert "untested" in cli("connection", "list").out


def test_show_tells_everything_but_secrets(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_SECRET", SECRET)
    add(cli, *KEYS, "--secret-access-key-from", "env:SHOP_SECRET", "--role-arn", "arn:aws:iam::123456789012:role/r")

    assert cli("connection", "show", "shop", "--json").document == {
        "name": "shop",
        "target": {"kind": "cluster", "name": "demo"},
        "region": "us-east-1",
        "database": "dev",
        "sign_in": "iam",
        "db_user": None,
        "secret_arn": None,
        "host": None,
        "port": None,
        "user": None,
        "identity": {
            "kind": "keys",
            "access_key_id": "AKIAEXAMPLE",
            "aws_profile": None,
            "role_arn": "arn:aws:iam::123456789012:role/r",
            "external_id": None,
        },
        "endpoint_url": None,
        "account_id": None,
        "tested": False,
        "tested_at": None,
    }
    shown = cli("connection", "show", "shop").out
    assert SECRET not in shown
    assert {"target kind\tcluster", "target name\tdemo", "identity access key id\tAKIAEXAMPLE"} <= set(
        shown.split("\n")
    )


def test_the_region_comes_from_the_environment_when_it_is_not_given(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ["--cluster", "demo", "--database", "dev", "--untested"]
    missing = add(cli, *arguments)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    found = add(cli, *arguments)

    assert (missing.code, missing.error["what"]) == (2, "You must specify a region")
    assert "--region" in missing.error["next_step"]
    assert found.document["connection"]["region"] == "eu-west-1"


def test_a_secret_from_each_source_is_sealed_and_never_seen(
    cli: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text(SECRET + "\n")
    (tmp_path / "secret").chmod(0o600)
    monkeypatch.setenv("SHOP_SECRET", SECRET)
    seen = ""
    for number, source in enumerate(["stdin", "env:SHOP_SECRET", f"file:{tmp_path / 'secret'}"]):
        for form in ([], ["--json"]):
            monkeypatch.setattr(sys, "stdin", io.StringIO(SECRET + "\n"))
            answer = cli("connection", "add", f"shop{number}{len(form)}", *PASSWORD, "--password-from", source, *form)
            assert answer.code == 0, answer
            seen += answer.out + answer.err
    for command in (
        ["connection", "list"],
        ["connection", "show", "shop00"],
        ["connection", "remove", "shop00", "--yes"],
    ):
        seen += cli(*command).out + cli(*command, "--json").out

    from wharfinger.app import open_app

    app = open_app(home)
    kept = [app.connections._store.secrets(one).password for one in app.connections.all()]
    assert [secret.reveal() for secret in kept if secret] == [SECRET] * 5
    assert SECRET not in seen
    assert SECRET.encode() not in files(home)


def test_a_key_with_its_secret_and_token_takes_two_sources(
    cli: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(SECRET))
    monkeypatch.setenv("SHOP_TOKEN", TOKEN)
    sources = ["--secret-access-key-from", "stdin", "--session-token-from", "env:SHOP_TOKEN"]

    assert add(cli, *KEYS, *sources).code == 0
    assert SECRET.encode() not in files(home)
    assert TOKEN.encode() not in files(home)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("hunter2-never-shown", "does not name a source"),
        ("env:", "does not name a source"),
        ("env:NOT_SET", "NOT_SET"),
        ("env:EMPTY", "empty"),
        ("env:BYTES", "not text"),
        ("file:/does/not/exist", "/does/not/exist"),
        ("stdin", "empty"),
        ("prompt", "There is no prompt"),
        ("file:/dev/zero", "neither a regular file nor a pipe"),
        ("env:HUGE", "more than 64 KB"),
    ],
)
def test_a_source_without_a_secret_is_invalid(
    cli: Run, monkeypatch: pytest.MonkeyPatch, source: str, says: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    monkeypatch.setenv("EMPTY", "")
    monkeypatch.setenv("BYTES", "\udcff")
    monkeypatch.setenv("HUGE", "x" * 65_537)
    answer = add(cli, *PASSWORD, "--password-from", source)

    assert answer.code == 2
    assert says in " ".join(answer.error.values())
    assert SECRET not in answer.out + answer.err


def test_stdin_gives_one_secret_only(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(SECRET))
    answer = add(cli, *KEYS, "--secret-access-key-from", "stdin", "--session-token-from", "stdin")

    assert answer.code == 2
    assert "--secret-access-key-from" in answer.error["what"]


def test_a_secret_file_that_others_may_read_is_used_with_a_warning(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "secret").chmod(0o644)
    answer = add(cli, *PASSWORD, "--password-from", f"file:{tmp_path / 'secret'}")

    assert answer.code == 0
    assert "chmod 600" in answer.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--cluster", "a", "--workgroup", "b"], "exactly one target"),
        ([], "exactly one target"),
        (["--workgroup", "b", "--sign-in", "db-user", "--db-user", "u"], "no database user"),
        (["--cluster", "a", "--sign-in", "magic"], "No such sign-in"),
        (["--cluster", "a", "--access-key-id", "AKIA", "--aws-profile", "p"], "exclude each other"),
        (["--cluster", "a", "--access-key-id", "AKIA"], "--secret-access-key-from"),
        (["--cluster", "a", "--sign-in", "secret"], "--secret-arn"),
        (["--cluster", "a", "--host", "h"], "The user is missing"),
        (["--cluster", "a", "--sign-in", "iam", "--host", "h"], "exclude each other"),
        (["--cluster", "a", "--db-user", "u", "--host", "h"], "exclude each other"),
    ],
)
def test_options_that_do_not_go_together_are_invalid(cli: Run, arguments: list[str], says: str) -> None:
    answer = add(cli, *arguments, *PLACE)

    assert answer.code == 2
    assert says in " ".join(answer.error.values())
    assert cli("connection", "list", "--json").document == {"connections": []}


def test_wrong_options_are_reported_before_a_secret_is_read(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(SECRET))
    added = add(cli, "--sign-in", "password", "--user", "u", "--password-from", "stdin", *PLACE)
    identity = ["--aws-profile", "p", "--secret-access-key-from", "stdin"]
    discovered = cli("connection", "discover", "--region", "us-east-1", *identity, "--json")

    assert added.error["what"] == "Name exactly one target"
    assert "needs an access key id" in discovered.error["what"]
    assert sys.stdin.read() == SECRET


def test_removing_takes_the_row_and_the_data_key(cli: Run, home: Path) -> None:
    add(cli, "--cluster", "demo", *PLACE)
    before = cli("keys", "show", "--json").document["wrapped_keys"]

    assert cli("connection", "remove", "shop", "--yes", "--json").document == {"removed": "shop"}
    assert cli("keys", "show", "--json").document["wrapped_keys"] == before - 1
    assert cli("connection", "show", "shop").code == 2
    assert cli("connection", "remove", "shop", "--yes").code == 2


def test_a_connection_without_texts_of_people_is_removed_without_a_question_where_nobody_can_be_asked(
    cli: Run,
) -> None:
    add(cli, "--cluster", "demo", *PLACE)

    assert cli("connection", "remove", "shop", "--json").document == {"removed": "shop"}


def test_a_renamed_connection_has_the_new_name_only(cli: Run) -> None:
    before = add(cli, "--cluster", "demo", *PLACE).document["connection"]
    renamed = cli("connection", "rename", "shop", "shop-2", "--json")

    assert renamed.document == {**before, "name": "shop-2"}
    assert cli("connection", "show", "shop-2", "--json").document == renamed.document
    assert cli("connection", "show", "shop", "--json").error["kind"] == "not_found"
    assert cli("connection", "rename", "shop-2", "shop").out == "Renamed shop-2 to shop.\n"


@pytest.mark.parametrize(
    ("old", "new", "kind", "code", "says"),
    [
        ("shop", "other", "conflict", 3, "NEW"),
        ("shop", "shop", "conflict", 3, "NEW"),
        ("shop", "my shop", "invalid", 2, "NEW"),
        ("nobody", "somebody", "not_found", 2, "connection list"),
    ],
)
def test_a_name_that_cannot_be_given_changes_nothing(
    cli: Run, old: str, new: str, kind: str, code: int, says: str
) -> None:
    for name in ("other", "shop"):
        cli("connection", "add", name, "--cluster", "demo", *PLACE)
    answer = cli("connection", "rename", old, new, "--json")

    assert (answer.code, answer.error["kind"]) == (code, kind)
    assert says in answer.error["next_step"]
    listed = cli("connection", "list", "--json").document["connections"]
    assert [one["name"] for one in listed] == ["other", "shop"]


def test_renaming_changes_nothing_in_the_store_but_the_name(cli: Run, home: Path) -> None:
    from tests.described_home import CUSTOMERS, ORDERS, Home, table

    from wharfinger.store import models

    described = Home(home)
    described.refresh(ORDERS, CUSTOMERS)
    described.select(table(ORDERS))
    assert cli("describe", "shop", "raw_shop.orders", "--text", "Orders.").code == 0
    at = datetime(2026, 11, 21, tzinfo=UTC)
    ours = {"connection_id": described.connection}
    models.AccessPlan.objects.create(id="p", digest="d", content={}, made_at=at, **ours)
    models.Run.objects.create(id="r", asked_by="local", started_at=at, **ours)
    models.Unit.objects.create(id="u", kind="profile", members=[], size=1, **ours)
    shown = cli("show", "shop", "raw_shop.orders", "--json").document
    listed = cli("tables", "list", "shop", "--json").document

    before = everything()
    assert cli("connection", "rename", "shop", "shop-2").code == 0
    after = everything()

    assert len(after.pop("AuditEvent")) == len(before.pop("AuditEvent")) + 1
    (renamed,), (original,) = after.pop("Connection"), before.pop("Connection")
    assert renamed == original | {"name": "shop-2"}
    assert after == before
    assert {name for name, rows in before.items() if rows} >= {
        "AccessPlan", "CatalogTable", "Run", "SelectedTable", "TableText", "Unit",
    }  # fmt: skip
    assert cli("show", "shop-2", "raw_shop.orders", "--json").document == shown
    assert cli("tables", "list", "shop-2", "--json").document == listed


def everything() -> dict[str, list[dict[str, Any]]]:
    """All rows of the store, by table."""
    from wharfinger.store import models

    return {name: list(getattr(models, name).objects.order_by("pk").values()) for name in models.__all__}


def test_secrets_open_under_the_new_name(cli: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_SECRET", SECRET)
    add(cli, *PASSWORD, "--password-from", "env:SHOP_SECRET")
    cli("connection", "rename", "shop", "shop-2")

    from wharfinger.app import open_app

    app = open_app(home)
    password = app.parts.saved.secrets(app.connections.get("shop-2")).password
    assert password is not None
    assert password.reveal() == SECRET


@pytest.mark.parametrize(
    ("command", "queries"),
    [
        (["show", "shop"], 1),
        (["test", "shop"], 2),  # the second reads the sealed secrets
        (["policy", "shop"], 1),
        (["rename", "shop", "other"], 2),  # the second writes
        (["remove", "shop", "--yes"], 3),  # the second collects what depends on it, the third deletes
    ],
)
def test_a_command_looks_its_connection_up_once(
    cli: Run, home: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], queries: int
) -> None:
    monkeypatch.setenv("SHOP_SECRET", SECRET)
    # A region that is none ends the test before AWS is asked.
    place = ["--region", "nowhere", "--database", "dev", "--untested"]
    target = ["--cluster", "demo", "--sign-in", "password", "--host", "h", "--user", "reader"]
    assert add(cli, *target, "--password-from", "env:SHOP_SECRET", *place).code == 0
    seen = statements_of(lambda: cli("connection", *command))
    about_connections = [sql for sql in seen if '"store_connection"' in sql]
    by_name = [sql for sql in about_connections if sql.startswith("SELECT") and '."name" = ' in sql]

    assert len(by_name) == 1
    assert len(about_connections) == queries


def statements_of(act: Callable[[], object]) -> list[str]:
    """The SQL texts that the store runs while `act` does."""
    from django.db import connection

    from wharfinger import store

    store.setup()
    seen: list[str] = []

    def note(execute: Any, sql: str, *arguments: Any) -> Any:
        seen.append(sql)
        return execute(sql, *arguments)

    with connection.execute_wrapper(note):
        act()
    return seen


def test_every_change_is_in_the_audit_log_without_secrets(
    cli: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_SECRET", SECRET)
    add(cli, *PASSWORD, "--password-from", "env:SHOP_SECRET")
    cli("connection", "list")
    cli("connection", "rename", "shop", "shop-2")
    cli("connection", "remove", "shop-2", "--yes")

    from wharfinger.app import open_app

    events = list(reversed(open_app(home).audit.events()))
    assert [(event.action, event.subject, event.detail) for event in events] == [
        ("connection:add", "shop", "untested"),
        ("connection:rename", "shop", "to shop-2"),
        ("connection:remove", "shop-2", ""),
    ]


def test_a_secret_moved_to_another_row_does_not_open(cli: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_SECRET", SECRET)
    for name in ("one", "two"):
        cli("connection", "add", name, *PASSWORD, "--password-from", "env:SHOP_SECRET")

    from wharfinger.app import open_app
    from wharfinger.core.errors import Conflict
    from wharfinger.store.models import Connection

    app = open_app(home)
    one, two = Connection.objects.order_by("name")
    Connection.objects.filter(id=two.id).update(sealed_secrets=one.sealed_secrets)

    with pytest.raises(Conflict, match="sealed for another row"):
        app.connections._store.secrets(app.connections.get("two"))


def test_a_password_at_a_given_host_needs_no_policy_and_no_aws_to_say_so(
    cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_SECRET", SECRET)
    add(cli, *PASSWORD, "--password-from", "env:SHOP_SECRET")
    answer = cli("connection", "policy", "shop", "--json")

    assert answer.code == 0
    assert answer.document["Statement"] == []
    assert "needs no IAM policy" in answer.err
