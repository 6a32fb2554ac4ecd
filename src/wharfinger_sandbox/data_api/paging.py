"""Pages of lists: NextToken values that are valid for one request only."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from wharfinger_sandbox.aws.errors import validation

T = TypeVar("T")


def token(position: int, request: object) -> str:
    """A NextToken for the item at `position`; `request`, any value with a stable repr, identifies the request."""
    return base64.urlsafe_b64encode(json.dumps([position, _digest(request)]).encode()).decode()


def position(next_token: str | None, request: object) -> int:
    """The position that `next_token` encodes, 0 for None.

    Raises ApiError ValidationException for a token of another request and for any other text.
    """
    if not next_token:
        return 0
    try:
        found, digest = json.loads(base64.urlsafe_b64decode(next_token.encode()))
    except (ValueError, TypeError, RecursionError, binascii.Error):
        raise validation("Invalid NextToken.") from None
    if digest != _digest(request) or not isinstance(found, int):
        raise validation("Invalid NextToken.")
    return found


def page(listing: str, items: Sequence[T], body: dict[str, Any], *, most: int) -> tuple[Sequence[T], str | None]:
    """The page of `items` that `body` (MaxResults, NextToken) asks for, and the NextToken of the following page.

    `listing` names the list, `most` is the default page size. Raises ApiError ValidationException.
    """
    request = {name: value for name, value in body.items() if name not in ("NextToken", "MaxResults")}
    request["listing"] = listing
    start = position(body.get("NextToken"), request)
    end = start + (body.get("MaxResults") or most)
    return items[start:end], token(end, request) if end < len(items) else None


def list_response(
    member: str, items: Sequence[T], body: dict[str, Any], show: Callable[[T], object], *, most: int
) -> dict[str, Any]:
    """The output of a List operation: the requested page under the name `member`, each item passed through `show`."""
    part, next_token = page(member, items, body, most=most)
    return {member: [show(one) for one in part], **({"NextToken": next_token} if next_token else {})}


def _digest(request: object) -> str:
    return hashlib.sha256(repr(sorted(request.items()) if isinstance(request, dict) else request).encode()).hexdigest()[
        :16
    ]
