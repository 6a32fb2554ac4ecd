"""Runs scripts with clients from separate virtual environments; each script prints one JSON document."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.conftest import LAST_RESORT, Sandbox

ROOT = Path(__file__).parents[2]
OURS = Path(sys.executable)
CLIENTS = ROOT / ".venv-clients" / "bin" / "python"
DBT = ROOT / ".venv-dbt" / "bin" / "python"
SCRIPTS = Path(__file__).parent / "clients"


def ask(
    sandbox: Sandbox, python: Path, script: str, *arguments: str, identity: str = "admin", cwd: Path | None = None
) -> Any:
    """The document that `script` prints, run by `python` in the environment that `wharfinger-sandbox env` prints."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PG"))},
        **sandbox.env(identity),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "READY_FILE": str(sandbox.folder / "ready.json"),
        "PYTHONWARNINGS": "ignore",
    }
    done = subprocess.run(
        [str(python), str(SCRIPTS / script), *arguments],
        env=environment,
        cwd=cwd or sandbox.folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=LAST_RESORT,
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return json.loads(done.stdout)
