"""PostgreSQL as a child process that always ends with this process.

When this process ends, for any reason, the kernel sends the postmaster SIGINT, PostgreSQL's fast shutdown; the
backends end with the postmaster. The data folder is the working directory, so that an unprivileged postmaster can use
it even without access to its parent folders.
"""

from __future__ import annotations

import asyncio
import ctypes
import fcntl
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from wharfinger_sandbox.engine.binaries import Account, program
from wharfinger_sandbox.engine.errors import EngineError

WORKING_FOLDER = "/proc/self/cwd"
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 100
PR_SET_PDEATHSIG = 1
STOP_SECONDS = 15
LOCK_TRIES, LOCK_PAUSE = 2400, 0.025
"""A server whose sandbox was killed holds the lock while it ends, on a busy machine for many seconds."""

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_directories": ".",
    "max_connections": "1000",
    "shared_buffers": "128MB",
    "max_locks_per_transaction": "256",
    "autovacuum": "off",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "checkpoint_timeout": "30min",
    "io_method": "sync",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "max_logical_replication_workers": "0",
    "max_worker_processes": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Neither statements nor their errors go to the log: both may hold values.
    "log_min_messages": "fatal",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}

_libc = ctypes.CDLL(None, use_errno=True)


def initdb(data: Path, account: Account) -> None:
    """Create a database cluster in the empty folder `data`; its superuser is `rdsdb`, as in Redshift.

    Raises EngineError.
    """
    command = [
        str(program("initdb")), "-D", WORKING_FOLDER, "-U", "rdsdb", "--auth=trust", "-E", "UTF8", "--locale=C",
        "--no-sync", "--no-instructions", "--wal-segsize=1",
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=data, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        start_new_session=True, **account.popen_options(),
    )  # fmt: skip
    if done.returncode:
        raise EngineError(f"initdb failed: {done.stderr.strip()}")
    # The only way in is the socket, which is in a folder that other users cannot enter.
    (data / "pg_hba.conf").write_text("local all all trust\n")


class Postgres:
    """One running postmaster on one data folder."""

    def __init__(self, process: asyncio.subprocess.Process, socket_dir: Path, link: Path | None) -> None:
        self._process = process
        self._link = link
        self.socket_dir = socket_dir

    @classmethod
    async def start(cls, data: Path, account: Account, log: Path) -> Postgres:
        """Start a server on `data` and wait until it accepts connections; its log goes to the file `log`.

        Raises EngineError with the end of the log.
        """
        lock = await _lock(data)
        try:
            (data / "postmaster.pid").unlink(missing_ok=True)
            link = _short_link(data)
            settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
            with log.open("ab") as output:
                process = await asyncio.create_subprocess_exec(
                    str(program("postgres")), "-D", WORKING_FOLDER, *settings,
                    cwd=data, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env={"LC_ALL": "C", "TZ": "UTC"},
                    start_new_session=True, pass_fds=[lock], preexec_fn=_exit_with_parent(os.getpid()),
                    **account.popen_options(),
                )  # fmt: skip
        finally:
            os.close(lock)
        postgres = cls(process, link or data, link)
        if not await postgres._is_ready(data):
            await postgres.stop()
            raise EngineError(f"PostgreSQL did not start: {log.read_text(errors='replace')[-2000:].strip()}")
        return postgres

    async def wait(self) -> int:
        """Wait until the postmaster ends; returns its exit code."""
        return await self._process.wait()

    async def stop(self) -> None:
        """Fast shutdown: cancel statements and write the data. After STOP_SECONDS an immediate one, then SIGKILL."""
        for way in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if self._process.returncode is not None:
                break
            self._process.send_signal(way)
            try:
                await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
            except TimeoutError:
                continue
        if self._link:
            self._link.unlink(missing_ok=True)

    async def _is_ready(self, data: Path) -> bool:
        status = data / "postmaster.pid"
        while self._process.returncode is None:
            lines = status.read_text().splitlines() if status.exists() else []
            if len(lines) > 7 and lines[7].strip() == "ready":
                return True
            await asyncio.sleep(0.005)
        return False


async def _lock(data: Path) -> int:
    """A file descriptor that holds the folder's lock. Raises EngineError when the folder stays in use.

    The postmaster and its backends inherit the descriptor, so the lock is released when the last of them has ended.
    """
    lock = os.open(data / "in-use", os.O_RDWR | os.O_CREAT, 0o600)
    for _ in range(LOCK_TRIES):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            await asyncio.sleep(LOCK_PAUSE)
        else:
            return lock
    os.close(lock)
    raise EngineError(f"{data} is in use by another sandbox; stop it or choose another --dir")


def _short_link(data: Path) -> Path | None:
    """A link to `data` with a short path when the socket's own path is too long for a socket address, else None."""
    if len(os.fsencode(data / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
        return None
    link = Path(tempfile.gettempdir()) / f"wf-{os.getpid()}-{os.urandom(4).hex()}"
    link.symlink_to(data)
    return link


def _exit_with_parent(parent: int) -> Callable[[], None]:
    def prepare() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT)
        if os.getppid() != parent:
            os._exit(1)

    return prepare
