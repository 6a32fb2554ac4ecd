"""Starts statements on the Data API and waits for their end, with as few requests as the service allows.

Waits by long polling where model and service have it (redshift-facts §1.3), else by polling with growing pauses. A
statement is cancelled on a request to stop, when its time is over, and when the session closes.
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
from wharfinger.adapters.redshift.data_api.state import State, state_of
from wharfinger.adapters.redshift.stop_monitor import StopMonitor
from wharfinger.core.errors import Invalid, Unavailable, WharfingerError
from wharfinger.core.session import Stopped, took_too_long

SERVICE = "redshift-data"
Start = Literal["ExecuteStatement", "BatchExecuteStatement"]

FIRST_WAIT_SECONDS = 2
"""How long the starting request waits for the end. It is short: until it answers, there is no id to cancel."""

BATCH_WAIT_SECONDS = 5
"""The longest wait for a batch, so that ended members are seen soon. The first waits are shorter."""

FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 2.0

_log = logging.getLogger(__name__)


class EndNotSeen(Exception):
    """A statement was started, or may have been, and its end was not seen.

    `error` is the reason. `undone` is whether it is known that the statement, as a whole, had no effect.
    """

    def __init__(self, error: WharfingerError, *, undone: bool = False) -> None:
        super().__init__(error.what)
        self.error = error
        self.undone = undone


@dataclass(slots=True)
class _Run:
    """One start and its result. `details` is whether DescribeStatement has to answer after the end too.

    `within` is its time in seconds, `counted` the SQL texts counted so far, `counted_whole` whether that is all.
    """

    id: str
    is_batch: bool
    details: bool
    within: float
    counted: int = 0
    ended: bool = False
    undone: bool = False
    counted_whole: bool = False

    def is_known(self, state: State) -> bool:
        """Whether nothing more will become known."""
        return state.ended and (state.described or not (self.is_batch or self.details or state.status != "FINISHED"))


class Waiter:
    """Starts, waits and cancels; one for a session, used by all its threads.

    `ignore_stop` is for statements that have to run after a request to stop.
    """

    def __init__(self, calls: AwsCalls, *, ignore_stop: bool = False) -> None:
        self._calls = calls.ignoring_stop() if ignore_stop else calls
        self._stop = threading.Event() if ignore_stop else calls.usage.stop
        self._long_poll: bool | None = None
        self._running: set[str] = set()
        self._lock = threading.Lock()
        self._monitor = StopMonitor(self._stop, lambda: bool(self._running), self._cancel_all)
        self._closed = threading.Event()

    def run(self, operation: Start, members: dict[str, Any], *, within: float, details: bool) -> Iterator[State]:
        """Start a statement or a batch and yield its states; the last one has ended and is known in full.

        `within` is its time in seconds; `details` asks for what only DescribeStatement answers (rows changed). When the
        iteration ends early for any reason, the statement is cancelled. Counts each SQL text that began to run.

        Raises EndNotSeen when it may have been started, our other errors when it was not.
        """
        try:
            state = self._start(operation, members, wait=max(1, min(FIRST_WAIT_SECONDS, int(within))))
        except AnswerLost as error:
            raise EndNotSeen(error) from error
        run = _Run(state.id, operation == "BatchExecuteStatement", details, within)
        try:
            with self._while_running(run):
                self._note(run, state)
                if run.is_known(state):
                    yield state
                else:
                    yield from self._until_known(run, state)
        except WharfingerError as error:
            raise EndNotSeen(error, undone=run.undone) from error

    def check_open(self) -> None:
        """Raises Stopped after a request to stop, or when the session is closed."""
        if self._stop.is_set() or self._closed.is_set():
            raise Stopped

    def pause(self, seconds: float) -> None:
        """Wait. Raises Stopped as `check_open` does."""
        if seconds:
            self._stop.wait(seconds)
        self.check_open()

    def close(self) -> None:
        """Cancel running statements; threads that wait for them get Stopped."""
        self._closed.set()
        self._cancel_all()

    def _start(self, operation: Start, members: dict[str, Any], *, wait: int) -> State:
        self.check_open()
        # The token is the same in all attempts: the service starts the statement once (redshift-facts §1.8).
        members = {**members, "ClientToken": str(uuid.uuid4())}
        return state_of(self._waiting(operation, members, wait), described=False)

    def _until_known(self, run: _Run, state: State) -> Iterator[State]:
        deadline = time.monotonic() + run.within
        pause = 0.0 if state.ended or self._may_wait() else FIRST_PAUSE_SECONDS
        longest = 1 if run.is_batch else LONGEST_WAIT_SECONDS
        while not run.is_known(state):
            self._check_time(run, deadline)
            self.pause(pause)
            began = time.monotonic()
            wait = max(1, min(longest, int(deadline - began)))
            state = self._describe(run, wait)
            # A service that answers at once although it was asked to wait is polled.
            waited = time.monotonic() - began >= wait / 2
            longest = min(2 * longest, BATCH_WAIT_SECONDS if run.is_batch else LONGEST_WAIT_SECONDS)
            pause = 0.0 if waited else min(max(pause * 1.6, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
            yield state

    def _describe(self, run: _Run, wait: int) -> State:
        if self._may_wait():
            self._monitor.start()
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
                # "WaitTimeSeconds is not …", "Too many active waiting requests …". After a lost answer we do not retry.
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
        # Only DescribeStatement answers how many members of a batch ran.
        run.counted_whole = state.ended and (state.described or not run.is_batch)

    def _check_time(self, run: _Run, deadline: float) -> None:
        self.check_open()
        if time.monotonic() > deadline:
            raise took_too_long(self._calls.place.target, run.within)

    @contextmanager
    def _while_running(self, run: _Run) -> Iterator[None]:
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
            answer = self._calls.ignoring_stop()(SERVICE, "DescribeStatement", Id=run.id)
        except WharfingerError as error:
            _log.debug("how many statements ran is not known: %s", error.what)
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
            self._calls.ignoring_stop()(SERVICE, "CancelStatement", Id=id)
        except WharfingerError as error:
            # It has ended in the meantime, or AWS cannot be reached: nothing more can be done.
            _log.debug("not cancelled: %s", error.what)
