"""The wheel that the README installs: built, installed into a bare environment outside of the checkout, and tried."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import venv
from email import message_from_string
from pathlib import Path

import pytest
from tests.conftest import LAST_RESORT

ROOT = Path(__file__).parents[2]


@pytest.mark.slow  # builds a wheel and an environment
def test_the_readmes_lines_build_and_install_the_wheel(tmp_path: Path) -> None:
    """Nothing is fetched: dependencies are those of the environment that runs the tests."""
    lines = re.findall(r"^pip install .*$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert len(lines) == 1
    tools = Path(sys.executable).parent
    make = ["make", "--old-file", ".venv/.installed", "wheel", f"BIN={tools}", f"DIST={tmp_path}/dist"]
    built = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, timeout=LAST_RESORT, check=False)
    assert built.returncode == 0, built.stderr
    venv.create(tmp_path / "env", with_pip=True)
    environment = {
        **{name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")},
        "PATH": f"{tmp_path}/env/bin{os.pathsep}{os.environ['PATH']}",
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        "WHARFINGER_HOME": str(tmp_path / "home"),
    }

    def run(line: str) -> str:
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=LAST_RESORT,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    run(lines[0])
    (packages,) = (tmp_path / "env" / "lib").glob("python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")

    assert str(packages) in run("python -c 'import wharfinger, wharfinger_sandbox; print(wharfinger.__file__)'")
    assert run("wharfinger --version").startswith("wharfinger 0.")
    assert '"connections": []' in run("wharfinger connection list --json")
    assert "serve" in run("wharfinger-sandbox --help")
    (metadata,) = packages.glob("wharfinger-*.dist-info/METADATA")
    urls = message_from_string(metadata.read_text()).get_all("Project-URL") or []
    assert {one.partition(",")[0] for one in urls} >= {"Homepage", "Documentation", "Issues"}
