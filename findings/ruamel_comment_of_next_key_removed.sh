#!/usr/bin/env bash
# ruamel.yaml 0.19.1: removing a key removes the comment above the next key and keeps its own for the next one.
#
# The guess: a round trip that keeps comments keeps a comment with what stands below it, as people write them in dbt files.
# Seen: a comment belongs to the value before it. Removing `old` takes along the note on `days`; removing `days` leaves
# its note standing above `threads`, where it says something wrong, and takes along the note on `threads`.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'ruamel.yaml==0.19.1' 2>/dev/null
"$work/venv/bin/python" - <<'PYTHON'
import io

from ruamel.yaml import YAML

TEXT = """\
old: 1
# never above 30
days: 7
# one for each slot
threads: 4
"""


def without(key: str) -> str:
    yaml, out = YAML(), io.StringIO()
    content = yaml.load(TEXT)
    del content[key]
    yaml.dump(content, out)
    print(f"without {key}:\n{out.getvalue()}")
    return out.getvalue()


assert without("old") == "days: 7\n# one for each slot\nthreads: 4\n", "the behaviour has changed"
assert without("days") == "old: 1\n# never above 30\nthreads: 4\n", "the behaviour has changed"
PYTHON
