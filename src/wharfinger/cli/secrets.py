"""Reads secrets from the source in an option: `stdin`, `env:NAME`, `file:PATH` or `prompt`; never from arguments."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from wharfinger.cli import output, state
from wharfinger.cli.reading import read_stdin
from wharfinger.core.bounded import SECRET_BYTES, read_text, size_words
from wharfinger.core.errors import Invalid
from wharfinger.core.secret import Secret

SOURCES = "stdin, env:NAME, file:PATH or prompt"


class SecretReader:
    """Reads the secrets of one command; stdin holds one secret only."""

    def __init__(self) -> None:
        self._stdin_taken_by = ""

    def read(self, source: str, option: str) -> Secret:
        """The secret for `option` from `source`, without the line end.

        Raises Invalid when the source does not exist, is empty or not text. The error does not repeat `source`, because
        people paste the secret there by mistake.
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
                why=f"a secret is read from {SOURCES}, never from the command line",
                next_step="If you gave the secret itself, change it: it is in the shell's history now",
            )
        if not text:
            raise Invalid(f"The secret for {option} is empty", next_step="Put the secret into its source")
        if len(text.encode(errors="surrogatepass")) > SECRET_BYTES:
            raise Invalid(
                f"The secret for {option} is too large",
                why=f"it has more than {size_words(SECRET_BYTES)}",
                next_step="Check that its source holds only the secret",
            )
        if any("\ud800" <= character <= "\udfff" for character in text):  # bytes that are no text
            raise Invalid(
                f"The secret for {option} is not text",
                why="it is not UTF-8",
                next_step="Put it into its source as UTF-8",
            )
        return Secret(text)

    def _from_stdin(self, option: str) -> str:
        if self._stdin_taken_by:
            raise Invalid(
                f"stdin holds one secret, and {self._stdin_taken_by} reads it already",
                next_step=f"Read {option} from another source: {SOURCES}",
            )
        self._stdin_taken_by = option
        return read_stdin(SECRET_BYTES, f"secret for {option}").rstrip("\r\n")


def _from_prompt(option: str) -> str:
    if not state.interactive():
        raise Invalid(
            f"There is no prompt for {option}",
            why="there is no terminal, or --json was given",
            next_step="Read it from stdin, env:NAME or file:PATH",
        )
    import getpass

    return getpass.getpass(f"{option.removeprefix('--').removesuffix('-from').replace('-', ' ')}: ", sys.stderr)


def _from_environment(name: str, option: str) -> str:
    if name not in os.environ:
        raise Invalid(f"The environment variable for {option} is not set", subject=name, next_step="Set it")
    return os.environ[name]


def _from_file(file: Path, option: str) -> str:
    try:
        if file.stat().st_mode & 0o077:
            output.note(f"Warning: other users may read {file}; protect it with chmod 600")
        return read_text(file, SECRET_BYTES, f"secret for {option}").rstrip("\r\n")
    except OSError as error:
        raise Invalid(
            f"The file for {option} cannot be read",
            subject=str(file),
            why=error.strerror or "",
            next_step="Name a file that you may read and that holds only the secret",
        ) from None
