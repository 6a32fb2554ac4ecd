"""Writes what dbt itself renders for the values in lists of mappings; started with the Python of dbt's environment.

Arguments: the YAML file, a JSON file for the answers. Each answer is `{"value": …}` or `{"error": …}`.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from dbt.clients.yaml_helper import load_yaml_text
from dbt.config.renderer import ProfileRenderer
from dbt_common.context import set_invocation_context

set_invocation_context(dict(os.environ))
renderer = ProfileRenderer({})


def rendered(value: Any, key: str) -> dict[str, Any]:
    try:
        return {"value": renderer.render_data({key: value})[key]}
    except Exception as error:  # noqa: BLE001 - any error of dbt is a result
        return {"error": str(error)}


document = load_yaml_text(Path(sys.argv[1]).read_bytes().decode())
answers = {
    name: [[rendered(value, key) for key, value in entry.items()] for entry in entries]
    for name, entries in document.items()
}
Path(sys.argv[2]).write_text(json.dumps(answers))
