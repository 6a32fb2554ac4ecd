#!/usr/bin/env bash
# DBOS 3.4.0: `DBOS.destroy()` leaves workflows that it has claimed and not begun to an executor that is gone.
#
# The guess: a queue gives a workflow to whoever is there, so what an executor took from the queue but had not begun when
# it was shut down in good order goes back to ENQUEUED, and the next worker on the queue runs it. Seen: a poll marks a
# whole batch PENDING under its executor id, then starts them one by one; destroy() cancels the rest and leaves the rows as
# they are. Another executor runs what is enqueued later, but never these; one launched with the old id runs them at once.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'dbos==3.4.0' 2>/dev/null
cat > "$work/look.py" <<'PYTHON'
import sys
import threading
from pathlib import Path

from dbos import DBOS

folder, executor, part = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
DBOS(
    config={
        "name": "tiny",
        "system_database_url": f"sqlite:///{folder / 'tiny.db'}",
        "executor_id": executor,
        "application_version": "1",
        "log_level": "CRITICAL",
        "enable_otlp": False,
        "use_listen_notify": False,
    }
)
begun: set[str] = set()
one_began = threading.Event()


@DBOS.workflow(name="unit")
def unit(number: int) -> None:
    begun.add(str(DBOS.workflow_id))
    one_began.set()


def claimed() -> set[str]:
    return {found.workflow_id for found in DBOS.list_workflows(status="PENDING")}


DBOS.launch()
if part == "fill":
    for number in range(100):
        DBOS.enqueue_workflow("units", unit, number)
    DBOS.destroy()
    sys.exit()
if part == "end":
    DBOS.register_queue("units", polling_interval_sec=0.02)
    assert one_began.wait(30)
    DBOS.destroy()
    (folder / "begun").write_text("\n".join(begun))
    sys.exit()
if part == "other":
    never_begun = claimed() - set((folder / "begun").read_text().split())
    (folder / "never_begun").write_text("\n".join(never_begun))
    # Each of these is taken by a poll of its own.
    for number in range(1000, 1010):
        DBOS.enqueue_workflow("units", unit, number).get_result()
    print(f"claimed and never begun: {len(never_begun)}; another executor ran {len(begun)} later ones", end=" ")
    print(f"and {len(begun & never_begun)} of these")
    assert never_begun and len(begun) == 10 and never_begun <= claimed(), "the behaviour has changed"
else:
    never_begun = set((folder / "never_begun").read_text().split())
    for identity in never_begun:
        DBOS.retrieve_workflow(identity).get_result()
    print(f"an executor with the old id ran {len(begun & never_begun)} of these")
DBOS.destroy()
PYTHON
for step in "first fill" "first end" "second other" "first again"; do
    # shellcheck disable=SC2086
    timeout 90 "$work/venv/bin/python" "$work/look.py" "$work" $step
done
