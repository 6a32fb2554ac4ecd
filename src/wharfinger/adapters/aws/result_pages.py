"""Reads pages of a result without botocore's visit of every value, which takes ten times as long as the JSON itself.

The values of a page are plain JSON already (redshift-facts §1.6), so `Records` is taken out before botocore parses the
rest of the answer, and put back unchanged. Answers that botocore has to convert or reject are left to it.
"""

from __future__ import annotations

import json
from typing import Any

_BYTES = b'"blobValue"'
"""Bytes are sent as base64, which botocore decodes."""


def read_pages_quickly(client: Any) -> None:
    """Make `client`, one for `redshift-data`, read GetStatementResult in this way from now on."""
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
