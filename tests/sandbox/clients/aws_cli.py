"""The AWS CLI, one command after the other in one process: [{"exit", "out", "error"}] for a list of argument lists.

`$name` in an argument is the member of that name in the answer before it.
"""

import contextlib
import io
import json
import os
import sys

from awscli.clidriver import create_clidriver

os.environ["AWS_PAGER"] = ""


def run(arguments):
    out, error = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
        try:
            code = create_clidriver().main(arguments)
        except SystemExit as end:
            code = end.code
    text = out.getvalue()
    return {"exit": code, "out": json.loads(text) if text.startswith("{") else text, "error": error.getvalue()}


answers = []
for arguments in json.loads(sys.argv[1]):
    before = answers[-1]["out"] if answers else {}
    filled = [before[one[1:]] if one.startswith("$") else one for one in arguments]
    answers.append(run(filled))
    while (
        filled[1] == "describe-statement"
        and not answers[-1]["exit"]
        and answers[-1]["out"]["Status"] not in ("FINISHED", "FAILED", "ABORTED")
    ):
        answers[-1] = run(filled)
json.dump(answers, sys.stdout)
