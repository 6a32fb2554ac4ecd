"""ARNs of KMS keys, as resources in policies."""

from __future__ import annotations

import base64
from typing import Any

from moto.kms.models import kms_backends

_KEY_ID_BYTES = 36


class KmsKeys:
    """Finds the ARN of the key in a KMS request."""

    def __init__(self, account: str) -> None:
        self._account = account

    def arn_of(self, members: dict[str, Any], region: str) -> str:
        """The ARN of the key that `members` names by id, ARN, alias or ciphertext; `*` when they name none."""
        named = members.get("KeyId") or members.get("TargetKeyId")
        if named is None and "CiphertextBlob" in members:
            named = _key_of(members["CiphertextBlob"])
        if named is None:
            return "*"
        return self._resolved(named, region)

    def _resolved(self, named: str, region: str) -> str:
        backend = kms_backends[self._account][region]
        name = named.rpartition(":")[2]
        if name.startswith("alias/"):
            key_id = backend.get_key_id_from_alias(name)
            name = f"key/{key_id}" if key_id else name
        elif not name.startswith("key/"):
            name = f"key/{name}"
        return f"arn:aws:kms:{region}:{self._account}:{name}"


def _key_of(ciphertext: str) -> str | None:
    """The key id at the start of moto's ciphertext; None for any other text."""
    try:
        return base64.b64decode(ciphertext)[:_KEY_ID_BYTES].decode("ascii")
    except ValueError:
        return None
