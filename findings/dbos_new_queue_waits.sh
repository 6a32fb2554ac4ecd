#!/usr/bin/env bash
# DBOS 3.4.0: a queue that is registered after the launch serves nothing for up to a second, whatever its polling interval.
#
# The guess: `DBOS.register_queue(..., polling_interval_sec=0.02)` begins to poll at once, so the first workflow starts
# within 20 ms like every later one. Seen: a manager thread looks for new queues once a second, and only then starts the
# thread that polls. A queue cannot be registered before the launch of a new database, so the first run of a short-lived
# worker waits about a second; in a database where the queue is known already, it does not.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'dbos==3.4.0' 2>/dev/null
cat > "$work/look.py" <<'PYTHON'
import sys
import time

from dbos import DBOS

DBOS(
    config={
        "name": "tiny",
        "system_database_url": f"sqlite:///{sys.argv[1]}",
        "log_level": "ERROR",
        "enable_otlp": False,
        "use_listen_notify": False,
    }
)


@DBOS.workflow(name="nothing")
def nothing(number: int) -> None:
    return None


DBOS.launch()
DBOS.register_queue("units", polling_interval_sec=0.02)


def seconds(number: int) -> float:
    """From enqueueing a workflow to its end."""
    begun = time.monotonic()
    handle = DBOS.enqueue_workflow("units", nothing, number)
    while DBOS.get_workflow_status(handle.get_workflow_id()).status != "SUCCESS":
        time.sleep(0.002)
    return time.monotonic() - begun


first, later = seconds(1), sorted(seconds(number) for number in range(2, 9))[3]
print(f"first workflow {first:.2f} s, median of the later ones {later:.3f} s")
assert first > 5 * later, "the behaviour has changed"
DBOS.destroy()
PYTHON
timeout 60 "$work/venv/bin/python" "$work/look.py" "$work/new.db"
