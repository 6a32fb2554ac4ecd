"""The gate every AWS request passes: which service it is for, and who signed it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from wharfinger_sandbox.aws import protocol, sigv4
from wharfinger_sandbox.aws.caller import Caller
from wharfinger_sandbox.aws.errors import ApiError
from wharfinger_sandbox.aws.identities import Identities
from wharfinger_sandbox.aws.sigv4 import BadSignature, NotSigned, Request, Signature

_INVALID = "The security token included in the request is invalid."
_EXPIRED = "The security token included in the request is expired"

# What is wrong → (code, status) in json, query and ec2 services (redshift-facts §1.9, §7).
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


@dataclass(frozen=True)
class Route:
    """Where a request goes: the service, the operation, and how answers to it are written."""

    service: str
    operation: str
    protocol: protocol.Protocol


def route(request: Request) -> Route:
    """The service and operation `request` is for. Raises ApiError for what the sandbox does not have."""
    if request.path != "/":
        raise ApiError("UnknownOperationException", "AWS's services answer at the path / alone", status=404)
    target = request.headers.get("x-amz-target", "")
    if target:
        prefix, _, operation = target.partition(".")
        if prefix not in protocol.TARGETS:
            raise ApiError("UnknownOperationException", f"the sandbox has no service with the target {prefix[:80]}")
        if request.method != "POST":
            raise ApiError("UnknownOperationException", "operations of this service are asked with POST", status=404)
        return Route(protocol.TARGETS[prefix], operation, "json")
    service = _scope_service(request)
    if service and service not in protocol.QUERY_SERVICES:
        raise ApiError("UnknownOperationException", f"the sandbox has no service {service}")
    operation = protocol.read_form(request.body or request.query.encode()).get("Action", "")
    return Route(service or "sts", operation, protocol.protocol_of(service or "sts"))


def guess_protocol(request: Request) -> protocol.Protocol:
    """How to write an error for a request whose service is not known."""
    json_like = "json" in request.headers.get("content-type", "") or "x-amz-target" in request.headers
    return "json" if json_like else "query"


class Authenticator:
    """Verifies signatures against the account's keys."""

    def __init__(self, identities: Identities, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._identities = identities
        self._clock = clock

    def authenticate(self, request: Request, route: Route) -> Caller:
        """Whoever signed `request`. Raises ApiError when nobody did who is known here."""
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


def _scope_service(request: Request) -> str | None:
    try:
        return sigv4.read(request.headers).service
    except (NotSigned, BadSignature):
        return None


def _refused(problem: str, message: str, route: Route) -> ApiError:
    code, status = _CODES[problem][route.protocol]
    return ApiError(code, message, status=status)
