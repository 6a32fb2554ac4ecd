"""Runs a sandbox in the foreground: its folder, its signals, and its end."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wharfinger_sandbox import ready_file
from wharfinger_sandbox.options import CannotServe, Options
from wharfinger_sandbox.sandbox import Sandbox


def run(options: Options) -> None:
    """Serve until SIGTERM or SIGINT. Raises CannotServe."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    _check_ready_file(options.ready_file)
    with _folder(options) as folder, contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(options, folder))


def _check_ready_file(file: Path | None) -> None:
    if file is None:
        return
    try:
        ready_file.check_writable(file)
    except OSError as error:
        raise CannotServe(f"the ready file {file} cannot be written: {error.strerror}") from error


@contextlib.contextmanager
def _folder(options: Options) -> Iterator[Path]:
    """The folder of the databases, locked; a temporary one is deleted at the end. Raises CannotServe."""
    if options.folder is None:
        with tempfile.TemporaryDirectory(prefix="wharfinger-sandbox-", ignore_cleanup_errors=True) as made:
            yield Path(made)
        return
    try:
        options.folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=options.folder).close()
    except OSError as error:
        text = f"the folder {options.folder} cannot be written: {error.strerror}; give another --dir"
        raise CannotServe(text) from error
    with _locked(options.folder):
        yield options.folder.absolute()


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; the kernel releases it when the process ends, for any reason."""
    with (folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotServe(f"another sandbox uses {folder}; stop it or give another --dir") from error
        yield


async def _serve(options: Options, folder: Path) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop.set)
    if options.until_stdin_ends:
        threading.Thread(target=_stop_at_end_of_stdin, args=(loop, stop), name="stdin", daemon=True).start()
    sandbox = Sandbox(options, folder)
    try:
        starting = asyncio.ensure_future(sandbox.start())
        await _first_of(starting, asyncio.ensure_future(stop.wait()))
        if not stop.is_set():
            await _first_of(asyncio.ensure_future(stop.wait()), asyncio.ensure_future(sandbox.wait_for_engine_exit()))
    finally:
        await sandbox.stop()


def _stop_at_end_of_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Set `stop` once no process holds the other end of standard input any more."""
    # Not through sys.stdin: a thread that waits in it holds a lock that the interpreter needs to exit.
    while os.read(0, 4096):
        continue
    with contextlib.suppress(RuntimeError):  # the loop has ended already
        loop.call_soon_threadsafe(stop.set)


async def _first_of(*tasks: asyncio.Future[Any]) -> None:
    """Wait for one of `tasks` and cancel the others. Raises what a finished task raised."""
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
