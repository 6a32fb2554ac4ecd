"""What every storage must do with locks and held names, between threads and processes that may be killed."""

from __future__ import annotations

import threading

import pytest
from tests.conftest import LAST_RESORT
from tests.contract.storage.storages import (
    Start,
    in_threads,
    rows,
)

from wharfinger.core.session import Stopped
from wharfinger.core.storage import Storage


def test_a_lock_is_held_by_one_thread_at_a_time(storage: Storage) -> None:
    inside: list[int] = []
    most: list[int] = []

    def enter() -> None:
        for _ in range(30):
            with storage.locked("test"):
                inside.append(1)
                most.append(len(inside))
                rows()  # takes a moment, in which another thread may run
                inside.pop()

    in_threads(storage, 4, enter)
    assert max(most) == 1
    assert len(most) == 120


def test_a_lock_of_another_process_is_waited_for(storage: Storage, start: Start) -> None:
    child = start("lock", "test")
    assert child.said() == "locked"
    order: list[str] = []
    waiting = threading.Event()

    def wait() -> None:
        waiting.set()
        with storage.locked("test"):
            order.append("locked here")

    thread = threading.Thread(target=wait)
    thread.start()
    waiting.wait(LAST_RESORT)
    with storage.locked("another name"):
        order.append("released there")
    child.end()
    thread.join()

    assert order == ["released there", "locked here"]


def test_who_waits_for_a_lock_can_be_stopped(storage: Storage, start: Start) -> None:
    child = start("lock", "test")
    assert child.said() == "locked"
    stop = threading.Event()
    stop.set()
    with pytest.raises(Stopped), storage.locked("test", stop):
        pass
    child.end()
    with storage.locked("test", stop):
        pass


def test_the_lock_of_a_killed_process_is_free(storage: Storage, start: Start) -> None:
    child = start("lock", "test")
    assert child.said() == "locked"
    child.kill()

    with storage.locked("test"):
        pass


def test_a_lock_is_free_when_its_block_raises(storage: Storage) -> None:
    with pytest.raises(KeyError), storage.locked("test"):
        raise KeyError

    with storage.locked("test"):
        pass


def test_a_name_is_held_once_until_it_is_released(storage: Storage) -> None:
    assert not storage.is_held("name")
    held = storage.hold("name")
    assert held is not None
    assert storage.hold("name") is None
    assert storage.is_held("name")
    assert not storage.is_held("another name")
    held.release()
    held.release()
    assert not storage.is_held("name")
    again = storage.hold("name")
    assert again is not None
    again.release()
    storage.forget("name")
    storage.forget("name")
    assert not storage.is_held("name")


def test_a_name_that_another_process_holds_is_seen_and_refused(storage: Storage, start: Start) -> None:
    child = start("hold", "name")
    assert child.said() == "held"
    assert storage.is_held("name")
    assert storage.hold("name") is None
    assert start("hold", "name").said() == "refused"
    child.end()

    assert not storage.is_held("name")


def test_a_killed_process_holds_nothing(storage: Storage, start: Start) -> None:
    child = start("hold", "name")
    assert child.said() == "held"
    child.kill()

    assert not storage.is_held("name")
    held = storage.hold("name")
    assert held is not None
    held.release()


def test_to_look_at_a_name_never_keeps_anybody_from_holding_it(storage: Storage, start: Start) -> None:
    lookers = [start("look", "name") for _ in range(2)]
    assert [looker.said() for looker in lookers] == ["looking", "looking"]
    refused = 0
    for _ in range(5000):
        held = storage.hold("name")
        if held is None:
            refused += 1
        else:
            held.release()

    assert [looker.end() for looker in lookers] == [0, 0]
    assert refused == 0


def test_one_of_many_processes_holds_a_name_and_another_when_it_was_killed(storage: Storage, start: Start) -> None:
    children = [start("hold", "turn") for _ in range(4)]
    said = [child.said() for child in children]
    assert sorted(said) == ["held", "refused", "refused", "refused"]
    children[said.index("held")].kill()

    others = [start("hold", "turn") for _ in range(2)]
    assert sorted(child.said() for child in others) == ["held", "refused"]


def test_the_death_of_a_process_that_takes_part_is_noticed(storage: Storage, start: Start) -> None:
    from wharfinger.adapters.work.presence import Presence
    from wharfinger.jobs.store_processes import ProcessStore

    child = start("take part", "")
    worker = child.said()
    me = Presence(storage, "client", ProcessStore())
    me.enter()
    assert me.state(worker) == "alive"
    assert me.accepting_workers() == [worker]
    child.kill()
    assert me.others() == {worker: "dead"}
    me.forget(worker)
    assert me.others() == {}
    me.leave()
