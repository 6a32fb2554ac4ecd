"""Checks of request members against botocore's service models: required members, types, lengths, patterns, enums.

botocore's client checks only some of these constraints (redshift-facts §1.1), so the server must check all of them.
The messages are those that AWS's services have in common.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from wharfinger_sandbox.aws.errors import ApiError, validation
from wharfinger_sandbox.aws.protocol import Protocol

_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "long": (int,), "boolean": (bool,), "structure": (dict,), "list": (list,),
    "double": (int, float), "float": (int, float), "map": (dict,), "blob": (str,),
    "timestamp": (int, float, str, datetime),
}  # fmt: skip
_AWS_TYPES = {"string": "String", "integer": "Integer", "boolean": "Boolean", "structure": "Structure", "list": "List"}


def check_required(members: Mapping[str, Any], operation: OperationModel, protocol: Protocol) -> None:
    """Check that `members` has the required members of `operation`, each of the right type. Raises ApiError.

    Lengths, patterns and enums are checked by the services themselves.
    """
    if operation.input_shape is None:
        return
    for problem in violations(operation.input_shape, members, "", bounds=False):
        name = problem.partition("'")[2].partition("'")[0]
        if protocol == "ec2":
            raise ApiError("MissingParameter", f"The request must contain the parameter {name[0].upper()}{name[1:]}")
        raise _invalid(protocol, problem)


def constraint_error(protocol: Protocol, value: object, where: str, constraint: str) -> ApiError:
    """The error for `value` at the member `where` that violates `constraint` ("have value …"), for `protocol`."""
    return _invalid(protocol, f"Value '{value}' at '{where}' failed to satisfy constraint: Member must {constraint}")


def _invalid(protocol: Protocol, problem: str) -> ApiError:
    code = "ValidationException" if protocol == "json" else "ValidationError"
    return ApiError(code, f"1 validation error detected: {problem}")


def validation_errors(problems: list[str]) -> ApiError:
    """The ValidationException with the number of `problems` and their texts."""
    count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected"
    return validation(f"{count}: {'; '.join(problems)}")


def violations(shape: StructureShape, value: Mapping[str, Any], path: str, *, bounds: bool = True) -> Iterator[str]:
    """The texts of all violations of the model `shape` by `value`; without `bounds` only of missing members.

    `path` is the prefix of member names. Unknown members are ignored, as in AWS. Raises ApiError
    SerializationException for a wrong type.
    """
    for name, member in shape.members.items():
        where = f"{path}{name[0].lower()}{name[1:]}"
        given = value.get(name)
        if given is not None:
            yield from _member(member, given, where, bounds=bounds)
        elif name in shape.required_members:
            yield f"Value null at '{where}' failed to satisfy constraint: Member must not be null"


def _member(shape: Shape, value: Any, where: str, *, bounds: bool) -> Iterator[str]:
    if not _has_type(value, _PYTHON_TYPES[shape.type_name]):
        wanted = _AWS_TYPES.get(shape.type_name, shape.type_name)
        raise ApiError(
            "SerializationException", f"{type(value).__name__.upper()}_VALUE can not be converted to {wanted}"
        )
    if isinstance(value, str) and not _is_text(value):
        raise ApiError("SerializationException", f"the text at '{where}' is not Unicode")
    for broken in _constraints(shape)(value) if bounds else ():
        yield f"Value '{value}' at '{where}' failed to satisfy constraint: {broken}"
    if isinstance(shape, StructureShape):
        yield from violations(shape, value, f"{where}.", bounds=bounds)
    elif isinstance(shape, ListShape):
        for number, one in enumerate(value, 1):
            yield from _member(shape.member, one, f"{where}.{number}.member", bounds=bounds)
    elif isinstance(shape, MapShape):
        for key, one in value.items():
            yield from _member(shape.value, one, f"{where}.{key}.member", bounds=bounds)


def _is_text(value: str) -> bool:
    """False for a lone surrogate, which JSON can express and UTF-8 cannot."""
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
