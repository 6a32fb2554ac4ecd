"""Pages of a result without botocore's walk over every value, which costs ten times what reading the JSON does.

The values of a page are plain JSON already (redshift-facts §1.6), so `Records` is taken out before botocore parses the
rest of the answer, and put back as it came. What botocore would have to change, or to refuse, is left to it.
"""

from __future__ import annotations

import json
from typing import Any

_BYTES = b'"blobValue"'
"""Bytes travel as base64; botocore turns them back."""


def read_pages_quickly(client: Any) -> None:
    """From now on `client`, one for `redshift-data`, answers GetStatementResult so."""
    client.meta.events.register("before-parse.redshift-data.GetStatementResult", _take_records)


def _take_records(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
    body: bytes = response_dict["body"]
    if response_dict["status_code"] != 200 or not body.startswith(b"{") or _BYTES in body:
        return
    try:
        answer = json.loads(body)
    except ValueError:
        return
    records = answer.pop("Records", None)
    if isinstance(records, list):
        customized_response_dict["Records"] = records
        response_dict["body"] = json.dumps(answer).encode()
