"""The services that moto implements in this process: Secrets Manager, KMS, IAM and EC2.

Requests are authenticated and authorised before they reach moto. moto is not thread-safe and other modules read its
backends, so it runs in the event loop.
"""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from moto.backends import get_backend
from moto.core.botocore_stubber import BotocoreStubber

from wharfinger_sandbox.aws.call import Call
from wharfinger_sandbox.aws.errors import ApiError
from wharfinger_sandbox.aws.moto_authorization import MotoAuthorization
from wharfinger_sandbox.aws.protocol import HttpResponse, xml_safe
from wharfinger_sandbox.aws.warehouse import Warehouse

log = logging.getLogger(__name__)


class MotoServices:
    """A Handler for the services that moto implements."""

    def __init__(self, rules: MotoAuthorization, warehouse: Warehouse) -> None:
        self._rules = rules
        self._warehouse = warehouse
        self._stubber = BotocoreStubber()
        self._loaded: set[str] = set()

    async def __call__(self, call: Call) -> dict[str, Any] | HttpResponse:
        """Authorise `call` and return moto's response. Raises ApiError."""
        if call.service not in self._loaded:
            # Loading a service takes up to a second, so it must not block the event loop.
            await asyncio.to_thread(_load, call.service)
            if call.service == "ec2" and "ec2" not in self._loaded:
                # Imported here, since importing moto's EC2 takes up to a second.
                from wharfinger_sandbox.aws.moto_network import create_security_group

                create_security_group(self._warehouse)
            self._loaded.add(call.service)
        self._rules.require(call)
        status, content_type, body = self._moto_response(call)
        if call.protocol == "json" and status >= 400:
            raise _json_error(status, body)
        return HttpResponse(status, content_type, body)

    def _moto_response(self, call: Call) -> tuple[int, str, bytes]:
        request = call.request
        headers = HTTPHeaders()
        for name, value in request.headers.items():
            headers[name] = value
        url = f"https://{call.service}.{call.caller.region}.amazonaws.com{request.path}"
        prepared = AWSPreparedRequest(request.method, url, headers, request.body, False)
        try:
            answer = self._stubber.process_request(prepared)
        except NotImplementedError:
            raise call.unsupported() from None
        except Exception as error:
            raise _bad_values(call, error) from error
        if answer is None:
            raise call.unsupported()
        status, answer_headers, body = answer
        text = body if isinstance(body, str) else bytes(body).decode()
        if call.protocol != "json":
            # moto's responses repeat names from the request, which may hold characters that XML does not allow.
            text = xml_safe(text)
        fallback = "application/x-amz-json-1.1" if call.protocol == "json" else "text/xml"
        return int(status), str(answer_headers.get("content-type", fallback)), text.encode()


def _load(service: str) -> None:
    get_backend(service)  # type: ignore[call-overload]


def _bad_values(call: Call, error: Exception) -> ApiError:
    """The client's error for values on which moto failed, since moto validates few of them."""
    log.warning("moto could not answer %s:%s: %s", call.service, call.operation, type(error).__name__)
    code = "ValidationException" if call.protocol == "json" else "ValidationError"
    return ApiError(code, f"{call.service}:{call.operation} was given values that the sandbox cannot work with")


def _json_error(status: int, body: bytes) -> ApiError:
    """moto's error response as the ApiError of a JSON service."""
    try:
        content = json.loads(body)
    except ValueError:
        return ApiError("InternalServiceError", "Internal failure of the sandbox", status=500)
    code = str(content.get("__type") or content.get("code") or "InternalServiceError")
    message = content.get("message") or content.get("Message") or ""
    # Client errors of the JSON services have the status 400 (redshift-facts §1.1); moto uses others as well.
    return ApiError(code.rpartition("#")[2], str(message), status=400 if status < 500 else status)
