"""Notices a request to stop while the thread that runs a statement is blocked in a request."""

from __future__ import annotations

import threading
from collections.abc import Callable

LOOK_SECONDS = 0.1


class StopMonitor:
    """Calls `cancel` once `stop` is set, in a separate thread that ends as soon as `busy` returns False."""

    def __init__(self, stop: threading.Event, busy: Callable[[], bool], cancel: Callable[[], None]) -> None:
        self._stop = stop
        self._busy = busy
        self._cancel = cancel
        self._running = False
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start the thread unless it runs; call this after `busy` has become true."""
        with self._lock:
            if self._running:
                return
            self._running = True
        threading.Thread(target=self._run, name="wharfinger-stop-monitor", daemon=True).start()

    def _run(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            with self._lock:
                if not self._busy():
                    self._running = False
                    return
        self._cancel()
