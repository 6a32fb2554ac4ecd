"""Words of no door: fields and verbs under their own names."""

from __future__ import annotations

from wharfinger.core.verbs import Call


class NeutralWords:
    """See `documents.errors.Words`."""

    def field(self, name: str) -> str:
        return name

    def call(self, call: Call) -> str:
        return " ".join([call.verb, *(f"{name}={value}" for name, value in call.arguments)])
