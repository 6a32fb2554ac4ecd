"""The sandbox's own HTTP interface, `/_sandbox/…`: the call log and the faults (contract, Sandbox)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from wharfinger_sandbox.aws.protocol import HttpResponse
from wharfinger_sandbox.aws.sigv4 import Request
from wharfinger_sandbox.calls import CallLog
from wharfinger_sandbox.faults import FaultQueue, InvalidFault

PATH = "/_sandbox"


class SandboxApi:
    """Answers unsigned requests whose path starts with PATH."""

    def __init__(self, calls: CallLog, faults: FaultQueue) -> None:
        self._handlers: dict[tuple[str, str], Callable[[Request], Any]] = {
            ("GET", "/_sandbox/calls"): lambda _: calls.document(),
            ("DELETE", "/_sandbox/calls"): lambda _: calls.clear(),
            ("PUT", "/_sandbox/faults"): lambda request: faults.replace(json.loads(request.body or b"null")),
            ("DELETE", "/_sandbox/faults"): lambda _: faults.clear(),
        }

    def handle(self, request: Request) -> HttpResponse:
        """The JSON response to `request`; 404 for an unknown path, 400 for a body that cannot be used."""
        handler = self._handlers.get((request.method, request.path))
        if handler is None:
            return _json(404, {"error": f"the sandbox has no {request.method} {request.path}"})
        try:
            return _json(200, handler(request) or {})
        except InvalidFault as error:
            return _json(400, {"error": str(error)})
        except (ValueError, RecursionError):
            return _json(400, {"error": "the body is not JSON"})


def _json(status: int, document: Any) -> HttpResponse:
    return HttpResponse(status, "application/json", json.dumps(document).encode())
