"""Starting statements on the Data API and waiting for them, with as few requests as the service allows.

Long poll where model and service have it (redshift-facts §1.3), else polling with growing pauses. What runs is
cancelled when somebody asks to stop, when its time is over, and when the session closes.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from wharfinger.adapters.aws.calls import AnswerLost, AwsCalls
from wharfinger.adapters.aws.clients import LONGEST_WAIT_SECONDS
from wharfinger.adapters.redshift.data_api_state import State, state_of
from wharfinger.adapters.redshift.stop_watch import StopWatch
from wharfinger.core.errors import Invalid, Unavailable, WharfingerError
from wharfinger.core.session import Stopped, took_too_long

SERVICE = "redshift-data"
Start = Literal["ExecuteStatement", "BatchExecuteStatement"]

FIRST_WAIT_SECONDS = 2
"""How long a start itself waits for the end. Until it answers there is no id to cancel, so it is short."""

BATCH_WAIT_SECONDS = 5
"""The longest wait for a batch: so often its members that have ended are seen. The first waits are shorter."""

FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 2.0

_log = logging.getLogger(__name__)


class EndNotSeen(Exception):
    """What was started, or may have been, could not be followed to its end.

    `error` says why, `undone` whether it is known all the same that it had no effect, as a whole.
    """

    def __init__(self, error: WharfingerError, *, undone: bool = False) -> None:
        super().__init__(error.what)
        self.error = error
        self.undone = undone


@dataclass(slots=True)
class _Run:
    """One start and what came of it. `details`: its end is not enough, DescribeStatement must tell more of it."""

    id: str
    is_batch: bool
    details: bool
    within: float
    counted: int = 0
    ended: bool = False
    undone: bool = False
    counted_whole: bool = False

    def is_known(self, state: State) -> bool:
        """Whether all is known that will be."""
        return state.ended and (state.described or not (self.is_batch or self.details or state.status != "FINISHED"))


class Waiter:
    """Starts, awaits and cancels; one for a session, used by all its threads. `deaf` heeds no wish to stop."""

    def __init__(self, calls: AwsCalls, *, deaf: bool = False) -> None:
        self._calls = calls.in_spite_of_stop() if deaf else calls
        self._stop = threading.Event() if deaf else calls.usage.stop
        self._long_poll: bool | None = None
        self._running: set[str] = set()
        self._lock = threading.Lock()
        self._watch = StopWatch(self._stop, lambda: bool(self._running), self._cancel_all)
        self._closed = threading.Event()

    def run(self, operation: Start, members: dict[str, Any], *, within: float, details: bool) -> Iterator[State]:
        """Start a statement or a batch and yield its states; the last one has ended and is known in full.

        `within` is its time in seconds; `details` asks for what only DescribeStatement tells (rows changed). Left
        early, by whatever way, it is cancelled. Counts in the usage each SQL text that began to run.

        Raises EndNotSeen once it may have been started, our errors before.
        """
        try:
            state = self._start(operation, members, wait=max(1, min(FIRST_WAIT_SECONDS, int(within))))
        except AnswerLost as error:
            raise EndNotSeen(error) from error
        run = _Run(state.id, operation == "BatchExecuteStatement", details, within)
        try:
            with self._under_way(run):
                self._note(run, state)
                if run.is_known(state):
                    yield state
                else:
                    yield from self._until_known(run, state)
        except WharfingerError as error:
            raise EndNotSeen(error, undone=run.undone) from error

    def check_open(self) -> None:
        """Raises Stopped when somebody asked to stop or the session is closed."""
        if self._stop.is_set() or self._closed.is_set():
            raise Stopped

    def pause(self, seconds: float) -> None:
        """Do nothing for a while. Raises Stopped as `check_open` does."""
        if seconds:
            self._stop.wait(seconds)
        self.check_open()

    def close(self) -> None:
        """Cancel what runs; whoever waits for it gets Stopped."""
        self._closed.set()
        self._cancel_all()

    def _start(self, operation: Start, members: dict[str, Any], *, wait: int) -> State:
        self.check_open()
        # One token over all attempts, ours included: the service starts the statement once (redshift-facts §1.8).
        members = {**members, "ClientToken": str(uuid.uuid4())}
        return state_of(self._waiting(operation, members, wait), described=False)

    def _until_known(self, run: _Run, state: State) -> Iterator[State]:
        over = time.monotonic() + run.within
        pause = 0.0 if state.ended or self._may_wait() else FIRST_PAUSE_SECONDS
        longest = 1 if run.is_batch else LONGEST_WAIT_SECONDS
        while not run.is_known(state):
            self._check_time(run, over)
            self.pause(pause)
            began = time.monotonic()
            wait = max(1, min(longest, int(over - began)))
            state = self._describe(run, wait)
            # Whoever was asked to wait and came back at once does not wait.
            waited = time.monotonic() - began >= wait / 2
            longest = min(2 * longest, BATCH_WAIT_SECONDS if run.is_batch else LONGEST_WAIT_SECONDS)
            pause = 0.0 if waited else min(max(pause * 1.6, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
            yield state

    def _describe(self, run: _Run, wait: int) -> State:
        if self._may_wait():
            self._watch.look()
        answer = self._waiting("DescribeStatement", {"Id": run.id}, wait)
        state = state_of(answer, described=True)
        self._note(run, state)
        if state.status == "ABORTED" or not state.ended:
            self.check_open()
        return state

    def _waiting(self, operation: str, members: dict[str, Any], seconds: int) -> dict[str, Any]:
        if self._may_wait():
            try:
                return self._calls(SERVICE, operation, **members, WaitTimeSeconds=seconds)
            except (Invalid, Unavailable) as error:
                # "WaitTimeSeconds is not …", "Too many active waiting requests …"; what is lost is lost.
                if isinstance(error, AnswerLost) or "wait" not in error.why.lower():
                    raise
                self._long_poll = False
        return self._calls(SERVICE, operation, **members)

    def _may_wait(self) -> bool:
        if self._long_poll is None:
            self._long_poll = self._calls.has_member(SERVICE, "ExecuteStatement", "WaitTimeSeconds")
        return self._long_poll

    def _note(self, run: _Run, state: State) -> None:
        run.ended, run.undone = state.ended, state.status in ("FAILED", "ABORTED")
        began = state.texts_begun if state.parts or not run.is_batch else 0
        if began > run.counted:
            self._calls.usage.add(statements=began - run.counted)
            run.counted = began
        # How many members of a batch ran is told by DescribeStatement alone.
        run.counted_whole = state.ended and (state.described or not run.is_batch)

    def _check_time(self, run: _Run, over: float) -> None:
        self.check_open()
        if time.monotonic() > over:
            raise took_too_long(self._calls.place.target, run.within)

    @contextmanager
    def _under_way(self, run: _Run) -> Iterator[None]:
        with self._lock:
            self._running.add(run.id)
        try:
            yield
        finally:
            with self._lock:
                ours = run.id in self._running
                self._running.discard(run.id)
            if not run.counted_whole:
                self._abandon(run, cancel=ours and not run.ended)

    def _abandon(self, run: _Run, *, cancel: bool) -> None:
        if cancel:
            self._cancel(run.id)
        try:
            answer = self._calls.in_spite_of_stop()(SERVICE, "DescribeStatement", Id=run.id)
        except WharfingerError as error:
            _log.debug("how far it came is not known: %s", error.what)
        else:
            self._note(run, state_of(answer, described=True))

    def _cancel_all(self) -> None:
        with self._lock:
            ids = list(self._running)
            self._running.clear()
        for id in ids:
            self._cancel(id)

    def _cancel(self, id: str) -> None:
        try:
            self._calls.in_spite_of_stop()(SERVICE, "CancelStatement", Id=id)
        except WharfingerError as error:
            # It has ended in between, or nobody can be reached any more: there is nothing left to cancel with.
            _log.debug("not cancelled: %s", error.what)
