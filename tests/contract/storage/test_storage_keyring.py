"""What every storage must do with the keyring: replace it as a whole, while other processes read or change it."""

from __future__ import annotations

import threading
from pathlib import Path

from tests.conftest import wait_until
from tests.contract.storage.storages import (
    KEY,
    STORAGES,
    Start,
    change_keyring,
    number_in,
)

from wharfinger.core.storage import Storage


def test_a_new_place_holds_no_keyring_and_no_store(implementation: str, folder: Path) -> None:
    new = STORAGES[implementation](folder)

    assert new.keyring.read() is None
    assert not new.keyring.store_exists()
    assert new.keyring.sealed_data() == []
    assert new.keyring.name
    assert new.keyring.store_name
    new.open(KEY)
    assert new.keyring.store_exists()
    assert new.keyring.sealed_data() != []
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
