"""Verifies Signature Version 4.

Source: the AWS General Reference, "Signature Version 4 signing process"; error names redshift-facts §1.9, §7.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote

ALGORITHM = "AWS4-HMAC-SHA256"
SKEW = timedelta(minutes=5)
STAMP = "%Y%m%dT%H%M%SZ"
UNSIGNED = "UNSIGNED-PAYLOAD"


class BadSignature(Exception):
    """The request has an invalid signature; the text is AWS's."""


class NotSigned(Exception):
    """The request has no signature in its headers."""


@dataclass(frozen=True)
class Request:
    """One HTTP request. Header names are in lower case, the values of repeated headers are joined with commas."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Signature:
    """The parsed Authorization header: the access key's id, the credential scope and the signed headers."""

    access_key_id: str
    date: str
    region: str
    service: str
    signed_headers: Sequence[str]
    value: str = field(repr=False)

    @property
    def scope(self) -> str:
        """The credential scope, `date/region/service/aws4_request`."""
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


def read(headers: Mapping[str, str]) -> Signature:
    """The signature in `headers`. Raises NotSigned without one, BadSignature for one in a wrong form."""
    text = headers.get("authorization", "")
    if not text.startswith(ALGORITHM):
        raise NotSigned
    parts = dict(piece.strip().partition("=")[::2] for piece in text[len(ALGORITHM) :].split(","))
    missing = [name for name in ("Credential", "Signature", "SignedHeaders") if not parts.get(name)]
    if missing:
        raise BadSignature(" ".join(f"Authorization header requires '{name}' parameter." for name in missing))
    credential = parts["Credential"].split("/")
    if len(credential) != 5 or credential[4] != "aws4_request":
        raise BadSignature(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term"
        )
    key, date, region, service, _ = credential
    return Signature(key, date, region, service, parts["SignedHeaders"].split(";"), parts["Signature"])


def verify(request: Request, signature: Signature, secret: str, now: datetime) -> None:
    """Check that `request` was signed with `secret`, at most 5 minutes before or after `now`. Raises BadSignature."""
    stamp = request.headers.get("x-amz-date", "")
    _check_time(stamp, signature, now)
    _check_coverage(request, signature)
    text = "\n".join((ALGORITHM, stamp, signature.scope, _digest(_canonical(request, signature).encode())))
    key = _signing_key(secret, signature.date, signature.region, signature.service)
    expected = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, signature.value):
        raise BadSignature(
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
            "Access Key and signing method. Consult the service documentation for details."
        )


def _check_time(stamp: str, signature: Signature, now: datetime) -> None:
    try:
        signed_at = datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)
    except ValueError:
        raise BadSignature("Date must be in ISO-8601 'basic format'. Got '" + stamp[:40] + "'.") from None
    if signature.date != stamp[:8]:
        raise BadSignature(
            f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{signature.date}' != '{stamp[:8]}', from '{stamp}'."
        )
    if signed_at < now - SKEW:
        limit = (now - SKEW).strftime(STAMP)
        raise BadSignature(f"Signature expired: {stamp} is now earlier than {limit} ({now.strftime(STAMP)} - 5 min.)")
    if signed_at > now + SKEW:
        limit = (now + SKEW).strftime(STAMP)
        raise BadSignature(
            f"Signature not yet current: {stamp} is still later than {limit} ({now.strftime(STAMP)} + 5 min.)"
        )


def _check_coverage(request: Request, signature: Signature) -> None:
    must = {"host"} | {name for name in request.headers if name.startswith("x-amz-")}
    unsigned = sorted(must - set(signature.signed_headers) - {"x-amzn-trace-id"})
    if unsigned:
        raise BadSignature(f"'{unsigned[0]}' must be a 'SignedHeader' in the AWS Authorization.")
    declared = request.headers.get("x-amz-content-sha256", UNSIGNED)
    if declared != UNSIGNED and declared != _digest(request.body):
        raise BadSignature("The provided 'x-amz-content-sha256' header does not match what was computed.")


def _canonical(request: Request, signature: Signature) -> str:
    headers = [f"{name}:{' '.join(request.headers.get(name, '').split())}" for name in signature.signed_headers]
    payload = request.headers.get("x-amz-content-sha256") or _digest(request.body)
    return "\n".join(
        (
            request.method,
            quote(request.path or "/", safe="/-_.~"),
            _canonical_query(request.query),
            *headers,
            "",
            ";".join(signature.signed_headers),
            payload,
        )
    )


def _canonical_query(query: str) -> str:
    pairs = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in parse_qsl(query, keep_blank_values=True)
    )
    return "&".join(f"{name}={value}" for name, value in pairs)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@functools.lru_cache(maxsize=256)
def _signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
