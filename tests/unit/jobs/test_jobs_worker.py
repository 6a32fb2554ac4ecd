"""What a worker does with a unit, on a real store, the queue standing by."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import wait_until
from tests.unit.jobs.names import CONNECTION, member, table
from tests.unit.jobs.world import World

from wharfinger.adapters.work.presence import Presence
from wharfinger.core.errors import Conflict, Failed, Unavailable, WharfingerError
from wharfinger.core.names import TableName
from wharfinger.core.session import Stopped, Usage
from wharfinger.jobs.model import Draft, Process, Run, Unit
from wharfinger.jobs.ports import Affordable
from wharfinger.jobs.worker import Worker

Answer = Mapping[TableName, WharfingerError]
Do = Callable[[Unit, Usage, Affordable], Answer]


class StandingQueue:
    """Holds tickets until the test takes them."""

    def __init__(self) -> None:
        self.tickets: list[str] = []
        self.resumed: list[str] = []

    def enqueue(self, tickets: Sequence[str]) -> None:
        self.tickets += tickets

    def resume(self, _executor: str) -> list[str]:
        return self.resumed

    def forget(self, tickets: Sequence[str]) -> None:
        self.tickets = [one for one in self.tickets if one not in tickets]


class ClosesAtClaim:
    """The store of a worker that is told to stop just when it has claimed a unit."""

    def __init__(self, store: Any, close: Callable[[], None]) -> None:
        self._store = store
        self._close = close

    def claim(self, ticket: str, executor: str, alive: Callable[[str], bool]) -> Unit | None:
        unit: Unit | None = self._store.claim(ticket, executor, alive)
        self._close()
        return unit

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


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
        self.queue = StandingQueue()
        self.presence = Presence(world.home, "worker", world.processes)
        self.presence.enter()
        self.worker = Worker(world.store, self.queue, self.presence, do, clock, backoff=(0.01,))
        self.run: Run = world.jobs.begin(CONNECTION, ceiling)
        draft = Draft("profile", tuple(member(name) for name in names), {"level": "basic"}, planned=len(names))
        world.jobs.submit(self.run, draft.members, (), lambda _: [draft], draft.options)
        self.worker.advance()

    def perform_all(self) -> None:
        while self.queue.tickets:
            self.worker.perform(self.queue.tickets.pop(0))

    def status(self, name: str) -> str:
        return self.world.store.states(self.run)[table(name)]["profile"].status

    def error(self, name: str) -> str:
        error = self.world.store.states(self.run)[table(name)]["profile"].error
        return f"{error['kind']} {error['what']} {error['subject']} {error['why']}" if error else ""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


def test_what_is_unavailable_is_tried_again(world: World) -> None:
    tries: list[Unit] = []

    def do(unit: Unit, usage: Usage, _: Affordable) -> Answer:
        tries.append(unit)
        usage.add(statements=1, api_calls=2)
        if len(tries) < 3:
            raise Unavailable("Throttled")
        return {}

    shop = Shop(world, do, ["a"])
    shop.perform_all()
    assert (len(tries), shop.status("a")) == (3, "completed")
    progress = world.jobs.progress(shop.run)
    assert (progress.statements, progress.api_calls) == (3, 6)


def test_what_stays_unavailable_fails_after_a_bounded_number_of_tries(world: World) -> None:
    tries: list[Unit] = []

    def do(unit: Unit, _usage: Usage, _: Affordable) -> Answer:
        tries.append(unit)
        raise Unavailable("Throttled", why="too many requests")

    shop = Shop(world, do, ["a"])
    shop.perform_all()
    assert (len(tries), shop.status("a")) == (5, "failed")
    assert shop.error("a") == "unavailable Throttled dev.raw.a too many requests"


def test_a_failed_unit_of_several_tables_is_split_and_only_the_bad_table_fails(world: World) -> None:
    seen: list[tuple[str, ...]] = []

    def do(unit: Unit, _usage: Usage, _: Affordable) -> Answer:
        seen.append(tuple(one.name for one in unit.tables))
        if "bad" in seen[-1]:
            raise Failed("Bad")
        return {}

    shop = Shop(world, do, ["a", "bad", "c"])
    shop.perform_all()
    assert sorted(seen) == [("a",), ("a", "bad", "c"), ("bad",), ("c",)]
    assert [shop.status(name) for name in ("a", "bad", "c")] == ["completed", "failed", "completed"]
    progress = world.jobs.progress(shop.run)
    assert (progress.total["profile"], progress.done["profile"], progress.failed) == (3, 3, 1)


def test_a_ceiling_forbids_to_try_the_tables_of_a_failed_unit_alone(world: World) -> None:
    def do(_unit: Unit, usage: Usage, _: Affordable) -> Answer:
        usage.add(statements=3)
        raise Failed("Bad")

    shop = Shop(world, do, ["a", "b", "c"], ceiling=5)
    shop.perform_all()
    assert [shop.status(name) for name in "abc"] == ["failed"] * 3
    assert world.jobs.progress(shop.run).statements == 3


def test_a_unit_may_ask_what_it_can_afford(world: World) -> None:
    answers: list[bool] = []

    def do(_unit: Unit, usage: Usage, affordable: Affordable) -> Answer:
        answers.append(affordable(4))
        usage.add(statements=3)
        answers.extend([affordable(2), affordable(3)])
        return {}

    Shop(world, do, ["a", "b", "c"], ceiling=5).perform_all()
    assert answers == [False, True, False]


def test_tables_fail_by_themselves_beside_others(world: World) -> None:
    shop = Shop(world, lambda *_: {table("b"): Failed("Bad", subject="a label")}, ["a", "b"])
    shop.perform_all()
    assert [shop.status(name) for name in "ab"] == ["completed", "failed"]
    assert shop.error("b") == "failed Bad dev.raw.b "


def test_a_bug_fails_its_table_without_telling_values(world: World, caplog: pytest.LogCaptureFixture) -> None:
    value = "alice@example.com"

    def do(unit: Unit, _usage: Usage, _: Affordable) -> Answer:
        if table("b") in unit.tables:
            raise KeyError(value)
        return {}

    shop = Shop(world, do, ["a", "b"])
    shop.perform_all()
    assert [shop.status(name) for name in "ab"] == ["completed", "failed"]
    assert "KeyError at" in shop.error("b")
    assert "KeyError at" in caplog.text
    assert "alice" not in shop.error("b") + caplog.text


def test_a_unit_that_nobody_wants_any_more_is_stopped_and_given_back(world: World) -> None:
    begun = threading.Event()

    def do(_unit: Unit, usage: Usage, _: Affordable) -> Answer:
        begun.set()
        usage.stop.wait(30)
        raise Stopped

    shop = Shop(world, do, ["a"])
    thread = threading.Thread(target=shop.perform_all)
    thread.start()
    wait_until(begun.is_set)
    world.jobs.cancel(shop.run)
    shop.worker.tick()
    thread.join()
    assert shop.status("a") == "queued"
    assert shop.queue.tickets == []


def test_a_ticket_that_comes_late_is_void(world: World) -> None:
    done: list[Unit] = []

    def do(unit: Unit, _usage: Usage, _: Affordable) -> Answer:
        done.append(unit)
        return {}

    shop = Shop(world, do, ["a"])
    ticket = shop.queue.tickets[0]
    shop.perform_all()
    shop.worker.perform(ticket)
    assert len(done) == 1


def test_a_unit_in_another_living_workers_hands_is_left_to_it(world: World) -> None:
    shop = Shop(world, lambda *_: {}, ["a"])
    other = Presence(world.home, "worker", world.processes)
    other.enter()
    assert world.store.claim(shop.queue.tickets[0], other.id, world.presence.alive) is not None
    shop.perform_all()
    assert shop.status("a") == "running"
    other.leave()


def test_what_a_dead_worker_had_begun_and_the_queue_forgot_is_given_back(world: World) -> None:
    shop = Shop(world, lambda *_: {}, ["a"])
    world.store.claim(shop.queue.tickets.pop(), "died-long-ago", lambda _: True)
    world.processes.add(Process("died-long-ago", "worker", socket.gethostname(), 1))
    shop.worker.tick()
    assert shop.status("a") == "queued"
    shop.worker.advance()
    shop.perform_all()
    assert shop.status("a") == "completed"


def test_what_the_queue_resumes_of_a_dead_worker_keeps_its_ticket(world: World) -> None:
    shop = Shop(world, lambda *_: {}, ["a"])
    shop.queue.resumed = shop.queue.tickets
    world.store.claim(shop.queue.tickets[0], "died-long-ago", lambda _: True)
    world.processes.add(Process("died-long-ago", "worker", socket.gethostname(), 1))
    shop.worker.tick()
    assert shop.status("a") == "running"
    shop.perform_all()
    assert shop.status("a") == "completed"


def test_a_unit_that_was_claimed_while_the_worker_was_told_to_stop_is_given_back(world: World) -> None:
    told: list[bool] = []

    def do(_unit: Unit, usage: Usage, _: Affordable) -> Answer:
        told.append(usage.stop.is_set())
        raise Stopped

    shop = Shop(world, do, ["a"])
    store = ClosesAtClaim(world.store, lambda: shop.worker.close(drain=False))
    shop.worker = Worker(store, shop.queue, shop.presence, do)
    shop.perform_all()
    assert told == [True]
    assert shop.status("a") == "queued"


def test_a_worker_without_work_is_idle_after_a_while(world: World) -> None:
    now = [100.0]
    shop = Shop(world, lambda *_: {}, ["a"], clock=lambda: now[0])
    now[0] += 15
    assert not shop.worker.idle()
    shop.perform_all()
    now[0] += 15
    assert not shop.worker.idle()
    now[0] += 10
    assert shop.worker.idle()


def test_a_run_whose_connection_is_removed_says_so(world: World) -> None:
    from wharfinger.store.models import Connection

    shop = Shop(world, lambda *_: {}, ["a"])
    Connection.objects.all().delete()
    with pytest.raises(Conflict, match="connection was removed"):
        world.watch(shop.run)


def test_a_run_whose_owner_died_is_ended(world: World) -> None:
    shop = Shop(world, lambda *_: {}, ["a"])
    world.presence.leave()
    shop.worker.tick()
    world.store.end_abandoned(shop.presence.alive)
    assert world.store.issue() == []
    shop.perform_all()
    assert shop.status("a") == "queued"


def test_old_runs_and_units_are_forgotten(world: World) -> None:
    shop = Shop(world, lambda *_: {}, ["a"])
    shop.perform_all()
    world.jobs.cancel(shop.run)
    assert world.store.prune() == []
    (ticket,) = world.store.prune(timedelta(0))
    assert ticket.endswith("-1")
    assert world.store.statuses(CONNECTION)[table("a"), "profile"].status == "completed"


def test_a_unit_under_way_is_not_forgotten_however_old_its_run_is(world: World) -> None:
    shop = Shop(world, lambda *_: {}, ["a"])
    assert world.store.claim(shop.queue.tickets[0], shop.presence.id, world.presence.alive) is not None
    assert world.store.prune(timedelta(0)) == []
    assert [unit.tables for unit in world.store.running(shop.presence.id)] == [(table("a"),)]
