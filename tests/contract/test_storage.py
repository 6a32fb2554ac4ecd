"""What every implementation of the storage port must do, between threads and between processes that may be killed."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.conftest import wait_until
from tests.contract.storages import (
    KEY,
    OTHER_KEY,
    STORAGES,
    Child,
    add_row,
    change_keyring,
    count_up,
    number_in,
    open_storage,
    rows,
)

from wharfinger.core.errors import Conflict
from wharfinger.core.storage import Storage

Start = Callable[..., Child]


@pytest.fixture(params=STORAGES)
def implementation(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "place"


@pytest.fixture
def storage(implementation: str, folder: Path) -> Iterator[Storage]:
    opened = open_storage(implementation, folder)
    yield opened
    opened.close()


@pytest.fixture
def start(implementation: str, folder: Path, storage: Storage) -> Iterator[Start]:
    """Starts child processes on the test's storage."""
    started: list[Child] = []

    def one(*arguments: str) -> Child:
        started.append(Child(implementation, folder, *arguments))
        return started[-1]

    yield one
    for child in started:
        child.kill()


def in_threads(storage: Storage, number: int, work: Callable[[], None]) -> None:
    """Do the same in several threads; what one of them raises fails the test."""

    def run() -> None:
        work()
        storage.close()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# --- transactions


def test_threads_never_see_the_same_state_in_an_exclusive_transaction(storage: Storage) -> None:
    in_threads(storage, 4, lambda: count_up(storage, 15))

    assert rows() == [str(number) for number in range(60)]


def test_processes_never_see_the_same_state_in_an_exclusive_transaction(storage: Storage, start: Start) -> None:
    children = [start("count up", "30") for _ in range(2)]
    count_up(storage, 30)

    assert [child.end() for child in children] == [0, 0]
    assert rows() == [str(number) for number in range(90)]


def test_others_see_a_transaction_when_it_has_ended(storage: Storage, start: Start) -> None:
    child = start("stay in a transaction", "from the child")
    assert child.said() == "written"
    assert rows() == []
    assert child.end() == 0

    assert rows() == ["from the child"]


def test_a_transaction_that_raises_changes_nothing(storage: Storage) -> None:
    with contextlib.suppress(KeyError), storage.exclusive():
        add_row("lost")
        raise KeyError

    assert rows() == []


def test_a_transaction_inside_another_is_rolled_back_alone(storage: Storage) -> None:
    with storage.exclusive():
        add_row("outer")
        with contextlib.suppress(KeyError), storage.exclusive():
            add_row("inner")
            raise KeyError

    assert rows() == ["outer"]


def test_the_transaction_of_a_killed_process_changes_nothing_and_blocks_nobody(storage: Storage, start: Start) -> None:
    child = start("stay in a transaction", "lost")
    assert child.said() == "written"
    child.kill()
    with storage.exclusive():
        add_row("after it")

    assert rows() == ["after it"]


def test_what_was_written_durably_survives_the_death_of_its_process(storage: Storage, start: Start) -> None:
    child = start("write durably", "there")
    assert child.said() == "written"
    child.kill()

    assert rows() == ["there"]


def test_a_durable_transaction_is_never_a_part_of_another_one(storage: Storage) -> None:
    with storage.exclusive(), pytest.raises(RuntimeError), storage.durable():
        add_row("never")

    assert rows() == []


def test_a_durable_transaction_that_raises_changes_nothing(storage: Storage) -> None:
    with contextlib.suppress(KeyError), storage.durable():
        add_row("lost")
        raise KeyError
    with storage.durable():
        add_row("there")

    assert rows() == ["there"]


def test_durable_transactions_exclude_others_too(storage: Storage, start: Start) -> None:
    child = start("count up", "20")

    def count() -> None:
        for _ in range(10):
            with storage.durable():
                add_row(str(len(rows())))

    in_threads(storage, 2, count)
    assert child.end() == 0
    assert rows() == [str(number) for number in range(40)]


