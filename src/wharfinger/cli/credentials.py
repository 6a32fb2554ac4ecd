"""Keepers for new passwords: they are written to a file of mode 0600, or shown once on a terminal."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from wharfinger.access.ports import PasswordKeeper
from wharfinger.cli import output, state
from wharfinger.core.bounded import MB, read_bytes
from wharfinger.core.counts import some
from wharfinger.core.errors import Conflict, Invalid, Refused
from wharfinger.core.secret import Secret
from wharfinger.core.whole_files import write_whole

Entries = dict[str, dict[str, str]]

ANOTHER = "Choose another file"

CREDENTIALS_BYTES = 16 * MB
"""The largest credentials file; one with a hundred thousand users has nine megabytes."""


def keeper_for(file: Path | None) -> PasswordKeeper:
    """The keeper for `--credentials-file`, else the terminal.

    Raises Invalid when there is neither a file nor a terminal; Conflict, Invalid or Refused for a file that cannot be
    used.
    """
    if file is not None:
        return CredentialsFile(file)
    if not (state.interactive() and sys.stdout.isatty()):
        raise Invalid(
            "The new passwords need a file",
            why="they are shown on a terminal only, never in JSON or into a pipe",
            next_step="Name a file; it is written with mode 0600",
            fields=("credentials_file",),
        )
    return Terminal()


class Terminal:
    """Shows each password once, and says so when the warehouse then refuses to set it."""

    def keep(self, passwords: Mapping[str, Secret]) -> None:
        """Show them."""
        screen = output.Screen()
        screen.line("These passwords are shown once; store them now:", style="bold")
        for user, password in passwords.items():
            screen.line(f"  {user}  {password.reveal()}")

    def take_back(self, users: Collection[str]) -> None:
        """Say that they are not set."""
        output.note(f"The warehouse did not set them: the passwords of {some(users)} above are not valid.")


class CredentialsFile:
    """`{"users": {"alice": {"password": "…"}}}`, readable by its owner only. Entries of other users stay unchanged.

    It is written whole or not at all. A file that others could read before is made private.
    """

    def __init__(self, file: Path) -> None:
        self._file = file.expanduser()
        self._before: dict[str, dict[str, str] | None] = {}
        self._made = False
        self._read()

    def keep(self, passwords: Mapping[str, Secret]) -> None:
        """Add them; they are on disk when this returns. A note names the users whose older password was replaced."""
        entries = self._read()
        older = sorted(set(entries) & set(passwords))
        self._before = {user: entries.get(user) for user in passwords}
        self._made = not self._file.exists()
        self._write(entries | {user: {"password": password.reveal()} for user, password in passwords.items()})
        if older:
            output.note(f"{self._file} had passwords of {some(older)} already; they are replaced.")

    def take_back(self, users: Collection[str]) -> None:
        """Restore the entries that were there before."""
        entries = self._read()
        for user in users:
            before = self._before.get(user)
            if before is None:
                entries.pop(user, None)
            else:
                entries[user] = before
        if self._made and not entries:
            self._file.unlink(missing_ok=True)
        else:
            self._write(entries)

    def _read(self) -> Entries:
        """The users in the file. Raises Refused for a file of another owner, Conflict for one of another form."""
        try:
            status = self._file.lstat()
            if not stat.S_ISREG(status.st_mode):
                raise Invalid("Not a regular file", subject=str(self._file), next_step="Name a new file")
            if status.st_uid != os.geteuid():
                raise Refused("The credentials file is another user's", subject=str(self._file), next_step=ANOTHER)
            return self._entries(read_bytes(self._file, CREDENTIALS_BYTES, "credentials file"))
        except FileNotFoundError:
            self._check_folder()
            return {}
        except OSError as error:
            raise self._refused("read", error) from None

    def _entries(self, content: bytes) -> Entries:
        document: Any = None
        with contextlib.suppress(ValueError, RecursionError):
            document = json.loads(content) if content.strip() else {"users": {}}
        entries = document.get("users") if isinstance(document, dict) and set(document) == {"users"} else None
        if not isinstance(entries, dict) or not all(_is_entry(entry) for entry in entries.values()):
            raise Conflict(
                "The file exists already, and is no credentials file; nothing in it was changed",
                subject=str(self._file),
                why='it is not {"users": {"name": {"password": "…"}}}',
                next_step="Name a new file, or one that Wharfinger wrote",
            )
        return entries

    def _check_folder(self) -> None:
        folder = self._file.parent
        if not folder.is_dir():
            raise Invalid("The folder of the credentials file does not exist", subject=str(folder), next_step=ANOTHER)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise Refused("The credentials file cannot be written", subject=str(self._file), next_step=ANOTHER)

    def _write(self, entries: Entries) -> None:
        content = json.dumps({"users": dict(sorted(entries.items()))}, ensure_ascii=False, indent=2)
        try:
            write_whole(self._file, content.encode() + b"\n")
        except OSError as error:
            raise self._refused("written", error) from None

    def _refused(self, done: str, error: OSError) -> Refused:
        return Refused(
            f"The credentials file cannot be {done}",
            subject=str(self._file),
            why=error.strerror or str(error),
            next_step=ANOTHER,
        )


def _is_entry(entry: object) -> bool:
    return isinstance(entry, dict) and set(entry) == {"password"} and isinstance(entry["password"], str)
