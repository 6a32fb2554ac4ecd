"""The whole sandbox in one process: engine, AWS services, wire port and ready file."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
from pathlib import Path
from typing import Any

from wharfinger_sandbox import data, ready_file
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
from wharfinger_sandbox.aws.sandbox_api import SandboxApi
from wharfinger_sandbox.aws.secrets import Secrets
from wharfinger_sandbox.aws.serverless import Serverless
from wharfinger_sandbox.aws.sign_in import SignIn
from wharfinger_sandbox.aws.sts import Sts
from wharfinger_sandbox.aws.warehouse import Warehouse
from wharfinger_sandbox.calls import CallLog
from wharfinger_sandbox.catalog import Watch
from wharfinger_sandbox.data.cached import cached_data
from wharfinger_sandbox.data.data_sets import load
from wharfinger_sandbox.data_api import DataApi, Settings
from wharfinger_sandbox.engine import Engine, EngineError
from wharfinger_sandbox.faults import FaultQueue, Quotas
from wharfinger_sandbox.options import CannotServe, Options
from wharfinger_sandbox.statements.history import History
from wharfinger_sandbox.users import Users
from wharfinger_sandbox.wire.recorder import RecordingServices
from wharfinger_sandbox.wire.server import WireServer
from wharfinger_sandbox.wire.tls import server_context

HOST = "127.0.0.1"


class Sandbox:
    """Builds the parts of one sandbox and connects them. `folder` holds the databases, certificates and results."""

    def __init__(self, options: Options, folder: Path) -> None:
        self._options = options
        self._folder = folder
        self._closing = contextlib.AsyncExitStack()
        self._engine: Engine | None = None
        self._password = secrets.token_urlsafe(18) + "aA1"

    async def start(self) -> None:
        """Start all parts and then write the ready file. Raises CannotServe."""
        options = self._options
        listening = self._listen(options.port, "--port")
        wire_listening = self._listen(options.wire_port, "--wire-port")
        engine = await self._start_engine()
        await load(engine, options.data, options.scale)
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
        connections = OpenConnections()
        application = self._aws_application(engine, warehouse, identities, users, calls, history, connections)
        http = HttpServer(application, connections, listening)
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
        """Stop all parts in reverse order; afterwards no process of the sandbox runs."""
        await self._closing.aclose()

    async def wait_for_engine_exit(self) -> None:
        """Wait while the engine runs. Raises CannotServe when it ends by itself."""
        if self._engine is not None:
            code = await self._engine.wait()
            raise CannotServe(f"PostgreSQL ended by itself with code {code}; see {self._folder / 'engine.log'}")

    def _listen(self, port: int, option: str) -> socket.socket:
        """A socket that listens on `port` of HOST until `stop`. Raises CannotServe, naming `option`."""
        # asyncio sets TCP_NODELAY only if the protocol is given; without it each response takes 40 ms longer.
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._closing.callback(listening.close)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, port))
        except OSError as error:
            text = f"{option} {port} on {HOST} cannot be used: {error.strerror}; give another, or 0 for any free one"
            raise CannotServe(text) from error
        listening.listen(512)
        listening.setblocking(False)
        return listening

    async def _start_engine(self) -> Engine:
        try:
            self._engine = await Engine.start(self._folder, cached_data(self._options.data, self._options.scale))
        except EngineError as error:
            raise CannotServe(str(error)) from error
        self._closing.push_async_callback(self._engine.stop)
        return self._engine

    def _aws_application(
        self,
        engine: Engine,
        warehouse: Warehouse,
        identities: Identities,
        users: Users,
        calls: CallLog,
        history: History,
        connections: OpenConnections,
    ) -> AwsApplication:
        credentials = CredentialsService(warehouse, users)
        sign_in = SignIn(warehouse, credentials, users, Secrets(warehouse.account_id))
        data_api = DataApi(engine, calls, sign_in, Settings(spool=self._folder / "results"), history)
        self._closing.push_async_callback(data_api.stop)
        moto = MotoServices(MotoAuthorization(warehouse.account_id), warehouse)
        services: dict[str, Handler] = {
            "redshift-data": lambda call: data_api.handle(call.operation, call.members, call.caller),
            "redshift": Redshift(warehouse, credentials),
            "redshift-serverless": Serverless(warehouse, credentials),
            "sts": Sts(identities),
            **dict.fromkeys(("secretsmanager", "kms", "iam", "ec2"), moto),
        }
        options, faults = self._options, FaultQueue()
        injector = FaultInjector(
            faults, data_api.end_session, latency=options.latency, quotas=Quotas() if options.quotas else None
        )
        return AwsApplication(
            Authenticator(identities), services, calls, injector, SandboxApi(calls, faults), abort=connections.abort
        )

    def _announce(self, document: dict[str, Any]) -> None:
        print(f"The sandbox answers at {document['endpoint_url']}, wire port {document['wire']['port']}.", flush=True)
        file = self._options.ready_file
        if file is not None:
            ready_file.write(file, document)
            self._closing.callback(ready_file.remove, file)
