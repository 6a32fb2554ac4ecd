"""The error of AWS operations; `protocol.write_error` writes it as an HTTP response."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An AWS error response.

    `code` is AWS's error code (`ValidationException`), `message` its text, `status` the HTTP status. `members` are the
    modelled exception's other members (`ResourceId`, `StatementId`).
    """

    def __init__(self, code: str, message: str, *, status: int = 400, members: dict[str, Any] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.members = members or {}


def validation(message: str) -> ApiError:
    """A ValidationException with `message`."""
    return ApiError("ValidationException", message)
