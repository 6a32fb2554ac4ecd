"""The queue: every unit's effect once, whoever dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.conftest import wait_until
from tests.unit.jobs.names import CONNECTION, table
from tests.unit.jobs.world import Watching, World

ROOT = Path(__file__).parents[3]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


@pytest.fixture
def start_waiter(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []

    def start(*names: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.unit.jobs.waiter", str(tmp_path), *names]
        started.append(subprocess.Popen(command, cwd=ROOT))
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.wait()


def worker_pids(world: World) -> list[int]:
    return [one.pid for one in world.processes.all() if one.role == "worker" and world.presence.alive(one.id)]


def gone(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_every_unit_of_a_run_is_performed_once_and_counted(world: World) -> None:
    names = [f"t{number}" for number in range(20)]
    progress = world.watch(world.submit(names, describe=names))
    assert Counter(world.ended()) == Counter(names * 2)
    assert progress.done == progress.total == {"profile": 20, "describe": 20}
    assert (progress.statements, progress.api_calls) == (40, 80)
    assert not worker_pids(world)


def test_a_description_waits_for_the_profile_of_its_table(world: World) -> None:
    run = world.submit(["slow"], describe=["slow", "alone"])
    watching = Watching(world, run)
    wait_until(lambda: world.completed() == 1 and {"end alone", "begin slow"} <= set(world.effects()))
    assert world.effects().count("begin slow") == 1
    (world.home / "go").touch()
    watching.result()
    assert world.effects().count("end slow") == 2


def test_a_failed_profile_does_not_stop_the_description(world: World) -> None:
    run = world.submit(["bad"], describe=["bad", "t1"])
    assert world.watch(run).failed == 2
    states = world.store.states(run)
    assert states[table("t1")]["describe"].status == "completed"


def test_a_killed_workers_units_go_on_in_another_and_no_other_is_repeated(world: World) -> None:
    names = ["slow1", "slow2", *(f"t{number}" for number in range(10))]
    run = world.submit(names)
    watching = Watching(world, run)
    wait_until(lambda: world.jobs.progress(run).done["profile"] == 10 and "begin slow2" in world.effects())
    (pid,) = worker_pids(world)
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: world.effects().count("begin slow2") == 2)
    (world.home / "go").touch()
    progress = watching.result()
    assert progress.ended
    assert progress.failed == 0
    assert Counter(world.ended()) == Counter(names)
    begun = Counter(line for line in world.effects() if line.startswith("begin"))
    assert {name: count for name, count in begun.items() if count > 1} == {"begin slow1": 2, "begin slow2": 2}


def test_a_killed_process_takes_its_worker_along_and_the_next_one_goes_on(
    world: World, start_waiter: Callable[..., subprocess.Popen[bytes]]
) -> None:
    names = ["slow", *(f"t{number}" for number in range(10))]
    waiter = start_waiter(*names)
    wait_until(lambda: world.completed() == 10 and "begin slow" in world.effects())
    (pid,) = worker_pids(world)
    waiter.kill()
    waiter.wait()
    wait_until(lambda: gone(pid))
    assert "stop slow" in world.effects()
    (world.home / "go").touch()
    progress = world.watch(world.submit(["slow"]))
    assert progress.failed == 0
    assert Counter(world.ended()) == Counter(names)


def test_when_process_and_worker_are_killed_at_once_the_next_process_goes_on(
    world: World, start_waiter: Callable[..., subprocess.Popen[bytes]]
) -> None:
    waiter = start_waiter("slow", "t1")
    wait_until(lambda: world.completed() == 1 and "begin slow" in world.effects())
    (pid,) = worker_pids(world)
    os.kill(pid, signal.SIGKILL)
    waiter.kill()
    waiter.wait()
    (world.home / "go").touch()
    assert world.watch(world.submit(["slow"])).failed == 0
    assert Counter(world.ended()) == Counter(["slow", "t1"])


def test_two_who_ask_at_once_get_one_piece_of_work(
    world: World, start_waiter: Callable[..., subprocess.Popen[bytes]]
) -> None:
    names = [f"slow{number}" for number in range(10)]
    waiter = start_waiter(*names)
    wait_until(lambda: len(world.effects()) == 4)
    watching = Watching(world, world.submit(names))
    (world.home / "go").touch()
    progress = watching.result()
    assert waiter.wait(30) == 0
    assert progress.done["profile"] == progress.total["profile"] == 10
    assert Counter(world.ended()) == Counter(names)


def test_work_that_ended_while_a_run_was_being_prepared_is_not_done_again(world: World) -> None:
    late = world.jobs.begin(CONNECTION)
    world.watch(world.submit(["t1"]))
    world.submit_into(late, ["t1", "t2"])
    assert world.watch(late).done["profile"] == 2
    assert Counter(world.ended()) == Counter(["t1", "t2"])


def test_work_that_ended_before_is_done_anew_for_who_asks_anew(world: World) -> None:
    for _ in range(2):
        world.watch(world.submit(["t1"]))
    assert world.ended() == ["t1", "t1"]


def test_a_stopped_run_gives_its_units_back_and_the_next_one_goes_on(world: World) -> None:
    run = world.submit(["slow", "t1"])
    watching = Watching(world, run)
    wait_until(lambda: world.completed() == 1 and "begin slow" in world.effects())
    watching.stop.set()
    assert not watching.result().ended
    states = world.store.states(run)
    assert states[table("slow")]["profile"].status == "queued"
    assert states[table("t1")]["profile"].status == "completed"
    assert "stop slow" in world.effects()
    assert not worker_pids(world)
    (world.home / "go").touch()
    assert world.watch(world.submit(["slow"])).ended
    assert Counter(world.ended()) == Counter(["slow", "t1"])


def test_units_that_a_stopped_run_left_are_not_performed_for_another_run(world: World) -> None:
    watching = Watching(world, world.submit([f"slow{number}" for number in range(8)]))
    wait_until(lambda: len(world.effects()) == 4)
    watching.stop.set()
    watching.result()
    (world.home / "go").touch()
    world.watch(world.submit(["t1"]))
    assert world.ended() == ["t1"]


def test_who_finds_the_worker_of_another_process_gone_goes_on_with_one_of_its_own(
    world: World, start_waiter: Callable[..., subprocess.Popen[bytes]]
) -> None:
    waiter = start_waiter("slow1")
    wait_until(lambda: "begin slow1" in world.effects())
    watching = Watching(world, world.submit(["slow2"]))
    wait_until(lambda: "begin slow2" in world.effects())
    waiter.kill()
    waiter.wait()
    wait_until(lambda: world.effects().count("begin slow2") == 2)
    (world.home / "go").touch()
    assert watching.result().ended
    assert world.ended() == ["slow2"]


def test_a_unit_that_kills_its_workers_fails_in_the_end(world: World) -> None:
    run = world.submit(["killer"])
    progress = world.watch(run)
    assert (progress.ended, progress.failed) == (True, 1)
    error = world.store.states(run)[table("killer")]["profile"].error
    assert error is not None
    assert "worker died" in error["what"]
    assert world.effects() == ["begin killer"] * 3


@pytest.mark.parametrize("torn", ["unbegun", "unended"])
def test_a_unit_whose_state_could_not_be_kept_is_done_by_the_next_worker(world: World, torn: str) -> None:
    run = world.submit([torn, "slow"])
    watching = Watching(world, run)
    wait_until(lambda: (world.home / f"torn {torn}").exists() and "begin slow" in world.effects())
    (world.home / "go").touch()
    progress = watching.result()
    assert (progress.ended, progress.failed) == (True, 0)
    assert world.ended().count("slow") == 1
    assert world.ended().count(torn) == (1 if torn == "unbegun" else 2)


def test_the_queues_records_hold_tickets_only(world: World) -> None:
    world.watch(world.submit(["t1", "bad"], describe=["t1"]))
    from wharfinger.store.sqlcipher import files

    connection = files.connect(world.home / "jobs.db")
    names = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")]
    content = str([connection.execute(f'select * from "{name}"').fetchall() for name in names])
    connection.close()
    assert "tickets" in content
    assert all(word not in content for word in ("t1", "bad", "raw", "dev", CONNECTION, "Bad table"))


def test_a_worker_that_cannot_start_says_why(world: World) -> None:
    (world.home / "key").write_text("00" * 32)
    run = world.submit(["t1"])
    with pytest.raises(Exception, match="did not start"):
        world.watch(run)
    assert "Traceback" in (world.home / "worker.log").read_text()
