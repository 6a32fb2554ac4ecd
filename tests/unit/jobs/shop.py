"""One run of one unit, a queue in memory, and a worker that does what the test says."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence

from tests.conftest import LAST_RESORT
from tests.unit.jobs.names import CONNECTION, member, table
from tests.unit.jobs.world import World, in_groups

from wharfinger.adapters.work.presence import Presence
from wharfinger.core.errors import WharfingerError
from wharfinger.core.names import TableName
from wharfinger.core.session import Stopped, Usage
from wharfinger.jobs.direct import LocalSteps
from wharfinger.jobs.kinds import Kinds
from wharfinger.jobs.model import Draft, Member, Run, Unit, Wanted
from wharfinger.jobs.ports import Action, Affordable
from wharfinger.jobs.service import Jobs
from wharfinger.jobs.worker import Worker

Answer = Mapping[TableName, WharfingerError]
Do = Callable[[Unit, Usage, Affordable], Answer]


class MemoryQueue:
    """Holds attempts until the test takes them; says what the test wants to hear."""

    def __init__(self) -> None:
        self.works: list[str] = []
        self.stopped: set[str] = set()
        self.begun: dict[str, list[str]] = {}
        self.recovered: list[str] = []
        self.lost: dict[str, bool] = {}
        self.forgotten: list[str] = []

    def enqueue(self, works: Sequence[str]) -> None:
        self.works += works

    def under_way(self, works: Collection[str]) -> dict[str, bool]:
        return {work: True for work in works if work in self.works}

    def cancel(self, works: Sequence[str]) -> None:
        self.stopped |= set(works)

    def cancelled(self, works: Collection[str]) -> set[str]:
        return self.stopped & set(works)

    def started(self) -> dict[str, list[str]]:
        return dict(self.begun)

    def recover(self, executor: str, works: Sequence[str]) -> None:
        self.recovered.append(executor)
        self.works += works
        del self.begun[executor]

    def hand_over(self, executor: str) -> None:
        if executor in self.begun:
            self.recover(executor, self.begun[executor])

    def given_up(self) -> dict[str, bool]:
        return self.lost

    def forget(self, works: Collection[str]) -> None:
        self.forgotten += works


class Replayed:
    """The steps of an attempt whose first ones were kept before its worker died."""

    def __init__(self, kept: list[bool]) -> None:
        self._kept = kept

    def run(self, name: str, action: Action, tries: int = 1) -> bool:
        return self._kept.pop(0) if self._kept else LocalSteps().run(name, action, tries)


class SomebodyWorks:
    """A worker is there, which is the test's own."""

    def present(self) -> bool:
        return True

    def ensure(self, _meanwhile: object = None, stop: threading.Event | None = None) -> bool:  # noqa: ARG002
        return False

    def end(self, *, drain: bool) -> None: ...


class Shop:
    """One run of one unit, and a worker that does what the test says."""

    def __init__(
        self,
        world: World,
        do: Do,
        names: Sequence[str],
        ceiling: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.world = world
        self.queue = MemoryQueue()
        self.presence = Presence(world.storage, "worker", world.processes, clock=clock)
        self.presence.enter()
        kinds = Kinds({"profile": lambda unit, doing: do(unit, doing.usage, doing.affordable)})
        self.worker = Worker(world.store, self.queue, self.presence, kinds, clock=clock, pauses=(0.01,) * 4)
        self.jobs = Jobs(world.store, lambda: self.queue, SomebodyWorks(), lambda: kinds, world.storage, world.presence)
        self.run = self.start(names, ceiling)
        self.work = self.queue.works[0]

    def start(self, names: Sequence[str], ceiling: int | None = None, describe: Sequence[str] = ()) -> Run:
        def cut(members: Sequence[Member]) -> list[Draft]:
            return [Draft("profile", tuple(members), {"level": "basic"}, planned=len(members))]

        wanted = [
            Wanted("profile", [member(name) for name in names], cut, {"level": "basic"}),
            Wanted("describe", [member(name) for name in describe], in_groups("describe", 9, {}), after="profile"),
        ]
        return self.jobs.start(self.jobs.begin(CONNECTION, "local", ceiling), wanted)

    def perform_all(self) -> None:
        while self.queue.works:
            self.worker.perform(self.queue.works.pop(0), LocalSteps())

    def perform_in_a_thread(self) -> threading.Thread:
        """A daemon: what a stopping worker gives back never returns."""

        def perform() -> None:
            try:
                self.perform_all()
            except Stopped:
                return

        thread = threading.Thread(target=perform, daemon=True)
        thread.start()
        return thread

    def status(self, name: str) -> str:
        return self.world.store.states(self.run)[table(name)]["profile"].status

    def error(self, name: str) -> str:
        error = self.world.store.states(self.run)[table(name)]["profile"].error
        return f"{error['kind']} {error['what']} {error['subject']} {error['why']}" if error else ""


def until_stopped(begun: threading.Event) -> Do:
    def do(_unit: Unit, usage: Usage, _: Affordable) -> Answer:
        begun.set()
        usage.stop.wait(LAST_RESORT)
        raise Stopped

    return do
