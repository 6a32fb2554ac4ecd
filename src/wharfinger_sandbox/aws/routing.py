"""Which service and operation an HTTP request is for (redshift-facts §1.1)."""

from __future__ import annotations

from dataclasses import dataclass

from wharfinger_sandbox.aws import protocol, sigv4
from wharfinger_sandbox.aws.errors import ApiError
from wharfinger_sandbox.aws.sigv4 import BadSignature, NotSigned, Request


@dataclass(frozen=True)
class Route:
    """The service and operation of a request, and the protocol of its response."""

    service: str
    operation: str
    protocol: protocol.Protocol


def route(request: Request) -> Route:
    """The service and operation `request` is for. Raises ApiError for what the sandbox does not have."""
    if request.path != "/":
        raise ApiError("UnknownOperationException", "AWS services accept requests at the path / only", status=404)
    target = request.headers.get("x-amz-target", "")
    if target:
        prefix, _, operation = target.partition(".")
        if prefix not in protocol.TARGETS:
            raise ApiError("UnknownOperationException", f"the sandbox has no service with the target {prefix[:80]}")
        if request.method != "POST":
            raise ApiError("UnknownOperationException", "operations of this service need the method POST", status=404)
        return Route(protocol.TARGETS[prefix], operation, "json")
    service = _scope_service(request)
    if service and service not in protocol.QUERY_SERVICES:
        raise ApiError("UnknownOperationException", f"the sandbox has no service {service}")
    operation = protocol.read_form(request.body or request.query.encode()).get("Action", "")
    return Route(service or "sts", operation, protocol.protocol_of(service or "sts"))


def guess_protocol(request: Request) -> protocol.Protocol:
    """The protocol for an error response when the service is not known."""
    json_like = "json" in request.headers.get("content-type", "") or "x-amz-target" in request.headers
    return "json" if json_like else "query"


def _scope_service(request: Request) -> str | None:
    """The service in the credential scope of the signature."""
    try:
        return sigv4.read(request.headers).service
    except (NotSigned, BadSignature):
        return None
