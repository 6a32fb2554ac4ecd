"""The whole sandbox in one process: engine, AWS services, wire port; from the command line to the last signal."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import logging
import os
import secrets
import signal
import socket
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wharfinger_sandbox import data
from wharfinger_sandbox.aws import account
from wharfinger_sandbox.aws.application import AwsApplication
from wharfinger_sandbox.aws.authentication import Authenticator
from wharfinger_sandbox.aws.call import Handler
from wharfinger_sandbox.aws.credentials import CredentialsService
from wharfinger_sandbox.aws.fault_injection import FaultInjector
from wharfinger_sandbox.aws.http import HttpServer, OpenConnections
from wharfinger_sandbox.aws.identities import Identities
from wharfinger_sandbox.aws.moto_authorization import MotoAuthorization
from wharfinger_sandbox.aws.moto_services import MotoServices
from wharfinger_sandbox.aws.redshift import Redshift
from wharfinger_sandbox.aws.secrets import Secrets
from wharfinger_sandbox.aws.serverless import Serverless
from wharfinger_sandbox.aws.sign_in import SignIn
from wharfinger_sandbox.aws.sts import Sts
from wharfinger_sandbox.aws.warehouse import Warehouse
from wharfinger_sandbox.calls import CallLog
from wharfinger_sandbox.catalog import Watch
from wharfinger_sandbox.data.cached import cached_data
from wharfinger_sandbox.data_api import DataApi, Settings
from wharfinger_sandbox.engine import Engine, EngineError
from wharfinger_sandbox.faults import FaultQueue, Quotas
from wharfinger_sandbox.statements.history import History
from wharfinger_sandbox.users import Users
from wharfinger_sandbox.wire.recorder import RecordingServices
from wharfinger_sandbox.wire.server import WireServer
from wharfinger_sandbox.wire.tls import server_context

HOST = "127.0.0.1"

log = logging.getLogger(__name__)


class CannotServe(Exception):
    """The sandbox cannot start; the text says why and what to do."""


@dataclass(frozen=True)
class Options:
    """What `serve` was told. `folder` None: a temporary one. Times are seconds."""

    folder: Path | None = None
    port: int = 0
    wire_port: int = 0
    ready_file: Path | None = None
    data: tuple[str, ...] = ()
    scale: float = 0.01
    latency: float = 0.0
    quotas: bool = False
    modified_lag: float = 0.0
    until_stdin_ends: bool = False


def run(options: Options) -> None:
    """Serve until SIGTERM or SIGINT. Raises CannotServe."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    _check_ready_file(options.ready_file)
    with _folder(options) as folder, contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(options, folder))


@contextlib.contextmanager
def _folder(options: Options) -> Iterator[Path]:
    """The folder to work in; a temporary one goes at the end."""
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
    with _alone(options.folder):
        yield options.folder.absolute()


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder; the kernel lets go of it when the process ends in whatever way."""
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
        threading.Thread(target=_read_to_end, args=(loop, stop), name="stdin", daemon=True).start()
    sandbox = Sandbox(options, folder)
    try:
        starting = asyncio.ensure_future(sandbox.start())
        await _first(starting, asyncio.ensure_future(stop.wait()))
        if not stop.is_set():
            await _first(asyncio.ensure_future(stop.wait()), asyncio.ensure_future(sandbox.broken()))
    finally:
        await sandbox.stop()


def _read_to_end(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Set `stop` once nobody holds the other end of standard input any more."""
    # Past sys.stdin: who waits in there holds a lock that the interpreter needs to end.
    while os.read(0, 4096):
        continue
    with contextlib.suppress(RuntimeError):  # the loop has ended already
        loop.call_soon_threadsafe(stop.set)


async def _first(*tasks: asyncio.Future[Any]) -> None:
    """Wait for one of `tasks`; cancel the others, raise what the finished ones raised."""
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


