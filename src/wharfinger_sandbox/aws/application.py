"""The HTTP door: an ASGI application that takes AWS requests and the sandbox's own `/_sandbox/…`."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

import orjson

from wharfinger_sandbox.aws import authentication, constraints, protocol
from wharfinger_sandbox.aws.call import Call, Handler
from wharfinger_sandbox.aws.errors import ApiError
from wharfinger_sandbox.aws.fault_injection import ConnectionDropped, FaultInjector
from wharfinger_sandbox.aws.protocol import HttpResponse
from wharfinger_sandbox.aws.sigv4 import Request
from wharfinger_sandbox.calls import CallLog
from wharfinger_sandbox.faults import InvalidFault

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

log = logging.getLogger(__name__)

BODY_LIMIT = 32 * 1024 * 1024
_TOO_LARGE = ApiError("RequestEntityTooLarge", f"The request is larger than {BODY_LIMIT} bytes", status=413)


class AwsApplication:
    """Verifies, authorises and dispatches every request to its service. `drop` hangs up on a client."""

    def __init__(
        self,
        authenticator: authentication.Authenticator,
        services: Mapping[str, Handler],
        calls: CallLog,
        faults: FaultInjector,
        *,
        drop: Callable[[Scope], None],
    ) -> None:
        self._authenticator = authenticator
        self._services = services
        self._calls = calls
        self._faults = faults
        self._drop = drop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request (ASGI 3)."""
        if scope["type"] != "http":
            return
        request, whole = await _read(scope, receive)
        request_id = str(uuid.uuid4())
        if not whole:
            answer = protocol.write_error(authentication.guess_protocol(request), _TOO_LARGE, request_id)
        elif request.path.startswith("/_sandbox"):
            answer = self._own(request)
        else:
            try:
                answer = await self._aws(request, request_id)
            except ConnectionDropped:
                self._drop(scope)
                return
        await _send(send, answer, request_id)

    async def _aws(self, request: Request, request_id: str) -> HttpResponse:
        spoken = authentication.guess_protocol(request)
        try:
            route = authentication.route(request)
            spoken = route.protocol
            self._calls.operation(route.operation)
            return await self._answer(request, route, request_id)
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

    async def _answer(self, request: Request, route: authentication.Route, request_id: str) -> HttpResponse:
        caller = self._authenticator.authenticate(request, route)
        known = protocol.operation_model(route.service, route.operation)
        if known is None:
            raise _unknown(route)
        if route.protocol == "json":
            members = protocol.read_json(request.body)
        else:
            members = protocol.read_query(protocol.read_form(request.body or request.query.encode()), known)
        if route.service != "redshift-data":
            # The Data API asks more of its requests, and in an order of its own.
            constraints.check_required(members, known, route.protocol)
        call = Call(route.service, route.operation, route.protocol, members, caller, request)
        result = await self._faults.call(call, self._services[route.service])
        if isinstance(result, HttpResponse):
            return result
        if route.service == "redshift-data":
            return HttpResponse(200, "application/x-amz-json-1.1", orjson.dumps(result))
        return protocol.write(route.service, route.operation, result, request_id)

    def _own(self, request: Request) -> HttpResponse:
        handlers: dict[tuple[str, str], Callable[[], Any]] = {
            ("GET", "/_sandbox/calls"): lambda: self._calls.document(),
            ("DELETE", "/_sandbox/calls"): lambda: self._calls.clear(),
            ("PUT", "/_sandbox/faults"): lambda: self._faults.queue.replace(json.loads(request.body or b"null")),
            ("DELETE", "/_sandbox/faults"): lambda: self._faults.queue.clear(),
        }
        handler = handlers.get((request.method, request.path))
        if handler is None:
            return _json(404, {"error": f"the sandbox has no {request.method} {request.path}"})
        try:
            return _json(200, handler() or {})
        except InvalidFault as error:
            return _json(400, {"error": str(error)})
        except (ValueError, RecursionError):
            return _json(400, {"error": "the body is not JSON"})


def _unknown(route: authentication.Route) -> ApiError:
    if route.protocol == "json":
        return ApiError("UnknownOperationException", f"{route.service} has no operation {route.operation[:80]}")
    version = protocol.model(route.service).api_version
    return ApiError("InvalidAction", f"Could not find operation {route.operation[:80]} for version {version}")


def _json(status: int, document: Any) -> HttpResponse:
    return HttpResponse(status, "application/json", json.dumps(document).encode())


async def _read(scope: Scope, receive: Receive) -> tuple[Request, bool]:
    """The request, and whether its body is all there: what is too large is read to its end and dropped."""
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


async def _send(send: Send, answer: HttpResponse, request_id: str) -> None:
    headers = [
        (b"content-type", answer.content_type.encode()),
        (b"content-length", str(len(answer.body)).encode()),
        (b"x-amzn-requestid", request_id.encode()),
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
