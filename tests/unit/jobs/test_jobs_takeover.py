"""What a worker takes over from others, and what becomes of one that was taken over; the queue is in memory."""

from __future__ import annotations

import socket
import threading

import pytest
from tests.conftest import LAST_RESORT, wait_until
from tests.unit.jobs.names import table
from tests.unit.jobs.shop import Answer, Shop
from tests.unit.jobs.world import World

from wharfinger.adapters.work.presence import Presence
from wharfinger.core.errors import Failed
from wharfinger.core.session import Usage
from wharfinger.jobs.direct import LocalSteps
from wharfinger.jobs.model import Process, Superseded, Unit
from wharfinger.jobs.ports import Affordable
from wharfinger.jobs.timing import Timing


def test_what_a_dead_worker_had_begun_is_queued_again(world: World) -> None:
    shop = Shop(world, lambda *_: {}, ["a"])
    world.store.start(shop.work, "died-long-ago")
    shop.queue.begun["died-long-ago"] = [shop.queue.works.pop()]
    world.processes.add(Process("died-long-ago", "worker", socket.gethostname(), 1))
    shop.worker.tick()
    assert (shop.status("a"), shop.queue.recovered) == ("queued", ["died-long-ago"])
    assert world.processes.get("died-long-ago") is None
    shop.perform_all()
    assert shop.status("a") == "completed"


def test_what_a_worker_left_behind_that_ended_is_queued_again(world: World) -> None:
    """DBOS may claim an attempt for a worker at the moment when that one ends: nobody would begin it."""
    shop = Shop(world, lambda *_: {}, ["a"])
    shop.queue.begun["ended"] = [shop.queue.works.pop()]
    shop.worker.tick()
    assert shop.queue.recovered == ["ended"]
    shop.perform_all()
    assert shop.status("a") == "completed"


class Elsewhere:
    """Another worker of the home, which beats when the test says so."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.presence = Presence(shop.world.storage, "worker", shop.world.processes)
        self.presence.enter()

    def begin(self) -> Unit:
        """Begin the attempt of the shop."""
        unit = self.shop.world.store.start(self.shop.queue.works.pop(), self.presence.id)
        assert unit is not None
        self.shop.queue.begun[self.presence.id] = [unit.work]
        return unit


@pytest.fixture
def turned() -> list[float]:
    """What the clock of `shop_with_clock` shows."""
    return [1000.0]


@pytest.fixture
def shop_with_clock(world: World, turned: list[float]) -> Shop:
    """A shop whose worker judges others by a clock that the test turns."""
    shop = Shop(world, lambda *_: {}, ["a"], clock=lambda: turned[0])
    shop.worker.tick()
    return shop


def test_a_worker_keeps_its_unit_while_it_is_silent_and_loses_it_after_its_lease(
    shop_with_clock: Shop, turned: list[float]
) -> None:
    shop, timing = shop_with_clock, Timing()
    other = Elsewhere(shop)
    other.begin()
    turned[0] += timing.beat
    shop.worker.tick()
    turned[0] += timing.lease - timing.beat
    shop.worker.tick()
    assert (shop.queue.recovered, shop.status("a")) == ([], "running")
    turned[0] += timing.beat
    shop.worker.tick()
    assert (shop.queue.recovered, shop.status("a")) == ([other.presence.id], "queued")
    other.presence.leave()


def test_what_the_old_owner_of_a_unit_still_writes_is_refused(shop_with_clock: Shop) -> None:
    shop, store = shop_with_clock, shop_with_clock.world.store
    other = Elsewhere(shop)
    unit = other.begin()
    store.take_back([unit.work], other.presence.id)
    for write in (
        lambda: store.finish(unit, {}),
        lambda: store.finish_one(unit, 0, None),
        lambda: store.hand_back(unit),
        lambda: store.writing(unit).__enter__(),
    ):
        with pytest.raises(Superseded):
            write()
    assert shop.status("a") == "queued"
    shop.worker.perform(unit.work, LocalSteps())
    assert shop.status("a") == "completed"
    with pytest.raises(Superseded):
        store.finish(unit, {table("a"): Failed("Too late").record()})
    assert shop.status("a") == "completed"


def test_what_another_worker_has_taken_is_not_taken_from_it(shop_with_clock: Shop) -> None:
    shop, store = shop_with_clock, shop_with_clock.world.store
    other = Elsewhere(shop)
    unit = other.begin()
    newer = store.start(unit.work, "another")
    assert newer is not None
    store.take_back([unit.work], other.presence.id)
    store.finish(newer, {})
    assert shop.status("a") == "completed"


def test_what_the_old_owner_sent_is_still_counted(shop_with_clock: Shop) -> None:
    shop, store = shop_with_clock, shop_with_clock.world.store
    unit = Elsewhere(shop).begin()
    store.start(unit.work, "another")
    store.count(unit.id, 2, 3)
    progress = shop.world.jobs.progress(shop.run)
    assert (progress.statements, progress.api_calls) == (2, 3)


def test_a_unit_that_was_taken_over_returns_nothing_to_the_queue(world: World) -> None:
    begun, go = threading.Event(), threading.Event()

    def do(_unit: Unit, _usage: Usage, _: Affordable) -> Answer:
        begun.set()
        go.wait(LAST_RESORT)
        return {}

    shop = Shop(world, do, ["a"])
    thread = shop.perform_in_a_thread()
    wait_until(begun.is_set)
    newer = world.store.start(shop.work, "another")
    assert newer is not None
    go.set()
    wait_until(lambda: shop.worker.busy() == 0)
    thread.join(0.5)
    assert (shop.status("a"), thread.is_alive()) == ("running", True)
    world.store.finish(newer, {})
    assert shop.status("a") == "completed"


def test_a_worker_that_was_taken_for_lost_has_to_end(shop_with_clock: Shop, turned: list[float]) -> None:
    shop = shop_with_clock
    shop.world.processes.lose(shop.presence.id)
    turned[0] += Timing().beat
    shop.worker.tick()
    assert shop.worker.lost
