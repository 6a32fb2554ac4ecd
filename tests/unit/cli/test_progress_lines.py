"""Progress where no person watches: a line when something has changed, and a sign of life a minute."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from wharfinger.cli.progress import BEAT_SECONDS, LINE_SECONDS, Lines
from wharfinger.jobs.model import Progress


@dataclass
class Log:
    """A clock that is moved by hand, and the lines that were written."""

    now: float = 0.0
    written: list[str] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def later(self, seconds: float) -> None:
        self.now += seconds

    def new(self) -> list[str]:
        written, self.written = self.written, []
        return written


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def lines(log: Log) -> Lines:
    return Lines(log.clock, lambda text: log.written.append(text))


def progress(done: int, statements: int = 5, *, ended: bool = False, waits_for: str = "") -> Progress:
    return Progress({"profile": done}, {"profile": 74}, 0, statements, 0, ended, waits_for=waits_for)


def test_the_same_progress_is_written_once(log: Log, lines: Lines) -> None:
    for statements in range(20):
        log.later(LINE_SECONDS)
        lines.look(progress(3, statements))

    assert len(log.written) == 1
    assert log.written[0].startswith("profile 3/74, 0 statements")


def test_a_change_is_written_but_not_more_often_than_every_few_seconds(log: Log, lines: Lines) -> None:
    for done in range(11):
        lines.look(progress(done))
        log.later(1)
    lines.look(progress(10))

    assert [line.split(",")[0] for line in log.written] == ["profile 5/74", "profile 10/74"]


def test_after_a_quiet_minute_a_line_says_what_is_still_being_done(log: Log, lines: Lines) -> None:
    log.later(LINE_SECONDS)
    lines.look(progress(3))
    log.new()
    for _ in range(2):
        log.later(BEAT_SECONDS - 1)
        lines.beat()
        assert log.new() == []
        log.later(1)
        lines.beat()
        lines.beat()
        (line,) = log.new()
        assert line.startswith("still profiling: 3 of 74 done, ")
    assert line.endswith("2 min")


def test_before_there_is_anything_to_do_it_looks_for_changes(log: Log, lines: Lines) -> None:
    log.later(BEAT_SECONDS)
    lines.beat()

    assert log.new() == ["still looking for changes, 1 min"]


def test_what_a_run_waits_for_is_told_at_once_and_again_each_minute(log: Log, lines: Lines) -> None:
    for _ in range(5):
        lines.look(progress(0, waits_for="another process"))
    log.later(BEAT_SECONDS)
    lines.beat()

    assert log.new() == ["waiting for another process", "still waiting for another process, 1 min"]


def test_at_the_end_nothing_is_written(log: Log, lines: Lines) -> None:
    log.later(BEAT_SECONDS)
    lines.look(progress(74, ended=True))
    lines.beat()

    assert log.new() == []
