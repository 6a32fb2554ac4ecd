"""`wharfinger keys`."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from tests.command_line import Run


def test_show_tells_where_which_and_since_when_but_no_key(cli: Run, home: Path) -> None:
    document = cli("keys", "show", "--json").document

    assert list(document) == ["provider", "key_id", "created_at", "wrapped_keys"]
    assert document["provider"] == "local"
    key = json.loads((home / "master.key").read_text())["key"]
    for answer in (cli("keys", "show"), cli("keys", "show", "--json")):
        assert key not in answer.out
        assert base64.b64decode(key).hex() not in answer.out


def test_a_lost_key_is_told_and_nothing_is_overwritten(cli: Run, home: Path) -> None:
    cli("keys", "show")
    (home / "master.key").unlink()
    before = {file.name: file.read_bytes() for file in home.iterdir()}
    answer = cli("connection", "list", "--json")

    assert answer.code == 2
    assert answer.error["kind"] == "not_found"
    assert "lost" in answer.error["what"]
    assert "backup" in answer.error["next_step"]
    assert {file.name: file.read_bytes() for file in home.iterdir()} == before


def test_a_lost_keyring_is_told_and_nothing_is_overwritten(cli: Run, home: Path) -> None:
    cli("keys", "show")
    (home / "keyring.json").unlink()
    answer = cli("connection", "list", "--json")

    assert (answer.code, answer.error["kind"]) == (3, "conflict")
    assert not (home / "keyring.json").exists()


def test_a_move_to_an_unknown_place_is_invalid(cli: Run) -> None:
    answer = cli("keys", "move", "--to", "pocket", "--json")

    assert (answer.code, answer.error["kind"]) == (2, "invalid")


def test_a_move_to_where_it_is_changes_nothing(cli: Run) -> None:
    before = cli("keys", "show", "--json").document
    moved = cli("keys", "move", "--to", "local", "--json")

    assert moved.code == 0
    assert moved.document == {**before, "moved": False, "moved_from": None, "old_key_removed": False}
    assert "Nothing was moved" in cli("keys", "move", "--to", "local").out
