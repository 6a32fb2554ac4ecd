"""The one error an AWS operation raises; the HTTP door writes it in the protocol of its service."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An AWS error answer.

    `code` is AWS's own name (`ValidationException`), `message` its text, `status` the HTTP status,
    `members` what the modelled exception carries beside the message (`ResourceId`, `StatementId`).
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
