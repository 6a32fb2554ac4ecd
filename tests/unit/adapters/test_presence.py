"""Which processes are alive: by locks on one machine, by heartbeats on others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from wharfinger.adapters.work.presence import SILENCE_SECONDS, Presence
from wharfinger.jobs.model import Process, Role
from wharfinger.store import HomeStorage


class Register:
    """Keeps processes in memory."""

    def __init__(self) -> None:
        self.known: dict[str, Process] = {}

    def add(self, process: Process) -> None:
        self.known[process.id] = process

    def beat(self, process_id: str) -> None:
        self.known[process_id] = replace(self.known[process_id], beats=self.known[process_id].beats + 1)

    def accept_no_more(self, process_id: str) -> None:
        self.known[process_id] = replace(self.known[process_id], accepting=False)

    def get(self, process_id: str) -> Process | None:
        return self.known.get(process_id)

    def all(self) -> list[Process]:
        return list(self.known.values())

    def remove(self, process_ids: list[str]) -> None:
        for one in process_ids:
            self.known.pop(one, None)


class Port:
    """Processes of one home, and a clock that the test turns."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.register = Register()
        self.now = 1000.0
        self.entered: list[Presence] = []

    def enter(self, role: Role = "worker", host: str = "here") -> Presence:
        presence = Presence(HomeStorage(self.home), role, self.register, lambda: self.now, host)
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
    assert me.alive(me.id)
    assert me.alive(other.id)
    assert me.accepting_workers() == [other.id]
    other.leave()
    assert not me.alive(other.id)
    assert me.accepting_workers() == []
    assert me.dead() == []


def test_a_death_on_this_machine_is_known_at_once(port: Port) -> None:
    me = port.enter("client")
    port.register.add(Process("dead", "worker", "here", 1))
    assert not me.alive("dead")
    assert me.dead() == ["dead"]
    me.forget("dead")
    assert me.dead() == []


def test_a_process_elsewhere_lives_as_long_as_it_beats(port: Port) -> None:
    me, other = port.enter("client"), port.enter(host="there")
    for _ in range(5):
        assert me.alive(other.id)
        port.now += SILENCE_SECONDS - 1
        other.beat()
    assert me.alive(other.id)
    port.now += SILENCE_SECONDS
    assert not me.alive(other.id)
    other.beat()
    assert me.alive(other.id)


def test_a_stopped_process_on_this_machine_is_told_by_its_silence(port: Port) -> None:
    me, other = port.enter("client"), port.enter()
    assert me.alive(other.id)
    port.now += SILENCE_SECONDS
    assert me.dead() == [other.id]


def test_a_draining_worker_is_alive_and_accepts_nothing(port: Port) -> None:
    me, other = port.enter("client"), port.enter()
    other.accept_no_more()
    assert me.alive(other.id)
    assert me.accepting_workers() == []


def test_beats_are_at_most_one_a_second(port: Port) -> None:
    me = port.enter()
    for _ in range(10):
        me.beat()
    assert port.register.known[me.id].beats == 1
    port.now += 1
    me.beat()
    assert port.register.known[me.id].beats == 2


def test_one_leads_until_it_leaves(port: Port) -> None:
    one, other = port.enter(), port.enter()
    assert one.lead()
    assert one.lead()
    assert not other.lead()
    one.leave()
    assert other.lead()


def test_entering_and_leaving_twice_is_no_harm(port: Port) -> None:
    me, other = port.enter(), port.enter()
    me.enter()
    assert len(port.register.known) == 2
    me.leave()
    me.leave()
    me.enter()
    assert other.alive(me.id)
