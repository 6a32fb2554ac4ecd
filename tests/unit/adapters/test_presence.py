"""Which processes are alive: a lock tells who is dead on this machine, beats tell who is silent or lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.conftest import wait_until

from wharfinger.adapters.work.presence import Presence
from wharfinger.jobs.model import Process, Role
from wharfinger.jobs.timing import Timing
from wharfinger.store import HomeStorage

TIMING = Timing()


class Register:
    """Keeps processes in memory."""

    def __init__(self) -> None:
        self.known: dict[str, Process] = {}

    def add(self, process: Process) -> None:
        self.known[process.id] = process

    def beat(self, process_id: str) -> bool:
        known = self.known.get(process_id)
        if known is None or known.lost:
            return False
        self.known[process_id] = replace(known, beats=known.beats + 1)
        return True

    def lose(self, process_id: str) -> None:
        self.known[process_id] = replace(self.known[process_id], lost=True)

    def accept_no_more(self, process_id: str) -> None:
        self.known[process_id] = replace(self.known[process_id], accepting=False)

    def get(self, process_id: str) -> Process | None:
        return self.known.get(process_id)

    def all(self) -> list[Process]:
        return list(self.known.values())

    def remove(self, process_ids: list[str]) -> None:
        for one in process_ids:
            self.known.pop(one, None)

    def close(self) -> None: ...


class Port:
    """Processes of one home, and a clock that the test turns."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.register = Register()
        self.now = 1000.0
        self.entered: list[Presence] = []

    def enter(self, role: Role = "worker", host: str = "here", timing: Timing = TIMING) -> Presence:
        presence = Presence(HomeStorage(self.home), role, self.register, timing, lambda: self.now, host)
        presence.enter()
        self.entered.append(presence)
        return presence


@pytest.fixture
def port(tmp_path: Path) -> Iterator[Port]:
    port = Port(tmp_path)
    yield port
    for one in port.entered:
        one.leave()


def test_a_process_is_alive_from_entering_to_leaving(port: Port) -> None:
    me, other = port.enter("client"), port.enter()
    assert (me.state(me.id), me.state(other.id)) == ("alive", "alive")
    assert me.accepting_workers() == [other.id]
    other.leave()
    assert me.state(other.id) == "dead"
    assert me.accepting_workers() == []
    assert me.others() == {}


def test_a_death_on_this_machine_is_known_at_once(port: Port) -> None:
    me = port.enter("client")
    port.register.add(Process("died", "worker", "here", 1))
    assert me.others() == {"died": "dead"}
    me.forget("died")
    assert me.others() == {}


@pytest.mark.parametrize("host", ["here", "there"])
def test_a_process_that_is_not_dead_is_judged_by_its_beats(port: Port, host: str) -> None:
    me, other = port.enter("client"), port.enter(host=host)
    for _ in range(5):
        assert me.state(other.id) == "alive"
        port.now += TIMING.silence - 1
        other.beat()
    assert me.state(other.id) == "alive"
    port.now += TIMING.silence
    assert (me.state(other.id), me.accepting_workers()) == ("silent", [])
    port.now += TIMING.lease - TIMING.silence
    assert me.state(other.id) == "lost"
    assert other.beat()
    assert (me.state(other.id), me.accepting_workers()) == ("alive", [other.id])


def test_a_lost_worker_learns_of_it_at_its_next_beat_and_is_given_nothing_new(port: Port) -> None:
    me, other = port.enter("client"), port.enter()
    me.lose(other.id)
    assert me.accepting_workers() == []
    port.now += TIMING.beat
    assert not other.beat()


def test_a_client_whose_row_is_gone_enters_again(port: Port) -> None:
    me, other = port.enter("client"), port.enter()
    port.register.remove([me.id])
    assert other.state(me.id) == "dead"
    port.now += TIMING.beat
    assert me.beat()
    assert other.state(me.id) == "alive"


def test_a_worker_whose_row_is_gone_is_lost(port: Port) -> None:
    me = port.enter()
    port.register.remove([me.id])
    port.now += TIMING.beat
    assert not me.beat()


def test_how_a_process_looks_is_told_by_its_pid(port: Port) -> None:
    me, other = port.enter("client"), port.enter()
    mine = port.register.known[other.id]
    port.register.known[other.id] = replace(mine, pid=4711)
    assert me.state_of(4711) == "alive"
    assert me.state_of(4712) == "dead"
    port.now += TIMING.silence
    assert me.state_of(4711) == "silent"
    port.now += TIMING.lease
    assert me.state_of(4711) == "lost"


def test_a_draining_worker_is_alive_and_accepts_nothing(port: Port) -> None:
    me, other = port.enter("client"), port.enter()
    other.accept_no_more()
    assert me.state(other.id) == "alive"
    assert me.accepting_workers() == []


def test_beats_are_at_most_one_a_second(port: Port) -> None:
    me = port.enter()
    for _ in range(10):
        assert me.beat()
    assert port.register.known[me.id].beats == 0  # entering was the first
    port.now += 1
    for _ in range(10):
        assert me.beat()
    assert port.register.known[me.id].beats == 1


def test_a_process_beats_while_something_takes_long(port: Port) -> None:
    me = Presence(HomeStorage(port.home), "worker", port.register, Timing(beat=0.01))
    me.enter()
    with me.beating():
        wait_until(lambda: port.register.known[me.id].beats > 3)
    me.leave()


def test_entering_and_leaving_twice_is_no_harm(port: Port) -> None:
    me, other = port.enter(), port.enter()
    me.enter()
    assert len(port.register.known) == 2
    me.leave()
    me.leave()
    me.enter()
    assert other.state(me.id) == "alive"
