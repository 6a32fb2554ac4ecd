"""An authenticated request to one operation of a service, and the type of services."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from wharfinger_sandbox.aws.caller import Caller
from wharfinger_sandbox.aws.errors import ApiError
from wharfinger_sandbox.aws.protocol import HttpResponse, Protocol
from wharfinger_sandbox.aws.sigv4 import Request


@dataclass(frozen=True)
class Call:
    """A request for `operation` of `service` with its input `members`, from `caller`; `request` is the HTTP request."""

    service: str
    operation: str
    protocol: Protocol
    members: dict[str, Any]
    caller: Caller
    request: Request

    def require(self, action: str, resource: str = "*") -> None:
        """Check that the caller may perform `action` on `resource`. Raises the protocol's access-denied ApiError."""
        self.caller.require(action, resource, protocol=self.protocol)

    def unsupported(self) -> ApiError:
        """The error for an operation that the sandbox does not have."""
        code = "UnknownOperationException" if self.protocol == "json" else "InvalidAction"
        return ApiError(code, f"{self.service}:{self.operation} is not part of the sandbox")


async def dispatch(operations: Mapping[str, Callable[[Call], Awaitable[dict[str, Any]]]], call: Call) -> dict[str, Any]:
    """Pass `call` to its operation in `operations`; returns the output members. Raises ApiError if there is none."""
    operation = operations.get(call.operation)
    if operation is None:
        raise call.unsupported()
    return await operation(call)


Handler = Callable[[Call], Awaitable["dict[str, Any] | HttpResponse"]]
"""A service: takes a call, returns the output members or a complete HTTP response. Raises ApiError."""
