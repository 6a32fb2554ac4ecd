"""One verified request on its way to a service."""

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
    """An operation with its members, who asked, and the request as it came (for services kept elsewhere)."""

    service: str
    operation: str
    protocol: Protocol
    members: dict[str, Any]
    caller: Caller
    request: Request

    def require(self, action: str, resource: str = "*") -> None:
        """Raise the service's access-denied error unless the caller may do `action`."""
        self.caller.require(action, resource, protocol=self.protocol)

    def unsupported(self) -> ApiError:
        """The refusal of an operation AWS has and the sandbox has not."""
        code = "UnknownOperationException" if self.protocol == "json" else "InvalidAction"
        return ApiError(code, f"{self.service}:{self.operation} is not part of the sandbox")


async def dispatch(operations: Mapping[str, Callable[[Call], Awaitable[dict[str, Any]]]], call: Call) -> dict[str, Any]:
    """What the one of a service's `operations` answers that `call` names; refused by name when there is none."""
    operation = operations.get(call.operation)
    if operation is None:
        raise call.unsupported()
    return await operation(call)


Handler = Callable[[Call], Awaitable["dict[str, Any] | HttpResponse"]]
"""A service: answers a call with the members of its output, or with a finished HTTP answer. Raises ApiError."""