class Sandbox:
    """Builds every part once and hands it what it needs."""

    def __init__(self, options: Options, folder: Path) -> None:
        self._options = options
        self._folder = folder
        self._closing = contextlib.AsyncExitStack()
        self._engine: Engine | None = None
        self._password = secrets.token_urlsafe(18) + "aA1"

    async def start(self) -> None:
        """Start everything; the ready file is written last. Raises CannotServe."""
        options = self._options
        listening = _bound(options.port, "--port")
        self._closing.callback(listening.close)
        wire_listening = _bound(options.wire_port, "--wire-port")
        self._closing.callback(wire_listening.close)
        engine = await self._start_engine()
        await data.load(engine, options.data, options.scale)
        watch = Watch(engine, lag_seconds=options.modified_lag)
        await watch.start()
        self._closing.push_async_callback(watch.stop)
        warehouse = Warehouse(HOST, wire_listening.getsockname()[1])
        identities = Identities(account.ACCOUNT)
        known = account.create_identities(identities)
        calls, history = CallLog(), History(engine)
        self._closing.push_async_callback(history.stop)
        users = Users(engine)
        await users.set_password(warehouse.admin_user, self._password)
        tls, ca_file = server_context(self._folder)
        wire = WireServer(RecordingServices(engine, calls, history), users, tls)
        await wire.start(wire_listening)
        self._closing.push_async_callback(wire.stop)
        front, connections = await self._front(engine, warehouse, identities, users, calls, history)
        http = HttpServer(front, connections, listening)
        await http.start()
        self._closing.push_async_callback(http.stop)
        document = {
            "endpoint_url": f"http://{HOST}:{listening.getsockname()[1]}",
            "region": warehouse.region,
            "account_id": warehouse.account_id,
            "cluster": {"identifier": warehouse.cluster, "database": warehouse.database},
            "workgroup": {"name": warehouse.workgroup, "database": warehouse.database},
            "wire": {"host": warehouse.host, "port": warehouse.port, "ca_file": str(ca_file)},
            "admin": {"user": warehouse.admin_user, "password": self._password},
            "engine": {"dsn": engine.dsn},
            "identities": [identity.document() for identity in known],
            "dbt_project": str(data.DBT_PROJECT),
            "pid": os.getpid(),
        }
        self._announce(document)

    async def stop(self) -> None:
        """End everything in the opposite order; nothing runs on."""
        await self._closing.aclose()

    async def broken(self) -> None:
        """Returns never; raises CannotServe when the engine ends by itself."""
        if self._engine is not None:
            code = await self._engine.wait()
            raise CannotServe(f"PostgreSQL ended by itself with code {code}; see {self._folder / 'engine.log'}")

    async def _start_engine(self) -> Engine:
        try:
            self._engine = await Engine.start(self._folder, cached_data(self._options.data, self._options.scale))
        except EngineError as error:
            raise CannotServe(str(error)) from error
        self._closing.push_async_callback(self._engine.stop)
        return self._engine

    async def _front(
        self,
        engine: Engine,
        warehouse: Warehouse,
        identities: Identities,
        users: Users,
        calls: CallLog,
        history: History,
    ) -> tuple[AwsApplication, OpenConnections]:
        grants = CredentialsService(warehouse, users)
        sign_in = SignIn(warehouse, grants, users, Secrets(warehouse.account_id))
        data_api = DataApi(engine, calls, sign_in, Settings(spool=self._folder / "results"), history)
        self._closing.push_async_callback(data_api.stop)
        moto = MotoServices(MotoAuthorization(warehouse.account_id), warehouse)
        services: dict[str, Handler] = {
            "redshift-data": lambda call: data_api.handle(call.operation, call.members, call.caller),
            "redshift": Redshift(warehouse, grants),
            "redshift-serverless": Serverless(warehouse, grants),
            "sts": Sts(identities),
            **dict.fromkeys(("secretsmanager", "kms", "iam", "ec2"), moto),
        }
        options = self._options
        weather = FaultInjector(
            FaultQueue(), data_api.end_session, latency=options.latency, quotas=Quotas() if options.quotas else None
        )
        connections = OpenConnections()
        return AwsApplication(Authenticator(identities), services, calls, weather, drop=connections.abort), connections

    def _announce(self, document: dict[str, Any]) -> None:
        print(f"The sandbox answers at {document['endpoint_url']}, wire port {document['wire']['port']}.", flush=True)
        file = self._options.ready_file
        if file is not None:
            _write_whole(file, json.dumps(document, indent=1))
            self._closing.callback(_take_away, file)


def _bound(port: int, option: str) -> socket.socket:
    # Named as TCP, so that asyncio turns Nagle's delay off; otherwise each answer takes 40 ms longer.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except OSError as error:
        listening.close()
        text = f"{option} {port} on {HOST} cannot be used: {error.strerror}; give another, or 0 for any free one"
        raise CannotServe(text) from error
    listening.listen(512)
    listening.setblocking(False)
    return listening


def _write_whole(file: Path, text: str) -> Path:
    """Readers see the whole file or none; it holds keys, so only its owner may read it."""
    scratch = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as output:
        output.write(text)
    return scratch.replace(file)


def _check_ready_file(file: Path | None) -> None:
    """Take a stale ready file away and see that a new one can be written, before anything is started."""
    if file is None:
        return
    try:
        # Under its own name the file must not be seen before it is whole.
        _write_whole(file.with_name(f".{file.name}.try"), "").unlink()
        file.unlink(missing_ok=True)
    except OSError as error:
        raise CannotServe(f"the ready file {file} cannot be written: {error.strerror}") from error


def _take_away(file: Path) -> None:
    """Remove our ready file, but not that of a sandbox started meanwhile."""
    try:
        ours = json.loads(file.read_text("utf-8"))["pid"] == os.getpid()
    except FileNotFoundError:
        return
    if ours:
        file.unlink(missing_ok=True)
