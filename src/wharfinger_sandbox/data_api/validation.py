"""Checks a Data API request against botocore's model of the service."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from botocore.model import StructureShape

from wharfinger_sandbox.aws.constraints import validation_errors, violations
from wharfinger_sandbox.aws.errors import ApiError, validation
from wharfinger_sandbox.aws.protocol import operation_model

SERVICE = "redshift-data"
STATEMENT_ID = re.compile(r"[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}(:\d+)?")

# Names that are passed to the engine, where a NUL would end the text.
NAMES = ("Database", "DbUser", "ConnectedDatabase", "SecretArn", "Schema", "Table", "SchemaPattern", "TablePattern")


def validate_request(operation: str, body: dict[str, Any]) -> dict[str, Any]:
    """The known, non-null members of `body`, checked against the model of `operation`.

    Raises ApiError: SerializationException for a wrong type, ValidationException for any other violation.
    """
    shape = _input_shape(operation)
    known = {name: body[name] for name in shape.members if body.get(name) is not None}
    if isinstance(known.get("Id"), str) and not STATEMENT_ID.fullmatch(known["Id"]):
        # The only text of the real service that is known (redshift-facts §1.6).
        raise validation(r"id must satisfy regex pattern: ^[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}(:\d+)?$")
    if problems := list(violations(shape, known, "")):
        raise validation_errors(problems)
    for name in NAMES:
        if "\0" in known.get(name, ""):
            raise validation(f"{name} must not contain the character NUL.")
    return known


@cache
def _input_shape(operation: str) -> StructureShape:
    known = operation_model(SERVICE, operation)
    if known is None or known.input_shape is None:
        raise ApiError("UnknownOperationException", f"{SERVICE} has no operation {operation}")
    return known.input_shape
