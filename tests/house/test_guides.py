"""Every command of a guide runs, in the guide's order, on the guide's own sandbox."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.conftest import LAST_RESORT, wait_until

ROOT = Path(__file__).parents[2]
DBT = ROOT / ".venv-dbt" / "bin" / "dbt"
GUIDES = sorted(path for path in (ROOT / "docs").glob("*.md") if "```sh" in path.read_text())
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass
class Guide:
    """A guide's commands: one that stays in the background (the sandbox), and those to type after it."""

    background: list[str]
    script: str


def read(path: Path) -> Guide:
    blocks = BLOCK.findall(path.read_text())
    background = [text.strip() for language, more, text in blocks if language == "sh" and "background" in more]
    script = "".join(text for language, more, text in blocks if language == "sh" and "background" not in more)
    return Guide(background, script)


@pytest.mark.long
@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.stem)
def test_each_command_of_a_guide_works(path: Path, tmp_path: Path) -> None:
    guide = read(path)
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), str(DBT.parent), os.environ["PATH"]]),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "HOME": str(tmp_path),
        "WHARFINGER_HOME": str(tmp_path / "home"),
    }
    servers = [
        subprocess.Popen(shlex.split(one), cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL)
        for one in guide.background
    ]
    try:
        for server in servers:
            wait_until(lambda: (tmp_path / "ready.json").exists() or server.poll() is not None)  # noqa: B023
            assert server.poll() is None, f"{server.args} ended with exit code {server.returncode}"
        typed = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", guide.script],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=LAST_RESORT,
        )
        assert typed.returncode == 0, f"{typed.stdout[-2000:]}\n{typed.stderr[-2000:]}"
    finally:
        for server in servers:
            server.send_signal(signal.SIGTERM)
            server.wait()


def test_the_readme_shows_commands_that_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for language, _, text in BLOCK.findall((ROOT / "README.md").read_text()):
        for line in text.splitlines() if language == "sh" else []:
            words = shlex.split(line, comments=True)
            if words[:1] == ["make"]:
                assert re.search(rf"^{words[1]}:", makefile, re.MULTILINE), line
            elif words[:1] == ["wharfinger"]:
                done = subprocess.run(
                    [sys.executable, "-m", "wharfinger.cli", *words[1:2], "--help"],
                    capture_output=True,
                    check=False,
                    timeout=LAST_RESORT,
                )
                assert done.returncode == 0, line
