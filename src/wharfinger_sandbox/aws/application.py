"""The ASGI application that answers AWS requests and the sandbox's own `/_sandbox/…` interface."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

import orjson

from wharfinger_sandbox.aws import constraints, protocol, sandbox_api
from wharfinger_sandbox.aws.authentication import Authenticator
from wharfinger_sandbox.aws.call import Call, Handler
from wharfinger_sandbox.aws.errors import ApiError
from wharfinger_sandbox.aws.fault_injection import ConnectionDropped, FaultInjector
from wharfinger_sandbox.aws.protocol import HttpResponse
from wharfinger_sandbox.aws.routing import Route, guess_protocol, route
from wharfinger_sandbox.aws.sandbox_api import SandboxApi
from wharfinger_sandbox.aws.sigv4 import Request
from wharfinger_sandbox.calls import CallLog

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

log = logging.getLogger(__name__)

BODY_LIMIT = 32 * 1024 * 1024
_TOO_LARGE = ApiError("RequestEntityTooLarge", f"The request is larger than {BODY_LIMIT} bytes", status=413)


class AwsApplication:
    """Authenticates each request, counts it and passes it to its service. `abort` cuts a client's connection."""

    def __init__(
        self,
        authenticator: Authenticator,
        services: Mapping[str, Handler],
        calls: CallLog,
        faults: FaultInjector,
        own: SandboxApi,
        *,
        abort: Callable[[Scope], None],
    ) -> None:
        self._authenticator = authenticator
        self._services = services
        self._calls = calls
        self._faults = faults
        self._own = own
        self._abort = abort

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request (ASGI 3)."""
        if scope["type"] != "http":
            return
        request, complete = await _read(scope, receive)
        request_id = str(uuid.uuid4())
        if not complete:
            response = protocol.write_error(guess_protocol(request), _TOO_LARGE, request_id)
        elif request.path.startswith(sandbox_api.PATH):
            response = self._own.handle(request)
        else:
            try:
                response = await self._aws(request, request_id)
            except ConnectionDropped:
                self._abort(scope)
                return
        await _send(send, response, request_id)

    async def _aws(self, request: Request, request_id: str) -> HttpResponse:
        spoken = guess_protocol(request)
        try:
            target = route(request)
            spoken = target.protocol
            self._calls.operation(target.operation)
            return await self._dispatch(request, target, request_id)
        except ApiError as error:
            return protocol.write_error(spoken, error, request_id)
        except (ConnectionDropped, asyncio.CancelledError):
            raise
        except Exception:
            log.exception("a request failed inside the sandbox")
            code = "InternalServerException" if spoken == "json" else "InternalFailure"
            return protocol.write_error(
                spoken, ApiError(code, "Internal failure of the sandbox", status=500), request_id
            )

    async def _dispatch(self, request: Request, target: Route, request_id: str) -> HttpResponse:
        caller = self._authenticator.authenticate(request, target)
        known = protocol.operation_model(target.service, target.operation)
        if known is None:
            raise _unknown(target)
        if target.protocol == "json":
            members = protocol.read_json(request.body)
        else:
            members = protocol.read_query(protocol.read_form(request.body or request.query.encode()), known)
        if target.service != "redshift-data":
            # The Data API checks its requests itself, against more of the model.
            constraints.check_required(members, known, target.protocol)
        call = Call(target.service, target.operation, target.protocol, members, caller, request)
        result = await self._faults.call(call, self._services[target.service])
        if isinstance(result, HttpResponse):
            return result
        if target.service == "redshift-data":
            return HttpResponse(200, "application/x-amz-json-1.1", orjson.dumps(result))
        return protocol.write(target.service, target.operation, result, request_id)


def _unknown(target: Route) -> ApiError:
    if target.protocol == "json":
        return ApiError("UnknownOperationException", f"{target.service} has no operation {target.operation[:80]}")
    version = protocol.model(target.service).api_version
    return ApiError("InvalidAction", f"Could not find operation {target.operation[:80]} for version {version}")


async def _read(scope: Scope, receive: Receive) -> tuple[Request, bool]:
    """The request, and whether its body is complete: a body above BODY_LIMIT is read to its end and discarded."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    pieces, size, more = [], 0, True
    while more:
        message = await receive()
        piece = message.get("body", b"")
        size += len(piece)
        if size <= BODY_LIMIT:
            pieces.append(piece)
        more = message.get("more_body", False)
    request = Request(scope["method"], scope["path"], scope["query_string"].decode(), headers, b"".join(pieces))
    return request, size <= BODY_LIMIT


async def _send(send: Send, response: HttpResponse, request_id: str) -> None:
    headers = [
        (b"content-type", response.content_type.encode()),
        (b"content-length", str(len(response.body)).encode()),
        (b"x-amzn-requestid", request_id.encode()),
    ]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})
