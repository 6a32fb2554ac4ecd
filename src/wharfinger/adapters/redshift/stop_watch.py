"""Looks out for the wish to stop while the thread that runs a statement is blocked in a request."""

from __future__ import annotations

import threading
from collections.abc import Callable

LOOK_SECONDS = 0.1


class StopWatch:
    """Calls `cancel` once `stop` is set, from a thread of its own that lives only while `busy` says so."""

    def __init__(self, stop: threading.Event, busy: Callable[[], bool], cancel: Callable[[], None]) -> None:
        self._stop = stop
        self._busy = busy
        self._cancel = cancel
        self._watching = False
        self._lock = threading.Lock()

    def look(self) -> None:
        """Look out from now on; call it after `busy` has become true."""
        with self._lock:
            if self._watching:
                return
            self._watching = True
        threading.Thread(target=self._look_out, name="wharfinger-stop-watch", daemon=True).start()

    def _look_out(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            with self._lock:
                if not self._busy():
                    self._watching = False
                    return
        self._cancel()
