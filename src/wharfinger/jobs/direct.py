"""Performing a small run in the process that asked for it: the same handlers, no queue, no worker.

Nothing of it is durable but its effects: when the process is killed, its tables are due again. When it is silent for
too long, another process hands its units to the queue.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

from wharfinger.core.errors import Unavailable
from wharfinger.core.session import Stopped
from wharfinger.jobs.kinds import Kinds
from wharfinger.jobs.model import DIRECT_UNITS, PAUSES_SECONDS
from wharfinger.jobs.performing import Performer
from wharfinger.jobs.ports import Action, Explain, UnitStore


class LocalSteps:
    """Steps that are run here and now, and not kept."""

    def run(self, _name: str, action: Action, tries: int = 1) -> bool:
        """See `ports.Steps`."""
        for tried in range(tries - 1):
            try:
                return action(tried)
            except Unavailable:
                continue
        return action(tries - 1)


class DirectRun:
    """Performs attempts and those that wait for them, in threads of this process, whose id is `owner`."""

    def __init__(
        self,
        store: UnitStore,
        owner: str,
        kinds: Kinds,
        pauses: tuple[float, ...] = PAUSES_SECONDS,
        explain: Explain = lambda _: None,
    ) -> None:
        self._store = store
        self._owner = owner
        self._performer = Performer(store, kinds, pauses, explain)

    def perform(self, works: Sequence[str], stop: threading.Event, look: Callable[[], None], seconds: float) -> None:
        """Perform attempts until all have ended, or `stop` is set; what was started is queued again then.

        Units that another process has taken over are left to it. `look` is called again and again, every `seconds`.
        Raises what the store raises.
        """
        with ThreadPoolExecutor(DIRECT_UNITS, "direct") as threads:
            under_way = {threads.submit(self._perform, work) for work in works}
            failed: set[Future[None]] = set()
            try:
                while under_way and not failed and not stop.is_set():
                    self._performer.count_all()
                    look()
                    ended, under_way = wait(under_way, seconds)
                    failed = {one for one in ended if one.exception() is not None}
            finally:
                self._performer.stop_all()
                for one in under_way:
                    one.cancel()
        for one in failed:
            one.result()

    def _perform(self, work: str) -> None:
        try:
            waiting = [work]
            while waiting:
                one = waiting.pop()
                unit = self._store.start(one, self._owner)
                if unit is not None:
                    self._performer.perform(unit, LocalSteps())
                waiting += self._store.followers(one)
        except Stopped:
            return
        finally:
            self._store.close()
