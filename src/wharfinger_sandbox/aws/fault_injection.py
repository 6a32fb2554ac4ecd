"""Applies latency, quotas and requested faults to calls (contract, Sandbox)."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import Any, Protocol

from wharfinger_sandbox.aws.call import Call, Handler
from wharfinger_sandbox.aws.errors import ApiError
from wharfinger_sandbox.aws.protocol import HttpResponse
from wharfinger_sandbox.faults import SESSION_KINDS, Fault, FaultQueue, Quotas

LONG_POLL_MEMBERS = ("Status", "RedshiftPid", "HasResultSet")


class EndSession(Protocol):
    """Closes a session of the Data API; `forget` also removes it from the lists."""

    async def __call__(self, id: str, *, forget: bool = False) -> None: ...


class ConnectionDropped(Exception):
    """The client's connection must be cut without a response."""


class FaultInjector:
    """Passes calls to their service and applies the faults in `faults`.

    `end_session` closes a session of the Data API. `latency` seconds are added to every call. Without `quotas` no
    call is throttled.
    """

    def __init__(
        self, faults: FaultQueue, end_session: EndSession, *, latency: float = 0.0, quotas: Quotas | None = None
    ) -> None:
        self._faults = faults
        self._end_session = end_session
        self._latency = latency
        self._quotas = quotas

    async def call(self, call: Call, service: Handler) -> dict[str, Any] | HttpResponse:
        """The response of `service` to `call`.

        Raises ApiError for an exceeded quota or a fault, ConnectionDropped for the fault `drop_connection`.
        """
        if self._latency:
            await asyncio.sleep(self._latency)
        if (
            self._quotas
            and call.service == "redshift-data"
            and not self._quotas.admits(call.operation, call.caller.region)
        ):
            raise _throttled(call)
        fault = self._faults.take(call.operation, in_session="SessionId" in call.members)
        return await (self._inject(call, service, fault) if fault else service(call))

    async def _inject(self, call: Call, service: Handler, fault: Fault) -> dict[str, Any] | HttpResponse:
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        elif fault.kind == "no_long_poll":
            return _without_long_poll(call, await service(_without_wait(call)))
        elif fault.kind == "drop_connection":
            # The call takes effect and only its response is lost: the case that a client must handle with care.
            with contextlib.suppress(ApiError):
                await service(call)
            raise ConnectionDropped
        elif fault.kind in SESSION_KINDS:
            await self._end_session(call.members["SessionId"], forget=fault.kind == "lost_session")
        else:
            raise _error(call, fault.kind)
        return await service(call)


def _without_wait(call: Call) -> Call:
    return replace(call, members={name: value for name, value in call.members.items() if name != "WaitTimeSeconds"})


def _without_long_poll(call: Call, answer: dict[str, Any] | HttpResponse) -> dict[str, Any] | HttpResponse:
    """The response of a service without long polling, which does not report the statement's status."""
    if isinstance(answer, HttpResponse) or call.operation not in ("ExecuteStatement", "BatchExecuteStatement"):
        return answer
    return {name: value for name, value in answer.items() if name not in LONG_POLL_MEMBERS}


def _throttled(call: Call) -> ApiError:
    return ApiError("ThrottlingException" if call.protocol == "json" else "Throttling", "Rate exceeded")


def _error(call: Call, kind: str) -> ApiError:
    json = call.protocol == "json"
    if kind == "throttle":
        return _throttled(call)
    if kind == "throttle_in_validation":
        text = "Service returned error code ThrottlingException (Service: RedshiftServerless, Status Code: 400)"
        return ApiError("ValidationException", text)
    if kind == "expired_token":
        text = "The security token included in the request is expired"
        return ApiError("ExpiredTokenException" if json else "ExpiredToken", text, status=400 if json else 403)
    return ApiError("InternalServerException" if json else "InternalFailure", "An internal error occurred.", status=500)
