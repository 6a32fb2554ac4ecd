"""Writes the dbt project's `target/manifest.json` by running dbt: `python -m wharfinger_sandbox.data.manifest DBT`.

DBT is the path of a dbt 1.11 with the Redshift adapter. Times, ids and folders, which differ between machines and runs,
are replaced by fixed values and unordered lists are sorted. dbt's own macros and docs, nine tenths of the file, are
removed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parent / "dbt_project"
MANIFEST = PROJECT / "target" / "manifest.json"
PROFILE = """\
quayside:
  target: dev
  outputs:
    dev: {type: redshift, host: localhost, port: 5439, user: awsuser, password: unused, dbname: dev, schema: analytics}
"""
_MOMENT = "2025-01-01T00:00:00.000000Z"


def parse(dbt: Path) -> dict[str, Any]:
    """The manifest that `dbt parse` writes for the project, reduced as the module's docstring says."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("target"))
        (project / "profiles.yml").write_text(PROFILE)
        options = ["--project-dir", str(project), "--profiles-dir", str(project), "--no-send-anonymous-usage-stats"]
        subprocess.run([str(dbt.absolute()), "--quiet", "parse", *options], check=True, cwd=project, timeout=300)
        manifest: dict[str, Any] = json.loads((project / "target" / "manifest.json").read_text())
    return _stripped(manifest)


def _stripped(manifest: dict[str, Any]) -> dict[str, Any]:
    manifest["metadata"] |= {
        "generated_at": _MOMENT,
        "invocation_started_at": _MOMENT,
        "run_started_at": _MOMENT,
        "invocation_id": "00000000-0000-4000-8000-000000000000",
        "env": {},
    }
    manifest["macros"] = {}
    manifest["docs"] = {}
    for node in (*manifest["nodes"].values(), *manifest["sources"].values()):
        node["created_at"] = 0.0
        if "root_path" in node:
            node["root_path"] = None
        if isinstance(node.get("depends_on"), dict):
            node["depends_on"] = {"macros": [], "nodes": sorted(node["depends_on"].get("nodes", []))}
        for key in ("sources", "refs"):
            if key in node:
                node[key] = sorted(node[key], key=str)
    for key in ("parent_map", "child_map"):
        manifest[key] = {name: sorted(others) for name, others in manifest[key].items()}
    return manifest


def main() -> None:
    """Write the manifest into the project's folder `target`."""
    manifest = parse(Path(sys.argv[1]))
    MANIFEST.parent.mkdir(exist_ok=True)
    MANIFEST.write_text(json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
