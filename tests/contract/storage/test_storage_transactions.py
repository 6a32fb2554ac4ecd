"""What every storage must do with transactions and databases, between threads and processes that may be killed."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from tests.contract.storage.storages import (
    KEY,
    OTHER_KEY,
    Start,
    add_row,
    count_up,
    in_threads,
    open_storage,
    rows,
)

from wharfinger.core.errors import Conflict
from wharfinger.core.storage import Storage


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
