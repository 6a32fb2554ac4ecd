"""Where a secret comes from: `stdin`, `env:NAME`, `file:PATH` or `prompt`. Never from the command line itself."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from wharfinger.cli import output, state
from wharfinger.core.errors import Invalid
from wharfinger.core.secret import Secret

SOURCES = "stdin, env:NAME, file:PATH or prompt"


class SecretReader:
    """Reads the secrets of one command; stdin can be read for one of them only."""

    def __init__(self) -> None:
        self._stdin_taken_by = ""

    def read(self, source: str, option: str) -> Secret:
        """The secret that `source` names for `option`, without the line end.

        Raises Invalid when there is no such source or nothing in it. `source` itself is not repeated in the error, for
        people do paste the secret there.
        """
        kind, _, name = source.partition(":")
        if source == "stdin":
            text = self._from_stdin(option)
        elif source == "prompt":
            text = _from_prompt(option)
        elif kind == "env" and name:
            text = _from_environment(name, option)
        elif kind == "file" and name:
            text = _from_file(Path(name), option)
        else:
            raise Invalid(
                f"{option} does not name a source",
                why=f"a secret comes from {SOURCES}, never from the command line itself",
                next_step="If it was the secret that stood there, change it: the shell's history has it now",
            )
        if not text:
            raise Invalid(f"The secret for {option} is empty", next_step=f"Put it into the source: {SOURCES}")
        return Secret(text)

    def _from_stdin(self, option: str) -> str:
        if self._stdin_taken_by:
            raise Invalid(f"stdin gives one secret, and {self._stdin_taken_by} has it", next_step=f"Use {SOURCES}")
        self._stdin_taken_by = option
        return sys.stdin.read().rstrip("\r\n")


def _from_prompt(option: str) -> str:
    if not state.interactive():
        raise Invalid(
            f"Nobody can be asked for {option}",
            why="there is no terminal, or --json was given",
            next_step="Use stdin, env:NAME or file:PATH",
        )
    import getpass

    return getpass.getpass(f"{option.removeprefix('--').removesuffix('-from').replace('-', ' ')}: ", sys.stderr)


def _from_environment(name: str, option: str) -> str:
    if name not in os.environ:
        raise Invalid(f"The variable for {option} is not set", subject=name, next_step="Set it, then try again")
    return os.environ[name]


def _from_file(file: Path, option: str) -> str:
    try:
        if file.stat().st_mode & 0o077:
            output.note(f"Warning: others may read {file}; chmod 600 keeps the secret yours")
        return file.read_text().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror or "" if isinstance(error, OSError) else "it is not text"
        raise Invalid(
            f"The file for {option} cannot be read",
            subject=str(file),
            why=why,
            next_step="Name a file of yours that holds the secret and nothing else",
        ) from None
