"""Finds out who signed an AWS request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from wharfinger_sandbox.aws import protocol, sigv4
from wharfinger_sandbox.aws.caller import Caller
from wharfinger_sandbox.aws.errors import ApiError
from wharfinger_sandbox.aws.identities import Identities
from wharfinger_sandbox.aws.routing import Route
from wharfinger_sandbox.aws.sigv4 import BadSignature, NotSigned, Request, Signature

_INVALID = "The security token included in the request is invalid."
_EXPIRED = "The security token included in the request is expired"

# Problem → (error code, HTTP status) by protocol (redshift-facts §1.9, §7).
_CODES: dict[str, dict[protocol.Protocol, tuple[str, int]]] = {
    "missing": {
        "json": ("MissingAuthenticationTokenException", 400),
        "query": ("MissingAuthenticationToken", 403),
        "ec2": ("MissingParameter", 400),
    },
    "unknown": {
        "json": ("UnrecognizedClientException", 400),
        "query": ("InvalidClientTokenId", 403),
        "ec2": ("AuthFailure", 401),
    },
    "signature": {
        "json": ("InvalidSignatureException", 400),
        "query": ("SignatureDoesNotMatch", 403),
        "ec2": ("SignatureDoesNotMatch", 403),
    },
    "incomplete": {
        "json": ("IncompleteSignatureException", 400),
        "query": ("IncompleteSignature", 403),
        "ec2": ("IncompleteSignature", 403),
    },
    "expired": {
        "json": ("ExpiredTokenException", 400),
        "query": ("ExpiredToken", 403),
        "ec2": ("RequestExpired", 400),
    },
}


class Authenticator:
    """Verifies signatures against the account's access keys. `clock` returns the current time."""

    def __init__(self, identities: Identities, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._identities = identities
        self._clock = clock

    def authenticate(self, request: Request, route: Route) -> Caller:
        """The identity that signed `request`. Raises ApiError for a missing, unknown, wrong or expired signature."""
        try:
            signature = sigv4.read(request.headers)
        except NotSigned:
            raise _refused("missing", "Request is missing Authentication Token", route) from None
        except BadSignature as error:
            raise _refused("incomplete", str(error), route) from None
        return self._verified(request, signature, route)

    def _verified(self, request: Request, signature: Signature, route: Route) -> Caller:
        key = self._identities.key(signature.access_key_id)
        token = request.headers.get("x-amz-security-token")
        if key is None or key.token != token:
            raise _refused("unknown", _INVALID, route)
        try:
            sigv4.verify(request, signature, key.secret, self._clock())
        except BadSignature as error:
            raise _refused("signature", str(error), route) from None
        expected = protocol.model(route.service).signing_name
        if signature.service != expected:
            raise _refused("signature", f"Credential should be scoped to correct service: '{expected}'.", route)
        if key.expires_at and key.expires_at <= self._clock():
            raise _refused("expired", _EXPIRED, route)
        return key.caller(signature.region)


def _refused(problem: str, message: str, route: Route) -> ApiError:
    code, status = _CODES[problem][route.protocol]
    return ApiError(code, message, status=status)
