"""The queue: every unit's effect once, whoever dies."""

from __future__ import annotations

import os
import signal
from collections import Counter
from typing import Any

import pytest
from tests.conftest import LAST_RESORT, wait_until
from tests.processes import born
from tests.unit.jobs.conftest import StartWaiter
from tests.unit.jobs.names import CONNECTION, table
from tests.unit.jobs.world import Watching, World, wanted

from wharfinger.jobs.model import MAX_STARTS


def queue_rows(world: World, query: str) -> list[tuple[Any, ...]]:
    from wharfinger.store.sqlcipher import files

    connection = files.connect(world.home / "jobs.db")
    try:
        return list(connection.execute(query).fetchall())
    finally:
        connection.close()


def attempts(world: World) -> dict[str, str]:
    """What DBOS says of each attempt."""
    return dict(queue_rows(world, "select workflow_uuid, status from workflow_status"))


def test_every_unit_of_a_run_is_performed_once_and_counted(world: World) -> None:
    names = [f"t{number}" for number in range(20)]
    progress = world.watch(world.start(names, describe=names))
    assert Counter(world.ended()) == Counter(names * 2)
    assert progress.done == progress.total == {"profile": 20, "describe": 20}
    assert (progress.statements, progress.api_calls) == (40, 80)
    assert not world.worker_pids()


def test_a_description_waits_for_the_profile_of_its_table(world: World) -> None:
    run = world.start(["slow"], describe=["slow", "alone"])
    watching = Watching(world, run)
    wait_until(lambda: world.completed() == 1 and {"end alone", "begin slow"} <= set(world.effects()))
    assert world.effects().count("begin slow") == 1
    world.let_go()
    watching.result()
    assert world.effects().count("end slow") == 2


def test_a_failed_profile_does_not_stop_the_description(world: World) -> None:
    run = world.start(["bad"], describe=["bad", "t1"])
    assert world.watch(run).failed == 2
    assert world.store.states(run)[table("t1")]["describe"].status == "completed"


def test_a_killed_workers_units_are_recovered_by_another_and_no_other_is_repeated(world: World) -> None:
    names = ["slow1", "slow2", *(f"t{number}" for number in range(10))]
    run = world.start(names)
    watching = Watching(world, run)
    wait_until(lambda: world.jobs.progress(run).done["profile"] == 10 and "begin slow2" in world.effects())
    (pid,) = world.worker_pids()
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: world.effects().count("begin slow2") == 2)
    world.let_go()
    progress = watching.result()
    assert progress.ended
    assert progress.failed == 0
    assert Counter(world.ended()) == Counter(names)
    begun = Counter(line for line in world.effects() if line.startswith("begin"))
    assert {name: count for name, count in begun.items() if count > 1} == {"begin slow1": 2, "begin slow2": 2}


def test_a_killed_process_takes_its_worker_along_and_the_next_worker_finishes_its_run(
    world: World, start_waiter: StartWaiter
) -> None:
    names = ["slow", *(f"t{number}" for number in range(10))]
    waiter = start_waiter(*names)
    wait_until(lambda: world.completed() == 10 and "begin slow" in world.effects())
    (pid,) = world.worker_pids()
    waiter.kill()
    waiter.wait()
    wait_until(lambda: born(pid) is None)
    assert "stop slow" in world.effects()
    assert world.status("slow") == "queued"
    # The worker of a run of another table performs what the killed process had asked for, under the same attempt.
    watching = Watching(world, world.start(["slow2"]))
    wait_until(lambda: world.effects().count("begin slow") == 2 and "begin slow2" in world.effects())
    world.let_go()
    assert watching.result().ended
    assert Counter(world.ended()) == Counter([*names, "slow2"])
    assert set(attempts(world).values()) == {"SUCCESS"}
    from wharfinger.store.models import Run

    assert not Run.objects.filter(ended_at=None).exists()


