"""Processes that are stopped, hang or start slowly: no run waits for them for ever, and nothing is written twice.

The thresholds are settings, and short here. What is asserted is what happened, never how long it took.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter

import pytest
from tests.conftest import LAST_RESORT, wait_until
from tests.unit.jobs.conftest import StartWaiter
from tests.unit.jobs.world import Watching, World, wanted

from wharfinger.core.errors import Failed, Invalid
from wharfinger.core.session import Stopped
from wharfinger.jobs import service
from wharfinger.jobs.timing import Timing

SHORT = {"BEAT": "0.1", "SILENCE": "1", "LEASE": "2"}


@pytest.fixture(autouse=True)
def short_thresholds(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in SHORT.items():
        monkeypatch.setenv(f"WHARFINGER_{name}_SECONDS", seconds)


def lost(world: World) -> int:
    return sum(one.lost for one in world.processes.all())


def test_another_worker_takes_over_from_a_stopped_one(world: World) -> None:
    run = world.start(["slow", "t1"])
    watching = Watching(world, run)
    wait_until(lambda: world.completed() == 1 and "begin slow" in world.effects())
    (pid,) = world.worker_pids()
    world.freeze(pid)
    wait_until(lambda: world.effects().count("begin slow") == 2)
    world.let_go()
    progress = watching.result()
    assert (progress.ended, progress.failed) == (True, 0)
    assert Counter(world.ended()) == Counter(["slow", "t1"])
    assert world.worker_pids() == []  # the stopped one does not outlive who started it
    assert (world.home / "worker.log").read_text() == ""


def test_a_worker_that_is_stopped_while_nobody_else_can_write_is_killed_once_it_is_lost(world: World) -> None:
    assert world.watch(world.start(["frozen"])).failed == 0
    assert world.ended() == ["frozen"]
    assert world.worker_pids() == []


def test_a_stopped_worker_that_goes_on_past_its_lease_writes_nothing_and_ends(
    world: World, start_waiter: StartWaiter
) -> None:
    other = start_waiter("slow")
    wait_until(lambda: "begin slow" in world.effects())
    (pid,) = world.worker_pids()
    world.freeze(pid)
    world.freeze(other.pid)  # who started it is stopped too, as by Ctrl-Z
    watching = Watching(world, world.start(["slow"]))
    wait_until(lambda: world.effects().count("begin slow") == 2)
    assert lost(world) == 1
    world.let_go()
    assert watching.result().failed == 0
    os.kill(pid, signal.SIGCONT)
    other.send_signal(signal.SIGCONT)
    assert other.wait(LAST_RESORT) == 0
    wait_until(lambda: world.worker_pids() == [])
    assert world.ended() == ["slow"]
    assert world.status("slow") == "completed"


def test_a_run_goes_on_when_its_client_was_stopped_for_longer_than_a_lease(
    world: World, start_waiter: StartWaiter
) -> None:
    other = start_waiter("slow", "t1", "t2")
    wait_until(lambda: world.completed() == 2 and "begin slow" in world.effects())
    world.freeze(other.pid)
    (worker,) = [one for one in world.processes.all() if one.role == "worker"]
    more_than_a_lease = 30  # beats of 0.1 s; a lease is 2 s
    wait_until(lambda: any(one.beats > worker.beats + more_than_a_lease for one in world.processes.all()))
    other.send_signal(signal.SIGCONT)
    world.let_go()
    assert other.wait(LAST_RESORT) == 0
    assert Counter(world.ended()) == Counter(["slow", "t1", "t2"])


def test_a_direct_run_of_a_stopped_process_is_taken_over_and_it_waits_for_the_end(
    world: World, start_waiter: StartWaiter
) -> None:
    other = start_waiter("--direct", "slow")
    wait_until(lambda: "begin slow" in world.effects())
    world.freeze(other.pid)
    watching = Watching(world, world.jobs.start(world.begin(), wanted(["slow"], describe=["slow"]), direct=True))
    wait_until(lambda: world.effects().count("begin slow") == 2)
    other.send_signal(signal.SIGCONT)
    world.let_go()
    assert watching.result().failed == 0
    assert other.wait(LAST_RESORT) == 0
    assert world.ended() == ["slow", "slow"]  # the profile once, the description once
    from wharfinger.store.models import Run

    assert [row.stopped for row in Run.objects.all()] == [False, False]


def test_a_worker_may_take_longer_to_start_than_a_silence(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINY_WORKER_STARTS_WHEN", str(world.home / "launch"))
    started: list[bool] = []
    run = world.begin()

    def start() -> None:
        started.append(world.watch(world.jobs.start(run, wanted(["t1"]))).ended)

    thread = threading.Thread(target=start)
    thread.start()
    wait_until(lambda: any(one.beats > 15 for one in world.processes.all()))
    (only,) = world.processes.all()
    assert not started
    (world.home / "launch").touch()
    thread.join(LAST_RESORT)
    assert started == [True]
    assert world.ended() == ["t1"]
    assert world.processes.get(only.id) is None


def test_a_worker_that_never_becomes_ready_is_given_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINY_WORKER_STARTS_WHEN", str(world.home / "never"))
    world.workers._start_seconds = 0.5
    with pytest.raises(Failed, match="did not start"):
        world.start(["t1"])
    assert world.worker_pids() == []


def test_who_waits_for_a_worker_to_start_can_be_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINY_WORKER_STARTS_WHEN", str(world.home / "never"))
    stop = threading.Event()
    run = world.begin()
    stopped: list[bool] = []

    def start() -> None:
        with pytest.raises(Stopped):
            world.jobs.start(run, wanted(["t1"]), stop=stop)
        stopped.append(True)

    thread = threading.Thread(target=start)
    thread.start()
    wait_until(lambda: len(world.processes.all()) == 1)
    stop.set()
    thread.join(LAST_RESORT)
    assert stopped == [True]
    assert world.worker_pids() == []


def test_a_run_for_which_workers_start_in_vain_ends_with_a_message(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINY_WORKER_ENDS_AT_ONCE", "yes")
    monkeypatch.setattr(service, "FUTILE_WORKERS", 2)
    run = world.start(["t1"])
    with pytest.raises(Failed, match="makes no progress") as caught:
        world.watch(run)
    assert "2 workers" in caught.value.why


def test_what_the_queue_never_got_is_enqueued_by_who_watches(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(world.queue, "enqueue", lambda _: None)
        run = world.start(["t1"], describe=["t1"])
    assert world.watch(run).failed == 0
    assert world.ended() == ["t1", "t1"]


def test_a_run_that_is_placed_while_another_is_cancelled_does_not_join_what_is_cancelled(world: World) -> None:
    first = world.start(["slow"])
    wait_until(lambda: "begin slow" in world.effects())
    cancel = world.queue.cancel
    placed: list[threading.Thread] = []

    def cancel_late(works: list[str]) -> None:
        def place() -> None:
            world.watch(world.start(["slow"]))

        placed.append(threading.Thread(target=place))
        placed[0].start()
        placed[0].join(0.5)
        cancel(works)

    world.queue.cancel = cancel_late  # type: ignore[method-assign]
    world.jobs.cancel(first)
    world.let_go()
    placed[0].join(LAST_RESORT)
    assert world.status("slow") == "completed"


def test_an_empty_threshold_is_the_default() -> None:
    assert Timing.from_environment({"WHARFINGER_LEASE_SECONDS": ""}) == Timing()


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "soon"])
def test_a_threshold_is_a_number_of_seconds(value: str) -> None:
    with pytest.raises(Invalid, match="WHARFINGER_LEASE_SECONDS"):
        Timing.from_environment({"WHARFINGER_LEASE_SECONDS": value})


def test_thresholds_that_a_living_process_would_exceed_are_refused() -> None:
    with pytest.raises(Invalid, match="WHARFINGER_SILENCE_SECONDS"):
        Timing.from_environment({"WHARFINGER_SILENCE_SECONDS": "0.5"})
    with pytest.raises(Invalid, match="WHARFINGER_LEASE_SECONDS"):
        Timing.from_environment({"WHARFINGER_LEASE_SECONDS": "15"})
