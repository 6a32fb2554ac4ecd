"""Signs in as dbt does: redshift_connector with dbt-redshift's arguments. Implements `dbt.checking.ports.Driver`.

Our driver may be newer than dbt's (2.2 instead of 2.1). They differ in their default sslmode, so it is always given.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from typing import Any

import boto3
import redshift_connector
from botocore.exceptions import BotoCoreError
from redshift_connector.core import Connection
from redshift_connector.error import Error as DriverError
from redshift_connector.redshift_property import RedshiftProperty

from wharfinger.adapters.aws.errors import Place, is_from_aws, of_aws
from wharfinger.adapters.redshift.errors import of_wire
from wharfinger.core.errors import Failed, Refused, WharfingerError
from wharfinger.dbt.checking.driver_arguments import Login
from wharfinger.dbt.checking.ports import Refusal

CONNECT_SECONDS = 10
"""How long a check waits for a host that does not answer. dbt itself waits for the system's timeout."""

# The driver's debug lines contain passwords.
logging.getLogger("redshift_connector").setLevel(logging.INFO)


class DbtDriver:
    """The driver that dbt-redshift uses."""

    @contextlib.contextmanager
    def signed_in(self, login: Login) -> Iterator[DbtSession]:
        """A session signed in as dbt would; it ends with the block.

        Raises Refused, NotFound, Unavailable, Invalid or Failed, with a next step where one is known.
        """
        try:
            session = self._opened(login)
        except Exception as error:
            _close_socket_of(error)
            translated = _translated(error, login)
            if translated is None:
                raise
            raise translated from None
        with session:
            yield session

    def region_elsewhere(self, profile: str, host: str, port: int) -> str:
        """The region that the driver uses when a target has none: by the host's address, else from boto3's settings."""
        known = RedshiftProperty()
        known.put("host", host)
        known.put("port", port)
        known.set_region_from_endpoint_lookup()
        if known.region:
            return str(known.region)
        try:
            return boto3.Session(profile_name=profile or None).region_name or ""
        except BotoCoreError:
            return ""  # a missing AWS profile is reported by the sign-in

    def _opened(self, login: Login) -> DbtSession:
        arguments: dict[str, Any] = dict(login.arguments)
        arguments["timeout"] = arguments["timeout"] or CONNECT_SECONDS
        # Cached credentials would not have what was granted a moment ago.
        connection = redshift_connector.connect(**arguments, iam_disable_cache=True)
        try:
            connection.autocommit = True
            cursor = connection.cursor()
            if login.role:
                cursor.execute(f"set role {login.role}")  # unquoted, as dbt does it
            if login.query_group:
                group = login.query_group.replace("'", "''")
                cursor.execute(f"SET query_group TO '{group}'")
            cursor.execute("select current_user")
            (row,) = cursor.fetchall()
        except BaseException:
            connection.close()
            raise
        return DbtSession(connection, login, str(row[0]))


class DbtSession:
    """A session as dbt has it. Implements `dbt.checking.ports.SignedIn`."""

    def __init__(self, connection: Connection, login: Login, user: str) -> None:
        self._connection = connection
        self._login = login
        self._user = user

    def __enter__(self) -> DbtSession:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(DriverError, OSError):  # the warehouse may have closed it
            self._connection.close()

    @property
    def user(self) -> str:
        """The session's user."""
        return self._user

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query. Raises our errors."""
        try:
            return self._run(sql)
        except (DriverError, OSError) as error:
            raise of_wire(error, _place(self._login)).error("") from None

    def tried(self, *statements: str) -> Refusal | None:
        """Run statements in a transaction, and roll it back; the refusal that ended it, or None."""
        self.rows("begin")
        try:
            for sql in statements:
                try:
                    self._run(sql)
                except (DriverError, OSError) as error:
                    found = of_wire(error, _place(self._login), sql=sql)
                    if not _is_answer(error):
                        raise found.error("") from None
                    return Refusal(found.cause.id, found.message)
            return None
        finally:
            self.rows("rollback")

    def _run(self, sql: str) -> list[tuple[Any, ...]]:
        cursor = self._connection.cursor()
        cursor.execute(sql)
        return [tuple(row) for row in cursor.fetchall()] if cursor.description else []


def _is_answer(error: Exception) -> bool:
    """Whether the server sent this error, so that the connection is still open."""
    return bool(error.args) and isinstance(error.args[0], dict)


def _close_socket_of(error: BaseException) -> None:
    """Close the socket that the driver leaves open after a refused login; only the traceback still refers to it."""
    trace = error.__traceback__
    while trace is not None:
        holder = trace.tb_frame.f_locals.get("self")
        if isinstance(holder, Connection):
            with contextlib.suppress(AttributeError, OSError):
                holder._usock.close()
        trace = trace.tb_next


def _translated(error: Exception, login: Login) -> WharfingerError | None:
    """The error as one of ours; None for an error that the profile does not cause."""
    inner = error.args[0] if error.args else None
    for one in (error, inner):
        if isinstance(one, Exception) and is_from_aws(one):
            return _translated_aws(one, login)  # the driver wraps boto3's errors about an AWS profile
    if isinstance(error, DriverError | OSError):
        found = of_wire(error, _place(login))
        if found.cause.id in ("password-refused", "login-refused"):
            return Refused(found.cause.what, subject=_user(login), why=found.message, next_step=_login_advice(login))
        return found.error("")
    if isinstance(error, ValueError | TypeError):
        # Not the text of an encoding error: it quotes a character of the value.
        why = type(error).__name__ if isinstance(error, UnicodeError) else str(error)
        return Failed(
            "The driver refuses the profile", why=why, next_step="Compare the values of the target with its fields"
        )
    return None


def _translated_aws(error: Exception, login: Login) -> WharfingerError:
    found = of_aws(error, _place(login))
    if found.cause.id == "no-region":
        raised = found.error("")
        raised.fields, raised.call = (), None  # those are of a connection
        raised.next_step = (
            "Add region to the target, or set AWS_DEFAULT_REGION, or run `aws configure` and pick a default region"
        )
        return raised
    return found.error("")


def _login_advice(login: Login) -> str:
    known = login.arguments
    if not known.get("iam"):
        return (
            "Compare user and password; the user may not exist, or have PASSWORD DISABLE or a VALID UNTIL in the past"
        )
    if known.get("is_serverless"):
        return (
            "A workgroup makes the user of the IAM identity at its first sign-in: check that host and "
            "serverless_work_group name the same workgroup"
        )
    if not known.get("db_user"):
        return (
            "The user of the IAM identity, IAM:name or IAMR:role, must exist in the warehouse: create it with "
            "PASSWORD DISABLE; autocreate has no effect with iam_role"
        )
    return "The user must exist in the warehouse: create it (PASSWORD DISABLE is enough), or write autocreate: true"


def _user(login: Login) -> str:
    return str(login.arguments.get("db_user") or login.arguments.get("user") or "")


def _place(login: Login) -> Place:
    known = login.arguments
    serverless = known.get("serverless_work_group")
    target = f"workgroup {serverless}" if serverless else f"cluster {known.get('cluster_identifier') or known['host']}"
    return Place(
        target=target,
        region=str(known.get("region") or ""),
        database=str(known["database"]),
        host=f"{known['host']}:{known['port']}",
        user=_user(login),
    )
