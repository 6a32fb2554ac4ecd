"""The ready file: addresses and keys as JSON, written once everything answers (contract, Sandbox)."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any


def check_writable(file: Path) -> None:
    """Remove a stale ready file and check that a new one can be written.

    Raises OSError, FileExistsError for a file that no sandbox wrote.
    """
    if file.is_file() and not _is_ready_file(file.read_bytes()):
        raise FileExistsError(errno.EEXIST, "the file exists and is no ready file of a sandbox; name another one")
    # A test under the final name would show readers an unfinished file.
    _write_atomically(file.with_name(f".{file.name}.try"), "").unlink()
    file.unlink(missing_ok=True)


def write(file: Path, document: dict[str, Any]) -> None:
    """Write `document` to `file`, readable by its owner only, since it holds keys."""
    _write_atomically(file, json.dumps(document, indent=1))


def remove(file: Path) -> None:
    """Remove `file` if this process wrote it; a sandbox started later may have replaced it."""
    try:
        ours = json.loads(file.read_text("utf-8"))["pid"] == os.getpid()
    except FileNotFoundError:
        return
    if ours:
        file.unlink(missing_ok=True)


def _is_ready_file(content: bytes) -> bool:
    if not content:
        return True
    try:
        return "endpoint_url" in json.loads(content)
    except (ValueError, TypeError):
        return False


def _write_atomically(file: Path, text: str) -> Path:
    """Readers see the whole file or none."""
    scratch = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as output:
        output.write(text)
    return scratch.replace(file)
