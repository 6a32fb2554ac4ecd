"""The start of a client's connection: TLS, the startup packet and the login."""

from __future__ import annotations

import asyncio
import re
import secrets
import ssl
import struct
from dataclasses import dataclass, field

from wharfinger_sandbox.logins import HIDDEN_DATABASES, Login, hidden_database, tls_required
from wharfinger_sandbox.passwords import answers_md5
from wharfinger_sandbox.users import Users
from wharfinger_sandbox.wire import messages
from wharfinger_sandbox.wire.messages import ProtocolError

# Parameters passed on to the engine. It does not know the drivers' own parameters (redshift-facts §3.1).
PASSED_ON = ("application_name", "client_encoding", "datestyle", "timezone", "extra_float_digits")
# The level of SHOW commands reported to AWS's drivers: 4 is all but `… FROM DATABASE` with filters. Without it the
# drivers read the catalog with the queries for older clusters (redshift-facts §3.1).
SHOW_DISCOVERY = "4"
IDENTITY_PROVIDER = ("plugin_name", "idp_type", "provider_name", "token", "token_type")

_OPTION = re.compile(r"(?:-c\s*|--)((?:[^\s\\]|\\.)+)")


@dataclass(frozen=True)
class StartupRequest:
    """The content of the startup packet.

    `parameters` are passed on to the engine, `settings` are those of its `options`, `discovery` are the parameters to
    report to a driver that asks for them.
    """

    user: str
    database: str
    parameters: dict[str, str]
    settings: dict[str, str]
    tls: bool
    host: str
    discovery: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CancelRequest:
    """A request to cancel the statement of another connection."""

    pid: int
    key: bytes


class ConnectionRefused(Exception):
    """The connection is refused; `text` is the error message without `FATAL: `."""

    def __init__(self, sqlstate: str, text: str) -> None:
        super().__init__(text)
        self.sqlstate = sqlstate
        self.text = text


class ClientConnection:
    """The connection to a client. `tls` is True once TLS has started."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.tls = False

    @property
    def host(self) -> str:
        """The client's address."""
        return str(self.writer.get_extra_info("peername")[0])

    async def read(self) -> tuple[bytes, bytes]:
        """The type and the body of the next message. Raises IncompleteReadError at the end, ProtocolError."""
        head = await self.reader.readexactly(5)
        length = struct.unpack("!I", head[1:])[0]
        if not 4 <= length <= messages.LONGEST_MESSAGE:
            raise ProtocolError(f"a message length of {length} is not valid")
        return head[:1], await self.reader.readexactly(length - 4)

    async def send(self, data: bytes) -> None:
        """Send `data`; waits while the client's buffer is full."""
        self.writer.write(data)
        await self.writer.drain()

    async def read_startup(self, context: ssl.SSLContext) -> StartupRequest | CancelRequest:
        """Read the startup packet, after starting TLS if the client asks for it.

        Raises ProtocolError, ConnectionRefused.
        """
        while True:
            length = struct.unpack("!I", await self.reader.readexactly(4))[0]
            if not 8 <= length <= messages.LONGEST_STARTUP:
                raise ProtocolError(f"a startup packet length of {length} is not valid")
            packet = await self.reader.readexactly(length - 4)
            code = struct.unpack("!I", packet[:4])[0]
            if code == messages.SSL_REQUEST and not self.tls:
                if getattr(self.reader, "_buffer", b""):
                    # Data sent before TLS must not be treated as if it had been sent through TLS.
                    raise ProtocolError("unencrypted data after SSLRequest")
                await self.send(b"S")
                await self.writer.start_tls(context)
                self.tls = True
            elif code == messages.GSS_REQUEST:
                await self.send(b"N")
            elif code == messages.CANCEL_REQUEST:
                return CancelRequest(struct.unpack("!I", packet[4:8])[0], packet[8:])
            else:
                return await self._startup_request(code, packet[4:])

    async def _startup_request(self, version: int, body: bytes) -> StartupRequest:
        if version >> 16 != 3:
            raise ConnectionRefused("0A000", f"unsupported frontend protocol {version >> 16}.{version & 0xFFFF}")
        given = {name.lower(): value for name, value in messages.read_startup(body).items()}
        unknown = [name for name in given if name.startswith("_pq_.")]
        if version & 0xFFFF or unknown:
            await self.send(messages.negotiate(unknown))
        if not given.get("user"):
            raise ConnectionRefused("28000", "no PostgreSQL user name specified in startup packet")
        if any(given.get(name) for name in IDENTITY_PROVIDER):
            raise ConnectionRefused("0A000", "sign-in through an identity provider is not supported by the sandbox")
        return StartupRequest(
            user=given["user"],
            database=given.get("database") or given["user"],
            parameters={name: given[name] for name in PASSED_ON if name in given},
            settings=read_options(given.get("options", "")),
            tls=self.tls,
            host=self.host,
            discovery={"show_discovery": SHOW_DISCOVERY} if "driver_discovery_version" in given else {},
        )


def read_options(options: str) -> dict[str, str]:
    """The settings `-c name=value` and `--name=value` in the startup packet's `options`."""
    settings = {}
    for found in _OPTION.findall(options):
        name, _, value = re.sub(r"\\(.)", r"\1", found).partition("=")
        settings[name.replace("-", "_")] = value
    return settings


async def authenticate(client: ClientConnection, request: StartupRequest, users: Users) -> Login:
    """Ask for the password and check it. Raises LoginRefused, ProtocolError."""
    if request.database in HIDDEN_DATABASES:
        raise hidden_database(request.database)
    if not request.tls:
        if request.user.startswith(("IAM:", "IAMA:", "IAMR:")):
            raise tls_required(request.host, request.user, request.database)
        stored = await users.stored_password(request.user)
        if stored is None or stored.kind == "md5":
            return await _by_md5(client, request, users)
    await client.send(messages.authentication(messages.AUTH_CLEARTEXT))
    password = await _password(client)
    return await users.check(request.user, password, tls=request.tls, host=request.host, database=request.database)


async def _by_md5(client: ClientConnection, request: StartupRequest, users: Users) -> Login:
    """MD5 authentication, for connections without TLS: the client does not send the password itself."""
    salt = secrets.token_bytes(4)
    await client.send(messages.authentication(messages.AUTH_MD5, salt))
    answer = await _password(client)
    return await users.check_with(request.user, lambda stored: answers_md5(stored, answer, salt))


async def _password(client: ClientConnection) -> str:
    kind, body = await client.read()
    if kind != b"p":
        raise ProtocolError("expected a password message")
    return messages.decoded(body.rstrip(b"\0"))
