"""Which region a connection gets, and what is told about a region that is a slip, empty or out of reach."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.journeys.places import Place, closed_port, failed, server


@pytest.mark.parametrize(
    ("environment", "arguments", "region"),
    [
        ({}, (), "us-east-1"),
        ({"AWS_PROFILE": "work"}, (), "eu-west-1"),
        ({"AWS_PROFILE": "work"}, ("--aws-profile", "default"), "us-east-1"),
        ({}, ("--aws-profile", "work"), "eu-west-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-2"}, ("--aws-profile", "work"), "eu-west-2"),
        ({"AWS_DEFAULT_REGION": ""}, ("--aws-profile", "work"), "eu-west-1"),
        ({"AWS_REGION": "eu-west-3", "AWS_DEFAULT_REGION": "eu-west-2"}, ("--aws-profile", "work"), "eu-west-3"),
        ({"AWS_REGION": "eu-west-3"}, ("--region", "eu-central-1"), "eu-central-1"),
    ],
)
def test_the_region_is_the_options_then_the_environments_then_the_profiles(
    place: Place, tmp_path: Path, environment: dict[str, str], arguments: tuple[str, ...], region: str
) -> None:
    config = tmp_path / "config"
    config.write_text("[default]\nregion = us-east-1\n[profile work]\nregion = eu-west-1\n")
    place.unset("AWS_REGION", "AWS_DEFAULT_REGION")
    place.set("AWS_CONFIG_FILE", str(config))
    for name, value in environment.items():
        place.set(name, value)
    answer = place.workgroup(*arguments, "--untested")

    assert answer.document["connection"]["region"] == region
    assert place.cli("connection", "show", "shop", "--json").document["region"] == region


def test_a_profile_that_is_not_there_has_no_region(place: Place, tmp_path: Path) -> None:
    place.unset("AWS_REGION", "AWS_DEFAULT_REGION")
    place.set("AWS_CONFIG_FILE", str(tmp_path / "config"))
    place.set("AWS_PROFILE", "wrok")
    answer = place.cli("connection", "discover", "--json")

    assert (answer.code, answer.error["what"], answer.error["subject"]) == (2, "There is no such AWS profile", "")


def test_a_region_that_is_a_slip_is_refused_and_advised_nowhere(place: Place) -> None:
    place.unset("AWS_ENDPOINT_URL")
    added = place.workgroup("--region", "us-esat-1")
    found = place.cli("connection", "discover", "--region", "us-esat-1", "--json")

    failed(added, "region", "us-esat-1 is not among the regions", "has no address", next_step="Did you mean us-east-1?")
    assert (found.code, found.error["what"]) == (2, "There is no such AWS region")
    assert found.error["next_step"] == "Did you mean us-east-1? (--region)"


def test_a_slip_of_a_region_at_another_endpoint_is_advised_nowhere(place: Place) -> None:
    added = place.workgroup("--region", "us-esat-1")
    denied = place.cli("connection", "discover", "--region", "us-esat-1", "--json").document
    place.become("admin")
    found = place.cli("connection", "discover", "--region", "us-esat-1", "--json").document

    failed(added, "target", "endpoint doesn't exist", next_step="--region us-east-1")
    assert not [check for check in added.document["test"]["checks"] if "esat" in check["next_step"]]
    assert denied["next_step"].startswith("Did you mean us-east-1? Allow redshift:DescribeClusters")
    assert "esat" not in denied["next_step"]
    place.workgroup("--region", "us-esat-1", "--untested")
    later = place.cli("tables", "refresh", "shop", "--json").error["next_step"]
    assert later.endswith("wharfinger connection discover --region us-east-1")
    assert (found["targets"], found["next_step"]) == ([], "Did you mean us-east-1?")


def test_an_empty_region_is_told_with_its_account(place: Place) -> None:
    place.become("admin")
    answer = place.cli("connection", "discover", "--region", "eu-west-3")

    assert answer.out == f"No clusters or workgroups in eu-west-3 (account {place.sandbox.ready['account_id']}).\n"
    assert "Look in another region, or with another identity" in answer.err


def test_an_endpoint_that_is_not_of_aws(place: Place) -> None:
    page = b"HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nhello"
    with server(lambda connection: (connection.recv(4096), connection.sendall(page))) as port:
        answer = place.workgroup("--endpoint-url", f"http://127.0.0.1:{port}")

    failed(answer, "region", "is not AWS", next_step="--endpoint-url")


def test_a_proxy_that_nothing_answers_at(place: Place) -> None:
    place.unset("AWS_ENDPOINT_URL")
    with closed_port() as port:
        place.set("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        answer = place.workgroup("--region", "us-esat-1")

    failed(answer, "region", "The proxy", next_step="Did you mean us-east-1? Check HTTPS_PROXY")
