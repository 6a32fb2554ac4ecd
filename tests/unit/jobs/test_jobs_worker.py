"""What a worker does with a unit, on a real store, the queue in memory."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from tests.conftest import LAST_RESORT, wait_until
from tests.unit.jobs.names import CONNECTION, table
from tests.unit.jobs.shop import Answer, Do, Replayed, Shop, until_stopped
from tests.unit.jobs.world import World

from wharfinger.core.errors import Conflict, Failed, Refused, Unavailable
from wharfinger.core.session import Stopped, Usage
from wharfinger.jobs.direct import LocalSteps
from wharfinger.jobs.kinds import Kinds
from wharfinger.jobs.model import Unit
from wharfinger.jobs.ports import Affordable
from wharfinger.jobs.worker import Worker


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


def test_a_ceiling_forbids_another_try(world: World) -> None:
    def do(_unit: Unit, usage: Usage, _: Affordable) -> Answer:
        usage.add(statements=1)
        raise Unavailable("Throttled")

    shop = Shop(world, do, ["a"], ceiling=1)
    shop.perform_all()
    assert shop.status("a") == "failed"
    assert world.jobs.progress(shop.run).statements == 1


def test_a_pause_before_another_try_ends_when_the_unit_is_stopped(world: World) -> None:
    tries: list[Unit] = []

    def do(unit: Unit, _usage: Usage, _: Affordable) -> Answer:
        tries.append(unit)
        raise Unavailable("Throttled")

    shop = Shop(world, do, ["a"])
    shop.worker = Worker(
        world.store,
        shop.queue,
        shop.presence,
        Kinds({"profile": lambda unit, doing: do(unit, doing.usage, doing.affordable)}),
        pauses=(60.0,),
    )
    thread = shop.perform_in_a_thread()
    wait_until(lambda: len(tries) == 1)
    shop.queue.stopped = {shop.work}
    wait_until(lambda: shop.worker.busy() == 1)
    shop.worker.tick()
    thread.join(LAST_RESORT)
    assert (shop.status("a"), len(tries)) == ("queued", 1)


def test_a_right_that_is_missing_to_all_tables_is_not_tried_table_by_table(world: World) -> None:
    calls: list[Unit] = []

    def do(unit: Unit, _usage: Usage, _: Affordable) -> Answer:
        calls.append(unit)
        raise Refused("Permission denied")

    shop = Shop(world, do, ["a", "b"])
    shop.perform_all()
    assert len(calls) == 1
    assert [shop.status(name) for name in "ab"] == ["failed", "failed"]


def fails_with_bad(seen: list[tuple[str, ...]]) -> Do:
    def do(unit: Unit, _usage: Usage, _: Affordable) -> Answer:
        seen.append(tuple(one.name for one in unit.tables))
        if "bad" in seen[-1]:
            raise Failed("Bad")
        return {}

    return do


def test_a_unit_that_fails_as_a_whole_is_tried_table_by_table(world: World) -> None:
    seen: list[tuple[str, ...]] = []
    shop = Shop(world, fails_with_bad(seen), ["a", "bad", "c"])
    shop.perform_all()
    assert seen == [("a", "bad", "c"), ("a",), ("bad",), ("c",)]
    assert [shop.status(name) for name in ("a", "bad", "c")] == ["completed", "failed", "completed"]
    progress = world.jobs.progress(shop.run)
    assert (progress.total["profile"], progress.done["profile"], progress.failed) == (3, 3, 1)
    assert progress.ended


def test_tables_that_were_through_before_the_worker_died_are_not_done_again(world: World) -> None:
    seen: list[tuple[str, ...]] = []
    shop = Shop(world, fails_with_bad(seen), ["a", "bad", "c"])
    unit = world.store.start(shop.work, "somebody")
    assert unit is not None
    world.store.finish_one(unit, 0, None)
    # The record of the whole unit's step was kept, the one of the first table's was not: its effect counts once.
    shop.worker.perform(shop.queue.works.pop(), Replayed([True]))
    assert seen == [("a",), ("bad",), ("c",)]
    progress = world.jobs.progress(shop.run)
    assert (progress.done["profile"], progress.failed, progress.ended) == (3, 1, True)


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


def test_a_unit_that_was_cancelled_is_stopped_and_given_back(world: World) -> None:
    begun = threading.Event()
    shop = Shop(world, until_stopped(begun), ["a"])
    thread = shop.perform_in_a_thread()
    wait_until(begun.is_set)
    shop.jobs.cancel(shop.run)
    assert shop.queue.stopped == {shop.work}
    assert shop.status("a") == "queued"  # at once, whoever performs it
    shop.worker.tick()
    thread.join(LAST_RESORT)
    assert (shop.status("a"), shop.worker.busy()) == ("queued", 0)
    assert world.jobs.progress(shop.run).cancelled


def test_what_a_cancelled_attempt_still_brought_to_its_end_is_kept(world: World) -> None:
    shop = Shop(world, lambda *_: {}, ["a"])
    shop.jobs.cancel(shop.run)
    shop.perform_all()
    assert shop.status("a") == "completed"


def test_an_attempt_that_is_out_of_date_writes_nothing(world: World) -> None:
    done: list[str] = []

    def do(unit: Unit, _usage: Usage, _: Affordable) -> Answer:
        done.append(unit.work)
        return {}

    shop = Shop(world, do, ["a"])
    unit = world.store.unfinished(shop.work)
    assert unit is not None
    shop.perform_all()
    shop.start(["a"])
    shop.worker.perform(shop.work, LocalSteps())
    world.store.finish(unit, {})
    assert (done, shop.status("a")) == ([shop.work], "queued")
    shop.perform_all()
    assert [work.rpartition("-")[2] for work in done] == ["1", "2"]


@pytest.mark.parametrize(("died", "what"), [(True, "The worker died"), (False, "The queue could not start")])
def test_what_the_queue_gave_up_fails_with_the_reason(world: World, died: bool, what: str) -> None:
    shop = Shop(world, lambda *_: {}, ["a"])
    shop.queue.lost = {shop.work: died}
    shop.worker.tick()
    assert shop.status("a") == "failed"
    assert what in shop.error("a")
    assert world.jobs.progress(shop.run).ended


def test_what_waits_for_a_new_attempt_does_not_begin_because_an_old_one_was_given_up(world: World) -> None:
    shop = Shop(world, lambda *_: {}, ["a"])
    shop.queue.works.clear()
    shop.queue.lost = {shop.work: True}
    shop.worker.tick()
    shop.start(["a"], describe=["a"])
    (second,) = shop.queue.works
    another = Worker(world.store, shop.queue, shop.presence, Kinds())
    another.tick()
    assert shop.queue.works == [second]
    shop.worker.perform(second, LocalSteps())
    assert len(shop.queue.works) == 2


def test_a_stopping_worker_gives_back_what_it_has_begun_and_begins_nothing(world: World) -> None:
    begun = threading.Event()
    shop = Shop(world, until_stopped(begun), ["a"])
    shop.start(["b"])
    other = shop.queue.works.pop()
    shop.perform_in_a_thread()
    wait_until(begun.is_set)
    shop.worker.close(drain=False)
    wait_until(lambda: shop.worker.busy() == 0)
    shop.queue.works = [other]
    thread = shop.perform_in_a_thread()
    thread.join(0.1)
    assert thread.is_alive()  # it returns nothing to the queue, which would take it for done
    assert [state.status for state in world.store.statuses(CONNECTION).values()] == ["queued", "queued"]


def test_a_unit_that_was_started_while_the_worker_began_to_stop_is_given_back(world: World) -> None:
    stopping: list[bool] = []

    def do(_unit: Unit, usage: Usage, _: Affordable) -> Answer:
        stopping.append(usage.stop.is_set())
        raise Stopped

    shop = Shop(world, do, ["a"])
    unit = world.store.start(shop.work, "somebody")
    assert unit is not None
    performer = shop.worker._performer
    performer.stop_all()
    with pytest.raises(Stopped):
        performer.perform(unit, LocalSteps())
    assert stopping == [True]
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
        shop.jobs.watch(shop.run, threading.Event(), lambda _: None)


def test_a_run_ends_with_its_last_unit_though_nobody_watches_it(world: World) -> None:
    from wharfinger.store.models import Run as Row

    shop = Shop(world, lambda *_: {}, ["a"])
    assert Row.objects.get().ended_at is None
    shop.perform_all()
    assert (Row.objects.get().ended_at is None, Row.objects.get().stopped) == (False, False)


def test_old_runs_and_units_are_forgotten_with_their_records(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop(world, lambda *_: {}, ["a"])
    shop.perform_all()
    shop.start(["a"])
    shop.perform_all()
    shop.worker.prune()
    assert shop.queue.forgotten == []
    old = world.store.old
    monkeypatch.setattr(world.store, "old", lambda: old(timedelta(0)))
    shop.worker.prune()
    unit_id = shop.work.rpartition("-")[0]
    assert shop.queue.forgotten == [f"{unit_id}-1", f"{unit_id}-2"]
    assert world.store.unit(unit_id) is None
    assert world.store.statuses(CONNECTION)[table("a"), "profile"].status == "completed"


def test_a_unit_under_way_is_not_forgotten_however_old_its_run_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop(world, lambda *_: {}, ["a"])
    old = world.store.old
    monkeypatch.setattr(world.store, "old", lambda: old(timedelta(0)))
    shop.worker.prune()
    assert shop.queue.forgotten == []
    assert world.store.unfinished(shop.work) is not None
