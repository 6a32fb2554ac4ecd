"""dbt itself, its commands one after the other in one process: [{"command", "success", "statuses", "error"}]."""

import contextlib
import io
import json
import sys

from dbt.cli.main import dbtRunner

answers = []
for command in json.loads(sys.argv[1]):
    with contextlib.redirect_stdout(io.StringIO()) as log:
        done = dbtRunner().invoke(["--no-use-colors", "--no-send-anonymous-usage-stats", *command])
    results = getattr(done.result, "results", None)
    answers.append(
        {
            "command": command[0],
            "success": done.success,
            "statuses": sorted(str(one.status) for one in results) if results is not None else done.result is True,
            "error": None if done.success else log.getvalue()[-3000:] + str(done.exception or ""),
        }
    )
json.dump(answers, sys.stdout, default=str)
