"""A small run is performed by the process that asked for it, without a queue."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import LAST_RESORT, wait_until
from tests.unit.jobs.names import table
from tests.unit.jobs.world import Watching, World

from wharfinger.core.session import Stopped
from wharfinger.jobs.model import DIRECT_TABLES, DIRECT_UNITS, Progress
from wharfinger.jobs.service import ANOTHER_PROCESS

ROOT = Path(__file__).parents[3]


@pytest.fixture
def direct_process(world: World) -> Iterator[subprocess.Popen[bytes]]:
    """A process that performs the table `slow` directly, which is begun."""
    command = [sys.executable, "-m", "tests.unit.jobs.waiter", str(world.home), "--direct", "slow"]
    process = subprocess.Popen(command, cwd=ROOT)
    wait_until(lambda: "begin slow" in world.effects())
    yield process
    process.kill()
    process.wait()


def test_a_small_run_enqueues_nothing_and_starts_no_worker(world: World) -> None:
    run = world.start(["t1", "bad"], describe=["t1", "bad", "t2"], together=2, direct=True)
    assert run.direct
    progress = world.watch(run)
    assert (progress.ended, progress.failed) == (True, 2)
    assert progress.done == progress.total == {"profile": 2, "describe": 3}
    states = world.store.states(run)
    assert (states[table("t1")]["profile"].status, states[table("bad")]["profile"].status) == ("completed", "failed")
    assert Counter(world.ended()) == Counter(t1=4, t2=1)  # in company and alone, in each of its two jobs
    assert world.processes.all() == []
    assert not (world.home / "jobs.db").exists()


def test_only_a_small_run_is_direct_and_only_when_it_is_watched_here(world: World) -> None:
    many = [f"t{number}" for number in range(DIRECT_TABLES + 1)]
    assert not world.start(many, together=len(many), direct=True).direct
    world.jobs.close()
    units = [f"u{number}" for number in range(DIRECT_UNITS + 1)]
    assert not world.start(units, direct=True).direct
    world.jobs.close()
    assert not world.start(["one"]).direct


def test_a_run_beside_a_living_worker_leaves_its_work_to_it(world: World) -> None:
    watching = Watching(world, world.start(["slow"]))
    wait_until(lambda: "begin slow" in world.effects())
    run = world.start(["t1"], direct=True)
    assert not run.direct
    wait_until(lambda: world.status("t1") == "completed")
    world.let_go()
    watching.result()


def test_a_stopped_direct_run_gives_its_tables_back(world: World) -> None:
    run = world.start(["slow"], describe=["slow"], direct=True)
    watching = Watching(world, run)
    wait_until(lambda: "begin slow" in world.effects())
    watching.stop.set()
    assert watching.result().cancelled
    assert (world.status("slow"), world.status("slow", "describe")) == ("queued", "queued")
    world.let_go()
    assert world.watch(world.start(["slow"], describe=["slow"], direct=True)).ended
    assert Counter(world.ended()) == Counter(slow=2)


def test_a_killed_direct_run_leaves_its_tables_due(world: World, direct_process: subprocess.Popen[bytes]) -> None:
    direct_process.kill()
    direct_process.wait()
    assert world.status("slow") == "running"  # an unfinished status, which the next run takes for due
    world.let_go()
    run = world.start(["slow"], direct=True)
    assert run.direct
    assert world.watch(run).ended
    assert (world.status("slow"), world.ended()) == ("completed", ["slow"])
    from wharfinger.store.models import Run

    assert [row.stopped for row in Run.objects.order_by("started_at")] == [True, False]


def test_who_watches_the_direct_run_of_another_process_learns_of_its_death(
    world: World, direct_process: subprocess.Popen[bytes]
) -> None:
    from wharfinger.store.models import Run

    watching = Watching(world, world.jobs.get(Run.objects.get().id))
    direct_process.kill()
    assert watching.result().cancelled
    assert world.status("slow") == "queued"


def test_tables_that_another_process_performs_directly_are_waited_for_and_done_once(
    world: World, direct_process: subprocess.Popen[bytes]
) -> None:
    run = world.begin()
    started: list[bool] = []
    waits: list[Progress] = []

    def start() -> None:
        from tests.unit.jobs.world import wanted

        begun = world.jobs.start(run, wanted(["slow"]), direct=True, look=waits.append)
        started.append(world.watch(begun).ended)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join(0.5)
    assert started == []
    wait_until(lambda: waits)
    world.let_go()
    thread.join(LAST_RESORT)
    assert {(one.waits_for, one.ended) for one in waits} == {(ANOTHER_PROCESS, False)}
    assert direct_process.wait(LAST_RESORT) == 0
    assert started == [True]
    assert world.ended() == ["slow"]


def test_who_waits_for_a_direct_run_can_be_stopped(world: World, direct_process: subprocess.Popen[bytes]) -> None:
    from tests.unit.jobs.world import wanted

    stop = threading.Event()
    stop.set()
    with pytest.raises(Stopped):
        world.jobs.start(world.begin(), wanted(["slow"]), stop=stop)
    assert direct_process.poll() is None


def test_other_tables_do_not_wait_for_a_direct_run(world: World, direct_process: subprocess.Popen[bytes]) -> None:
    assert world.watch(world.start(["t1"], direct=True)).ended
    assert world.ended() == ["t1"]
    assert direct_process.poll() is None
