"""The master key in AWS Secrets Manager: moved there and back, and errors when it cannot be read."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

import pytest
from tests.journeys.places import Place, closed_port


@pytest.fixture
def secret_name() -> str:
    return f"wharfinger/{uuid.uuid4().hex[:8]}"


def saved(place: Place) -> None:
    place.set("SHOP_PASSWORD", "hunter2-never-shown")
    arguments = ["--host", "h", "--user", "u", "--password-from", "env:SHOP_PASSWORD", "--untested"]
    assert place.cluster("--sign-in", "password", *arguments).code == 0


def names(place: Place) -> list[str]:
    return [one["name"] for one in place.cli("connection", "list", "--json").document["connections"]]


def test_the_key_moves_to_aws_and_back_and_the_store_stays_open(place: Place, home: Path, secret_name: str) -> None:
    place.become("admin")
    saved(place)
    there = place.cli("keys", "move", "--to", f"aws-secretsmanager:{secret_name}", "--json").document

    assert there["provider"] == f"aws-secretsmanager:{secret_name}"
    assert (there["moved_from"], there["old_key_removed"]) == ("local", True)
    assert not (home / "master.key").exists()
    assert names(place) == ["shop"]

    back = place.cli("keys", "move", "--to", "local", "--json").document

    assert (back["provider"], back["old_key_removed"]) == ("local", False)
    assert back["key_id"] != there["key_id"]
    place.unset("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    assert names(place) == ["shop"]


def test_the_region_is_remembered(place: Place, secret_name: str) -> None:
    place.become("admin")
    saved(place)
    place.cli("keys", "move", "--to", f"aws-secretsmanager:{secret_name}")
    place.unset("AWS_REGION", "AWS_DEFAULT_REGION")

    assert names(place) == ["shop"]


def test_the_secret_holds_the_key_and_no_output_does(place: Place, secret_name: str) -> None:
    place.become("admin")
    answers = [
        place.cli("keys", "move", "--to", f"aws-secretsmanager:{secret_name}"),
        place.cli("keys", "show"),
        place.cli("keys", "show", "--json"),
    ]
    kept = json.loads(place.aws("secretsmanager").get_secret_value(SecretId=secret_name)["SecretString"])

    assert kept["id"] == answers[2].document["key_id"]
    assert all(kept["key"] not in answer.out + answer.err for answer in answers)


def test_without_the_right_to_read_the_secret_the_store_stays_shut(place: Place, secret_name: str) -> None:
    place.become("admin")
    saved(place)
    place.cli("keys", "move", "--to", f"aws-secretsmanager:{secret_name}")
    place.become("analyst")
    refused = place.cli("connection", "list", "--json")
    place.unset("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    nobody = place.cli("connection", "list", "--json")
    place.become("admin")

    assert (refused.code, refused.error["kind"]) == (3, "refused")
    assert "secretsmanager:GetSecretValue" in refused.error["why"]
    assert (nobody.code, nobody.error["kind"]) == (2, "invalid")
    assert names(place) == ["shop"]


def test_a_key_lost_in_aws_is_told_and_nothing_is_overwritten(place: Place, home: Path, secret_name: str) -> None:
    place.become("admin")
    saved(place)
    place.cli("keys", "move", "--to", f"aws-secretsmanager:{secret_name}")
    before = (home / "keyring.json").read_bytes()
    place.aws("secretsmanager").delete_secret(SecretId=secret_name, ForceDeleteWithoutRecovery=True)
    lost = place.cli("connection", "list", "--json")
    moved = place.cli("keys", "move", "--to", "local", "--json")

    assert (lost.code, lost.error["kind"]) == (2, "not_found")
    assert "lost" in lost.error["what"]
    assert "backup" in lost.error["next_step"]
    assert moved.error["kind"] == "not_found"
    assert (home / "keyring.json").read_bytes() == before
    assert not (home / "master.key").exists()


def test_a_secret_of_somebody_else_is_not_overwritten(place: Place, home: Path, secret_name: str) -> None:
    place.become("admin")
    saved(place)
    secrets = place.aws("secretsmanager")
    secrets.create_secret(Name=secret_name, SecretString="their own")
    answer = place.cli("keys", "move", "--to", f"aws-secretsmanager:{secret_name}", "--json")

    assert (answer.code, answer.error["kind"]) == (3, "conflict")
    assert "their own" not in answer.out
    assert secrets.get_secret_value(SecretId=secret_name)["SecretString"] == "their own"
    assert (home / "master.key").exists()
    assert names(place) == ["shop"]


def test_when_aws_cannot_be_reached_the_key_stays_where_it_is(place: Place, home: Path, secret_name: str) -> None:
    place.become("admin")
    saved(place)
    before = (home / "keyring.json").read_bytes()
    with closed_port() as port:
        place.set("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        answer = place.cli("keys", "move", "--to", f"aws-secretsmanager:{secret_name}", "--json")

    assert (answer.code, answer.error["kind"]) == (5, "unavailable")
    assert (home / "keyring.json").read_bytes() == before
    assert (home / "master.key").exists()
