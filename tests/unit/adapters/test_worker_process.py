"""Starting and ending a worker process."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import pytest

from wharfinger.adapters.work.worker_process import LOG_BYTES, ChildWorker
from wharfinger.app import open_app
from wharfinger.core.errors import Failed, NotFound
from wharfinger.jobs.model import ProcessState
from wharfinger.store import HomeStorage

READY = "import sys; print('{\"ready\": true}', flush=True); order = sys.stdin.read(); "


class NobodyWorks:
    def accepting_workers(self) -> list[str]:
        return []

    def state_of(self, _pid: int) -> ProcessState:
        return "alive"


class SomebodyWorks(NobodyWorks):
    def accepting_workers(self) -> list[str]:
        return ["somebody"]


def child(home: Path, code: str) -> ChildWorker:
    return ChildWorker(home, NobodyWorks(), HomeStorage(home), [sys.executable, "-c", code])


def test_a_worker_hears_that_it_is_to_drain_or_to_stop(tmp_path: Path) -> None:
    workers = child(tmp_path, READY + f"open({str(tmp_path / 'heard')!r}, 'w').write(repr(order))")
    workers.ensure()
    workers.end(drain=False)
    assert (tmp_path / "heard").read_text() == "''"
    code = READY.replace("sys.stdin.read()", "sys.stdin.readline()")
    workers = child(tmp_path, code + f"open({str(tmp_path / 'heard')!r}, 'w').write(repr(order))")
    workers.ensure()
    workers.end(drain=True)
    assert (tmp_path / "heard").read_text() == repr("drain\n")


def test_nobody_is_started_beside_a_living_worker(tmp_path: Path) -> None:
    workers = ChildWorker(tmp_path, SomebodyWorks(), HomeStorage(tmp_path), ["/no/such/command"])
    workers.ensure()
    workers.end(drain=True)


class OneWorks(NobodyWorks):
    """The worker whose pid is in the file looks as told; others take no part."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.state: ProcessState = "alive"

    def state_of(self, pid: int) -> ProcessState:
        return self.state if self.file.read_text() == str(pid) else "dead"


def test_beside_a_child_that_does_not_answer_a_failed_start_is_no_error_until_it_is_lost(tmp_path: Path) -> None:
    one = OneWorks(tmp_path / "pid")
    code = f"import os, pathlib; file = pathlib.Path({str(one.file)!r}); file.exists() and os._exit(1); "
    code += "file.write_text(str(os.getpid())); " + READY
    workers = ChildWorker(tmp_path, one, HomeStorage(tmp_path), [sys.executable, "-c", code])
    assert workers.ensure()
    os.kill(int(one.file.read_text()), signal.SIGSTOP)
    one.state = "silent"
    assert not workers.ensure()
    one.state = "lost"
    with pytest.raises(Failed, match="did not start"):
        workers.ensure()
    with pytest.raises(ProcessLookupError):
        os.kill(int(one.file.read_text()), 0)


def test_the_workers_own_error_is_raised(tmp_path: Path) -> None:
    error = NotFound("The master key is lost", subject="home", why="its file is gone", next_step="Put it back")
    workers = child(tmp_path, f"print({json.dumps({'error': error.record()})!r})")
    with pytest.raises(NotFound) as caught:
        workers.ensure()
    assert caught.value.record() == error.record()


@pytest.mark.parametrize(
    "code", ["", "print('[]')", 'print(\'{"error": {"kind": "strange"}}\')', "raise SystemExit(3)"]
)
def test_a_worker_that_dies_without_a_word_points_at_its_log(tmp_path: Path, code: str) -> None:
    with pytest.raises(Failed, match=r"worker\.log"):
        child(tmp_path, code).ensure()


def test_a_worker_that_was_killed_as_it_started_names_the_signal(tmp_path: Path) -> None:
    with pytest.raises(Failed) as caught:
        child(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)").ensure()
    assert caught.value.why == "it was ended by SIGKILL"


def test_a_worker_does_not_see_what_would_redirect_the_queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBOS__CLOUD", "true")
    code = f"import os; open({str(tmp_path / 'seen')!r}, 'w').write(str([n for n in os.environ if 'DBOS' in n])); "
    workers = child(tmp_path, code + READY)
    workers.ensure()
    workers.end(drain=False)
    assert (tmp_path / "seen").read_text() == "[]"


def test_a_worker_runs_nothing_that_lies_in_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, trap = tmp_path / "home", tmp_path / "trap"
    app = open_app(home)
    trap.mkdir()
    for module in ("wharfinger", "dbos", "django", "json"):
        (trap / f"{module}.py").write_text("raise SystemExit('the trap has closed')")
    monkeypatch.chdir(trap)
    workers = ChildWorker(app.home, NobodyWorks(), app.parts.storage)
    workers.ensure()
    workers.end(drain=False)
    assert "trap" not in (home / "worker.log").read_text()


def test_the_log_is_the_owners_and_begins_anew_when_it_is_long(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_bytes(b"x" * (LOG_BYTES + 1))
    workers = child(tmp_path, READY + "sys.stderr.write('words')")
    workers.ensure()
    workers.end(drain=False)
    assert log.read_text() == "words"
    log.unlink()
    workers.ensure()
    workers.end(drain=False)
    assert log.stat().st_mode & 0o777 == 0o600
