"""Runs the command line in this process, as a pipe would see it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class Answer:
    """The result of one call: exit code, stdout and stderr."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout; fails when there is anything else."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, str]:
        """The error object, which has the contract's five members and no others."""
        document = self.document
        assert list(document) == ["error"]
        assert sorted(document["error"]) == ["kind", "next_step", "subject", "what", "why"]
        return dict(document["error"])


Run = Callable[..., Answer]


def run_in_process(*arguments: str | Path) -> Answer:
    """One call of the command line."""
    from wharfinger.cli.main import run

    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run([str(argument) for argument in arguments])
    return Answer(code, out.getvalue(), err.getvalue())


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, named by WHARFINGER_HOME."""
    folder = tmp_path / "home"
    monkeypatch.setenv("WHARFINGER_HOME", str(folder))
    return folder


@pytest.fixture
def cli(home: Path) -> Run:
    """Calls the command line on the test's own home."""
    return run_in_process
