"""AWS's protocols json 1.1, query and ec2, by botocore's service models (redshift-facts §1.1).

In Python a structure is a dict, a timestamp a datetime, a blob bytes.
"""

from __future__ import annotations

import base64
import functools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

import botocore.session
from botocore.model import OperationModel, ServiceModel, Shape

from wharfinger_sandbox.aws.errors import ApiError

Protocol = Literal["json", "query", "ec2"]

TARGETS = {
    "RedshiftData": "redshift-data",
    "RedshiftServerless": "redshift-serverless",
    "secretsmanager": "secretsmanager",
    "TrentService": "kms",
}
QUERY_SERVICES = ("redshift", "sts", "iam", "ec2")

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class HttpResponse:
    """One HTTP response."""

    status: int
    content_type: str
    body: bytes


@functools.cache
def model(service: str) -> ServiceModel:
    """botocore's model of `service`."""
    return botocore.session.get_session().get_service_model(service)


def protocol_of(service: str) -> Protocol:
    """The protocol of `service`."""
    return "json" if service in TARGETS.values() else "ec2" if service == "ec2" else "query"


def operation_model(service: str, operation: str) -> OperationModel | None:
    """The model of `operation`, None when `service` has no such operation."""
    known = model(service)
    return known.operation_model(operation) if operation in known.operation_names else None


def read_json(body: bytes) -> dict[str, Any]:
    """The members in the UTF-8 body of a json 1.1 request. Raises ApiError SerializationException."""
    try:
        members = json.loads(body.decode() or "{}")
    except (ValueError, RecursionError):
        raise ApiError("SerializationException", "the body is not JSON") from None
    if not isinstance(members, dict):
        raise ApiError("SerializationException", "the body is not a JSON object")
    return members


def read_form(body: bytes) -> dict[str, str]:
    """The parameters in the form body of a query request."""
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def read_query(form: Mapping[str, str], operation: OperationModel) -> dict[str, Any]:
    """The members of a query request, nested and typed as in the model. Raises ApiError InvalidParameterValue."""
    shape = operation.input_shape
    return _query_value(form, "", shape) if shape is not None else {}


def write(service: str, operation: str, members: Mapping[str, Any], request_id: str) -> HttpResponse:
    """The response of `operation` with the output `members`."""
    known = operation_model(service, operation)
    shape = known.output_shape if known is not None else None
    if protocol_of(service) == "json":
        content = _json_value(members, shape) if shape is not None else members
        return HttpResponse(200, "application/x-amz-json-1.1", json.dumps(content).encode())
    wrapper = (shape.serialization.get("resultWrapper") if shape is not None else None) or f"{operation}Result"
    inner = "".join(_xml_members(members, shape)) if shape is not None else ""
    namespace = model(service).metadata.get("xmlNamespace", "")
    text = (
        f'<{operation}Response xmlns="{namespace}"><{wrapper}>{inner}</{wrapper}>'
        f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{operation}Response>"
    )
    return HttpResponse(200, "text/xml", text.encode())


def write_error(protocol: Protocol, error: ApiError, request_id: str) -> HttpResponse:
    """The response for `error` in `protocol`."""
    if protocol == "json":
        content = {"__type": error.code, "message": error.message, **error.members}
        # redshift-data and kms model the member as Message, other services as message; botocore reads both.
        return HttpResponse(error.status, "application/x-amz-json-1.1", json.dumps(content).encode())
    code, message = _escaped(error.code), _escaped(error.message)
    if protocol == "ec2":
        text = (
            f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
            f"<RequestID>{request_id}</RequestID></Response>"
        )
    else:
        kind = "Sender" if error.status < 500 else "Receiver"
        text = (
            f"<ErrorResponse><Error><Type>{kind}</Type><Code>{code}</Code><Message>{message}</Message></Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    return HttpResponse(error.status, "text/xml", text.encode())


def _query_value(form: Mapping[str, str], prefix: str, shape: Shape) -> Any:
    if shape.type_name == "structure":
        members = {
            name: _query_value(form, _join(prefix, member.serialization.get("name", name)), member)
            for name, member in shape.members.items()
        }
        return {name: value for name, value in members.items() if value not in (None, {}, [])}
    if shape.type_name == "list":
        flattened = shape.serialization.get("flattened")
        element = "" if flattened else shape.member.serialization.get("name", "member")
        return [_query_value(form, one, shape.member) for one in _numbered(form, _join(prefix, element))]
    text = form.get(prefix)
    return None if text is None else _query_scalar(text, shape.type_name, prefix)


def _numbered(form: Mapping[str, str], prefix: str) -> Iterator[str]:
    number = 1
    while any(name == f"{prefix}.{number}" or name.startswith(f"{prefix}.{number}.") for name in form):
        yield f"{prefix}.{number}"
        number += 1


def _query_scalar(text: str, kind: str, name: str) -> Any:
    try:
        if kind in ("integer", "long"):
            return int(text)
        if kind in ("float", "double"):
            return float(text)
        if kind == "timestamp":
            return datetime.fromisoformat(text)
    except ValueError:
        raise ApiError("InvalidParameterValue", f"{name} must be a {kind}") from None
    return text.lower() == "true" if kind == "boolean" else text


def _json_value(value: Any, shape: Shape) -> Any:
    if shape.type_name == "structure":
        return {
            name: _json_value(value[name], member)
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if shape.type_name == "list":
        return [_json_value(one, shape.member) for one in value]
    if shape.type_name == "timestamp":
        return _iso(value) if shape.serialization.get("timestampFormat") == "iso8601" else value.timestamp()
    return base64.b64encode(value).decode() if shape.type_name == "blob" else value


def _xml_members(members: Mapping[str, Any], shape: Shape) -> Iterator[str]:
    for name, member in shape.members.items():
        value = members.get(name)
        if value is not None:
            yield _xml_value(member.serialization.get("name", name), value, member)


def _xml_value(tag: str, value: Any, shape: Shape) -> str:
    if shape.type_name == "structure":
        content = "".join(_xml_members(value, shape))
    elif shape.type_name == "list":
        element = shape.member.serialization.get("name", "member")
        content = "".join(_xml_value(element, one, shape.member) for one in value)
    elif shape.type_name == "timestamp":
        content = _iso(value)
    elif shape.type_name == "boolean":
        content = str(value).lower()
    else:
        content = _escaped(str(value))
    return f"<{tag}>{content}</{tag}>"


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def xml_safe(text: str) -> str:
    """`text` with a question mark for each character that XML does not allow."""
    return _NOT_XML.sub("?", text)


def _escaped(text: str) -> str:
    return escape(xml_safe(text))


def _join(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix and name else prefix or name
