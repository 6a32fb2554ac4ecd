"""Runs dbt commands one after the other in one process, for the tests; started with the Python of dbt's environment.

Arguments: a file for the results, and the commands as JSON. dbt itself takes seconds to start, its commands do not.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from dbt.cli.main import dbtRunner

results = Path(sys.argv[1])
done = []
for command in json.loads(sys.argv[2]):
    result = dbtRunner().invoke(command)
    done.append({"success": bool(result.success), "exception": str(result.exception or "")})
    results.write_text(json.dumps(done))
