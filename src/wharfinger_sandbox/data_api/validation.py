"""The checks of a request that the service's own model states: required members, types, lengths, patterns, enums.

botocore checks only some of them on the client (redshift-facts §1.1), so the service must check them all. The
constraints are read from botocore's model, the texts are those of AWS's services in general.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from botocore.model import ListShape, Shape, StructureShape

from wharfinger_sandbox.aws.errors import ApiError, validation
from wharfinger_sandbox.aws.protocol import operation_model

SERVICE = "redshift-data"
STATEMENT_ID = re.compile(r"[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}(:\d+)?")

_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "long": (int,), "boolean": (bool,), "structure": (dict,), "list": (list,),
    "double": (int, float),
}  # fmt: skip
_AWS_TYPES = {"string": "String", "integer": "Integer", "boolean": "Boolean", "structure": "Structure", "list": "List"}


def check(operation: str, body: dict[str, Any]) -> None:
    """Check `body` against the model of `operation`; unknown members are ignored, as AWS does.

    Raises ApiError: SerializationException for a wrong type, ValidationException for everything else.
    """
    if "Id" in body and isinstance(body["Id"], str) and not STATEMENT_ID.fullmatch(body["Id"]):
        # This one text of the real service is known (redshift-facts §1.6).
        raise validation(r"id must satisfy regex pattern: ^[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}(:\d+)?$")
    problems = list(_structure(_input_shape(operation), body, ""))
    if problems:
        count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected"
        raise validation(f"{count}: {'; '.join(problems)}")


@cache
def _input_shape(operation: str) -> StructureShape:
    known = operation_model(SERVICE, operation)
    if known is None or known.input_shape is None:
        raise ApiError("UnknownOperationException", f"{SERVICE} has no operation {operation}")
    return known.input_shape


def _structure(shape: StructureShape, value: dict[str, Any], path: str) -> Iterator[str]:
    for name, member in shape.members.items():
        where = f"{path}{name[0].lower()}{name[1:]}"
        given = value.get(name)
        if given is not None:
            yield from _member(member, given, where)
        elif name in shape.required_members:
            yield f"Value null at '{where}' failed to satisfy constraint: Member must not be null"


def _member(shape: Shape, value: Any, where: str) -> Iterator[str]:
    if not _has_type(value, _PYTHON_TYPES[shape.type_name]):
        wanted = _AWS_TYPES.get(shape.type_name, shape.type_name)
        raise ApiError(
            "SerializationException", f"{type(value).__name__.upper()}_VALUE can not be converted to {wanted}"
        )
    if isinstance(value, str) and not _is_text(value):
        raise ApiError("SerializationException", f"the text at '{where}' is not Unicode")
    for broken in _constraints(shape)(value):
        yield f"Value '{value}' at '{where}' failed to satisfy constraint: {broken}"
    if isinstance(shape, StructureShape):
        yield from _structure(shape, value, f"{where}.")
    elif isinstance(shape, ListShape):
        for number, one in enumerate(value, 1):
            yield from _member(shape.member, one, f"{where}.{number}.member")


def _is_text(value: str) -> bool:
    """False for half a surrogate pair, which JSON can spell and UTF-8 cannot."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _has_type(value: Any, known: tuple[type, ...]) -> bool:
    return isinstance(value, known) and (bool in known or not isinstance(value, bool))


def _constraints(shape: Shape) -> Callable[[Any], list[str]]:
    return _compiled(
        shape.type_name,
        shape.metadata.get("min"),
        shape.metadata.get("max"),
        shape.metadata.get("pattern"),
        tuple(shape.metadata.get("enum", ())),
    )


@cache
def _compiled(
    type_name: str, least: int | None, most: int | None, pattern: str | None, enum: tuple[str, ...]
) -> Callable[[Any], list[str]]:
    measure, what = (int, "value") if type_name in ("integer", "long") else (len, "length")
    if type_name in ("boolean", "structure"):
        return lambda _: []
    matcher = re.compile(pattern) if pattern else None

    def broken(value: Any) -> list[str]:
        found = []
        if least is not None and measure(value) < least:
            found.append(f"Member must have {what} greater than or equal to {least}")
        if most is not None and measure(value) > most:
            found.append(f"Member must have {what} less than or equal to {most}")
        if matcher and not matcher.fullmatch(value):
            found.append(f"Member must satisfy regular expression pattern: {pattern}")
        if enum and value not in enum:
            found.append(f"Member must satisfy enum value set: [{', '.join(enum)}]")
        return found

    return broken
