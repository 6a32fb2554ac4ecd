"""The door of the Data API: operation name and JSON body in, JSON body out."""

from __future__ import annotations

from typing import Any

from wharfinger_sandbox.aws.caller import Caller
from wharfinger_sandbox.calls import CallLog
from wharfinger_sandbox.data_api.settings import Settings, SignIn
from wharfinger_sandbox.engine import Engine


class DataApi:
    """The 12 operations of redshift-data 2019-12-20."""

    def __init__(self, engine: Engine, calls: CallLog, sign_in: SignIn, settings: Settings) -> None:
        self._engine = engine
        self._calls = calls
        self._sign_in = sign_in
        self._settings = settings

    async def handle(self, operation: str, body: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Answer `operation`; the result is ready for `json.dumps` (times are epoch seconds, blobs base64).

        Checks `redshift-data:<operation>` itself. Raises ApiError.
        """
        raise NotImplementedError

    async def stop(self) -> None:
        """Cancel what runs, close the sessions, remove the results."""
        raise NotImplementedError
