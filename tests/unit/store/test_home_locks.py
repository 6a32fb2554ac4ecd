"""Who waits for a lock of the home folder says for which process."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from tests.conftest import LAST_RESORT

from wharfinger.store import HomeStorage


@pytest.mark.parametrize(
    ("name", "doing"),
    [("catalog-1f", ", which reads the catalog"), ("start", ", which starts a run"), ("keyring", "")],
)
def test_who_waits_for_a_lock_is_told_once_who_holds_it(tmp_path: Path, name: str, doing: str) -> None:
    told: list[str] = []
    held, waits = threading.Event(), threading.Event()

    def waiting(who: str) -> None:
        told.append(who)
        waits.set()

    def wait() -> None:
        with HomeStorage(tmp_path, waiting).locked(name):
            held.set()

    thread = threading.Thread(target=wait)
    with HomeStorage(tmp_path).locked(name):
        thread.start()
        assert waits.wait(LAST_RESORT)
    thread.join(LAST_RESORT)
    assert held.is_set()
    assert told == [f"process {os.getpid()} of this home{doing}"]


def test_who_gets_a_lock_at_once_is_told_nothing(tmp_path: Path) -> None:
    told: list[str] = []
    with HomeStorage(tmp_path, told.append).locked("start"):
        pass
    assert told == []