def test_when_process_and_worker_are_killed_at_once_the_next_process_resumes(
    world: World, start_waiter: StartWaiter
) -> None:
    waiter = start_waiter("slow", "t1")
    wait_until(lambda: world.completed() == 1 and "begin slow" in world.effects())
    (pid,) = world.worker_pids()
    os.kill(pid, signal.SIGKILL)
    waiter.kill()
    waiter.wait()
    world.let_go()
    assert world.watch(world.start(["slow"])).failed == 0
    assert Counter(world.ended()) == Counter(["slow", "t1"])


def test_two_who_ask_at_once_get_one_piece_of_work(world: World, start_waiter: StartWaiter) -> None:
    names = [f"slow{number}" for number in range(10)]
    waiter = start_waiter(*names)
    wait_until(lambda: len(world.effects()) == 4)
    watching = Watching(world, world.start(names))
    world.let_go()
    progress = watching.result()
    assert waiter.wait(LAST_RESORT) == 0
    assert progress.done["profile"] == progress.total["profile"] == 10
    assert Counter(world.ended()) == Counter(names)
    assert len(attempts(world)) == 10


def test_work_that_ended_while_a_run_was_being_prepared_is_not_done_again(world: World) -> None:
    late = world.begin()
    world.watch(world.start(["t1"]))
    late = world.jobs.start(late, wanted(["t1", "t2"]))
    assert world.watch(late).done["profile"] == 2
    assert Counter(world.ended()) == Counter(["t1", "t2"])


def test_work_that_ended_is_done_again_under_the_next_attempt_for_who_asks_again(world: World) -> None:
    for _ in range(2):
        world.watch(world.start(["t1"]))
    assert world.ended() == ["t1", "t1"]
    assert sorted(work.rpartition("-")[2] for work in attempts(world)) == ["1", "2"]


def test_work_that_was_stored_and_not_enqueued_is_done_by_who_asks_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.watch(world.start(["t0"]))
    with monkeypatch.context() as patched:
        patched.setattr(world.queue, "enqueue", lambda _: None)
        world.start(["t1"])
    world.watch(world.start(["t1"]))
    assert world.ended() == ["t0", "t1"]
    assert all(work.endswith("-1") for work in attempts(world))


def test_a_stopped_run_gives_its_units_back_and_the_next_one_does_them(world: World) -> None:
    run = world.start(["slow", "t1"])
    watching = Watching(world, run)
    wait_until(lambda: world.completed() == 1 and "begin slow" in world.effects())
    watching.stop.set()
    progress = watching.result()
    assert (progress.ended, progress.cancelled) == (False, True)
    states = world.store.states(run)
    assert states[table("slow")]["profile"].status == "queued"
    assert states[table("t1")]["profile"].status == "completed"
    assert "stop slow" in world.effects()
    assert not world.worker_pids()
    world.let_go()
    assert world.watch(world.start(["slow"])).ended
    assert Counter(world.ended()) == Counter(["slow", "t1"])
    assert sorted(attempts(world).values()) == ["CANCELLED", "SUCCESS", "SUCCESS"]


def test_another_process_cancels_a_run_and_its_watcher_learns_of_it(world: World, start_waiter: StartWaiter) -> None:
    waiter = start_waiter("slow1", "slow2")
    wait_until(lambda: {"begin slow1", "begin slow2"} <= set(world.effects()))
    from wharfinger.store.models import Run

    world.jobs.cancel(world.jobs.get(Run.objects.get().id))
    wait_until(lambda: {"stop slow1", "stop slow2"} <= set(world.effects()))
    assert waiter.wait(LAST_RESORT) == 0
    assert [world.status(name) for name in ("slow1", "slow2")] == ["queued", "queued"]
    assert set(attempts(world).values()) == {"CANCELLED"}


def test_a_cancelled_run_leaves_alone_what_another_run_wants(world: World, start_waiter: StartWaiter) -> None:
    waiter = start_waiter("slow1", "slow2")
    wait_until(lambda: {"begin slow1", "begin slow2"} <= set(world.effects()))
    run = world.start(["slow1"])
    from wharfinger.store.models import Run

    world.jobs.cancel(world.jobs.get(Run.objects.exclude(id=run.id).get().id))
    wait_until(lambda: "stop slow2" in world.effects())
    world.let_go()
    assert world.watch(run).ended
    assert waiter.wait(LAST_RESORT) == 0
    assert world.ended() == ["slow1"]
    assert world.status("slow2") == "queued"
    # The worker of the cancelled run may end before the queue has heard of slow1: the next worker tells it.
    assert sorted(attempts(world).values()) in (["CANCELLED", "SUCCESS"], ["CANCELLED", "ENQUEUED"])