# --- locks


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
    waiting.wait(30)
    with storage.locked("another name"):
        order.append("released there")
    child.end()
    thread.join()

    assert order == ["released there", "locked here"]


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


# --- holds


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


def test_one_of_many_processes_leads_and_another_when_it_was_killed(storage: Storage, start: Start) -> None:
    children = [start("hold", "leader") for _ in range(4)]
    said = [child.said() for child in children]
    assert sorted(said) == ["held", "refused", "refused", "refused"]
    children[said.index("held")].kill()

    followers = [start("hold", "leader") for _ in range(2)]
    assert sorted(child.said() for child in followers) == ["held", "refused"]


def test_the_death_of_a_process_that_takes_part_is_noticed(storage: Storage, start: Start) -> None:
    from wharfinger.adapters.work.presence import Presence
    from wharfinger.jobs.store_processes import ProcessStore

    child = start("take part", "")
    worker = child.said()
    me = Presence(storage, "client", ProcessStore())
    me.enter()
    assert me.alive(worker)
    assert me.accepting_workers() == [worker]
    assert me.lead()
    child.kill()
    assert not me.alive(worker)
    assert me.dead() == [worker]
    me.forget(worker)
    assert me.dead() == []
    me.leave()


# --- the keyring's place


def test_a_new_place_holds_no_keyring_and_no_store(implementation: str, folder: Path) -> None:
    new = STORAGES[implementation](folder)

    assert new.keyring.read() is None
    assert not new.keyring.store_exists()
    assert new.keyring.name
    new.open(KEY)
    assert new.keyring.store_exists()
    new.close()


def test_the_keyring_is_replaced_whole_while_others_read_and_change_it(storage: Storage, start: Start) -> None:
    children = [start("change keyring", "15") for _ in range(2)]
    ended = threading.Event()
    seen: list[int] = []
    torn: list[BaseException] = []

    def read() -> None:
        while not ended.is_set():
            try:
                seen.append(number_in(storage.keyring.read()))
            except (ValueError, AssertionError) as error:
                torn.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    change_keyring(storage, 15)
    codes = [child.end() for child in children]
    ended.set()
    reader.join()

    assert codes == [0, 0]
    assert torn == []
    assert seen == sorted(seen)
    assert number_in(storage.keyring.read()) == 45


def test_a_process_killed_while_it_replaces_the_keyring_leaves_a_whole_one(storage: Storage, start: Start) -> None:
    child = start("change keyring", "1000000")
    wait_until(lambda: number_in(storage.keyring.read()) > 5)
    child.kill()
    last = number_in(storage.keyring.read())
    change_keyring(storage, 1)

    assert number_in(storage.keyring.read()) == last + 1


# --- databases


def test_another_key_opens_neither_the_store_nor_the_queue(implementation: str, folder: Path) -> None:
    first = open_storage(implementation, folder)
    add_row("there")
    first.queue(KEY)
    first.close()

    for opening in (first.open, first.queue):
        with pytest.raises(Conflict) as caught:
            opening(OTHER_KEY)
        assert caught.value.next_step
    first.open(KEY)
    assert rows() == ["there"]
    first.close()


def test_the_queue_is_made_when_it_is_opened_first(storage: Storage) -> None:
    assert not storage.queue_exists()
    storage.queue(KEY)

    assert storage.queue_exists()


def test_writing_to_the_queue_does_not_keep_anybody_from_writing_to_the_store(storage: Storage) -> None:
    connection = storage.queue(KEY).connect()
    connection.execute("create table work (id integer)")
    connection.execute("insert into work values (1)")  # its transaction is not ended
    with storage.exclusive():
        add_row("there")
    connection.rollback()
    connection.close()

    assert rows() == ["there"]


def test_a_closed_thread_opens_again_when_it_is_used(storage: Storage) -> None:
    add_row("there")
    storage.close()

    assert rows() == ["there"]
