"""Signature Version 4, checked against botocore's signer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from wharfinger_sandbox.aws.sigv4 import BadSignature, NotSigned, Request, read, verify

SECRET = "a-secret-of-this-test"
BODY = b'{"Sql": "select 1"}'


def signed(query: str = "", token: str | None = None, headers: dict[str, str] | None = None) -> Request:
    url = "http://127.0.0.1:4700/" + (f"?{query}" if query else "")
    request = AWSRequest("POST", url, {"X-Amz-Target": "RedshiftData.ExecuteStatement", **(headers or {})}, BODY)
    SigV4Auth(Credentials("AKIATEST", SECRET, token), "redshift-data", "eu-west-1").add_auth(request)
    prepared = request.prepare()
    names = {name.lower(): value for name, value in prepared.headers.items()}
    plain = {name: value.decode() if isinstance(value, bytes) else value for name, value in names.items()}
    return Request("POST", "/", query, {"host": "127.0.0.1:4700", **plain}, BODY)


def check(request: Request, *, secret: str = SECRET, at: datetime | None = None) -> None:
    verify(request, read(request.headers), secret, at or datetime.now(UTC))


def moment(request: Request) -> datetime:
    """When the request was signed, in whole seconds."""
    return datetime.strptime(request.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def changed(request: Request, **changes: Any) -> Request:
    fields = {name: getattr(request, name) for name in ("method", "path", "query", "headers", "body")}
    return Request(**{**fields, **changes})


def test_botocores_signatures_are_accepted() -> None:
    for request in (
        signed(),
        signed(query="b=2&a=1%20x&a=%2F&empty="),
        signed(token="a/session+token=="),
        signed(headers={"X-Custom": "  many   spaces  "}),
    ):
        check(request)


def test_the_signature_names_its_key_and_scope() -> None:
    signature = read(signed().headers)
    assert (signature.access_key_id, signature.region, signature.service) == ("AKIATEST", "eu-west-1", "redshift-data")


def test_another_secret_key_is_refused() -> None:
    with pytest.raises(BadSignature, match="does not match the signature you provided"):
        check(signed(), secret="another")


@pytest.mark.parametrize(
    "change",
    [
        {"method": "PUT"},
        {"path": "/other"},
        {"query": "a=1"},
        {"body": b'{"Sql": "drop table t"}'},
    ],
)
def test_a_changed_request_invalidates_the_signature(change: dict[str, Any]) -> None:
    with pytest.raises(BadSignature):
        check(changed(signed(), **change))


@pytest.mark.parametrize("header", ["x-amz-target", "x-amz-date", "host", "x-amz-security-token"])
def test_a_changed_header_invalidates_the_signature(header: str) -> None:
    request = signed(token="a-token")
    with pytest.raises(BadSignature):
        check(changed(request, headers={**request.headers, header: "20260101T000000Z"}))


def test_an_added_amz_header_must_be_signed() -> None:
    request = signed()
    with pytest.raises(BadSignature, match="'x-amz-security-token' must be a 'SignedHeader'"):
        check(changed(request, headers={**request.headers, "x-amz-security-token": "slipped in"}))


def test_the_host_must_be_signed() -> None:
    request = signed()
    unsigned = request.headers["authorization"].replace("SignedHeaders=host;", "SignedHeaders=")
    with pytest.raises(BadSignature, match="'host' must be a 'SignedHeader'"):
        check(changed(request, headers={**request.headers, "authorization": unsigned}))


def test_an_added_trace_id_keeps_the_signature_valid() -> None:
    request = signed()
    check(changed(request, headers={**request.headers, "x-amzn-trace-id": "Root=1-2-3"}))


def test_a_declared_digest_must_match_the_body() -> None:
    request = signed(headers={"X-Amz-Content-SHA256": "0" * 64})
    with pytest.raises(BadSignature, match="x-amz-content-sha256"):
        check(request)


@pytest.mark.parametrize(
    ("drift", "words"),
    [(timedelta(minutes=5, seconds=20), "Signature expired"), (timedelta(minutes=-5, seconds=-20), "not yet current")],
)
def test_a_large_clock_difference_is_refused(drift: timedelta, words: str) -> None:
    request = signed()
    with pytest.raises(BadSignature, match=words):
        check(request, at=moment(request) + drift)


@pytest.mark.parametrize("drift", [timedelta(minutes=4, seconds=40), timedelta(minutes=-4, seconds=-40)])
def test_a_small_clock_difference_is_accepted(drift: timedelta) -> None:
    request = signed()
    check(request, at=moment(request) + drift)


def test_a_credential_scope_of_another_day_is_refused() -> None:
    request = signed()
    today = request.headers["x-amz-date"][:8]
    other = request.headers["authorization"].replace(f"/{today}/", "/20200101/")
    with pytest.raises(BadSignature, match="Date in Credential scope does not match"):
        check(changed(request, headers={**request.headers, "authorization": other}))


@pytest.mark.parametrize("headers", [{}, {"authorization": ""}, {"authorization": "Basic YTpi"}])
def test_a_missing_signature_gets_another_error_than_a_wrong_one(headers: dict[str, str]) -> None:
    with pytest.raises(NotSigned):
        read(headers)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, Signature=x", "requires 'SignedHeaders' parameter"),
        ("AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=x", "5 slash-delimited"),
        ("AWS4-HMAC-SHA256 Credential=a/b/c/d/aws5_request, SignedHeaders=host, Signature=x", "5 slash-delimited"),
        ("AWS4-HMAC-SHA256", "requires 'Credential' parameter"),
    ],
)
def test_an_incomplete_signature_gets_an_error_that_names_what_is_missing(text: str, words: str) -> None:
    with pytest.raises(BadSignature, match=words):
        read({"authorization": text})