def test_units_that_a_stopped_run_left_are_not_performed_for_another_run(world: World) -> None:
    watching = Watching(world, world.start([f"slow{number}" for number in range(8)]))
    wait_until(lambda: len(world.effects()) == 4)
    watching.stop.set()
    watching.result()
    world.let_go()
    world.watch(world.start(["t1"]))
    assert world.ended() == ["t1"]


def test_who_finds_the_worker_of_another_process_gone_continues_with_one_of_its_own(
    world: World, start_waiter: StartWaiter
) -> None:
    waiter = start_waiter("slow1")
    wait_until(lambda: "begin slow1" in world.effects())
    watching = Watching(world, world.start(["slow2"]))
    wait_until(lambda: "begin slow2" in world.effects())
    waiter.kill()
    waiter.wait()
    wait_until(lambda: world.effects().count("begin slow2") == 2)
    world.let_go()
    assert watching.result().ended
    assert "slow2" in world.ended()


def test_a_unit_whose_workers_die_fails_in_the_end_and_what_waited_for_it_is_performed(world: World) -> None:
    run = world.start(["killer"], describe=["killer"])
    progress = world.watch(run)
    assert (progress.ended, progress.failed) == (True, 1)
    error = world.store.states(run)[table("killer")]["profile"].error
    assert error is not None
    assert "worker died" in error["what"]
    assert f"{MAX_STARTS} workers" in error["why"]
    assert world.effects() == ["begin killer"] * (MAX_STARTS + 1) + ["end killer"]
    assert sorted(attempts(world).values()) == ["MAX_RECOVERY_ATTEMPTS_EXCEEDED", "SUCCESS"]


@pytest.mark.parametrize("torn", ["unbegun", "unended"])
def test_a_unit_whose_state_could_not_be_kept_is_done_by_the_next_worker(world: World, torn: str) -> None:
    run = world.start([torn, "slow"])
    watching = Watching(world, run)
    wait_until(lambda: (world.home / f"once {torn}").exists() and "begin slow" in world.effects())
    world.let_go()
    progress = watching.result()
    assert (progress.ended, progress.failed) == (True, 0)
    assert world.ended().count("slow") == 1
    assert world.ended().count(torn) == (1 if torn == "unbegun" else 2)


def test_the_queues_records_hold_ids_only(world: World) -> None:
    tables = ["t-without-a-fault", "bad-in-company", "bad-as-well"]  # no word that a random id can hold
    world.watch(world.start(tables, describe=tables[:1], together=3))
    names = [row[0] for row in queue_rows(world, "select name from sqlite_master where type = 'table'")]
    content = str([queue_rows(world, f'select * from "{name}"') for name in names])
    assert "works" in content
    assert [word for word in (*tables, CONNECTION, "Bad table", "local") if word in content] == []


def test_records_of_an_older_version_are_deleted_and_never_performed(world: World) -> None:
    world.watch(world.start(["t1"]))
    (work,) = attempts(world)
    from wharfinger.store.sqlcipher import files

    connection = files.connect(world.home / "jobs.db")
    connection.execute(
        "update workflow_status set application_version = '1', status = 'ENQUEUED', queue_name = 'units'"
    )
    connection.commit()
    connection.close()
    world.watch(world.start(["t2"]))
    assert work not in attempts(world)
    assert world.ended() == ["t1", "t2"]


def test_a_worker_that_cannot_start_says_why(world: World) -> None:
    (world.home / "key").write_text("00" * 32)
    run = world.begin()
    with pytest.raises(Exception, match="did not start"):
        world.jobs.start(run, wanted(["t1"]))
    assert "Traceback" in (world.home / "worker.log").read_text()
    world.jobs.cancel(run)
    assert world.status("t1") == "queued"
