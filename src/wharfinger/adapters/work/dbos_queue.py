"""The durable queue: DBOS as a library on an encrypted file of our own. The only module that knows DBOS.

One workflow a ticket. A workflow's record holds its ticket and nothing else: no name, no value, no error text.
Who asks for work uses `TicketQueue`, which never launches DBOS; a worker process has one `TicketRunner`.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from dbos import DBOS, DBOSClient, Serializer
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import QueuePool

if TYPE_CHECKING:
    from dbos import DBOSConfig

NAME = "wharfinger"
QUEUE = "units"
WORKFLOW = "unit"
CONCURRENCY = 4
"""How many units one worker has under way."""
POLL_SECONDS = 0.05

# DBOS recovers and dequeues only work of its own application version. Ours is told by the rows, so it never changes.
VERSION = "1"

_TICKET = re.compile(r"[0-9a-f]{32}-[0-9]+")
_log = logging.getLogger("dbos")
_log.addHandler(logging.NullHandler())  # before DBOS adds its own, which writes on the terminal


class TicketsOnly(Serializer):
    """Writes tickets and None as JSON and refuses anything else, so that nothing else can get into a record.

    DBOS's own serializer pickles: it would keep an exception with its text, and run code when it reads a record.
    """

    def serialize(self, data: Any) -> str:
        """A workflow's arguments, its result, or the kind of the exception that ended it."""
        if isinstance(data, BaseException):
            return json.dumps({"failed": type(data).__name__})
        if data is None:
            return json.dumps(None)
        tickets = list(data["args"]) if isinstance(data, dict) and not data.get("kwargs") else None
        if not tickets or not all(isinstance(one, str) and _TICKET.fullmatch(one) for one in tickets):
            raise TypeError("a queue record holds tickets and nothing else")
        return json.dumps({"tickets": tickets})

    def deserialize(cls, serialized_data: str) -> Any:  # noqa: N805 - DBOS's signature
        """The opposite of `serialize`."""
        document = json.loads(serialized_data)
        if document is None:
            return None
        if "failed" in document:
            return RuntimeError(document["failed"])
        return {"args": tuple(document["tickets"]), "kwargs": {}}

    def name(self) -> str:
        """What DBOS notes beside each record."""
        return "wharfinger_tickets"


def queue_engine(creator: Callable[[], Any]) -> Engine:
    """The engine on the queue's file; `creator` opens a connection to it."""
    return create_engine(
        "sqlite://", creator=creator, poolclass=QueuePool, pool_size=5, max_overflow=25, hide_parameters=True
    )


class TicketQueue:
    """The queue as one sees it from outside of a worker. The file must have been made by a worker once."""

    def __init__(self, creator: Callable[[], Callable[[], Any]]) -> None:
        self._creator = creator
        self._client: DBOSClient | None = None
        self._lock = threading.Lock()

    def enqueue(self, tickets: Sequence[str]) -> None:
        """Have each ticket performed once; one that is known already stays as it is."""
        client = self._connected()
        for ticket in tickets:
            client.enqueue(
                {"workflow_name": WORKFLOW, "queue_name": QUEUE, "workflow_id": ticket, "app_version": VERSION}, ticket
            )

    def resume(self, executor: str) -> list[str]:
        """Queue again what `executor` had begun and did not end; answers those tickets."""
        client = self._connected()
        begun = client.list_workflows(executor_id=executor, status="PENDING", load_input=False, load_output=False)
        tickets = [one.workflow_id for one in begun]
        for ticket in tickets:
            client.resume_workflow(ticket, queue_name=QUEUE)
        return tickets

    def forget(self, tickets: Sequence[str]) -> None:
        """Drop tickets for good."""
        self._connected().delete_workflows(list(tickets))

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._client is not None:
                self._client.destroy()
                self._client = None

    def _connected(self) -> DBOSClient:
        with self._lock:
            if self._client is None:
                self._client = DBOSClient(
                    system_database_engine=queue_engine(self._creator()),
                    serializer=TicketsOnly(),
                    application_name=NAME,
                )
            return self._client


class TicketRunner:
    """The worker's end of the queue: takes tickets and performs them, `concurrency` at a time. One a process."""

    def __init__(
        self,
        creator: Callable[[], Any],
        executor: str,
        perform: Callable[[str], None],
        concurrency: int = CONCURRENCY,
    ) -> None:
        self._engine = queue_engine(creator)
        self._executor = executor
        self._perform = perform
        self._concurrency = concurrency

    def start(self) -> None:
        """Bring the file up to date and begin to take tickets. Work that other executors left is not touched."""
        DBOS(config=self._config())
        DBOS.workflow(name=WORKFLOW)(self._workflow())
        DBOS.launch()
        DBOS.register_queue(
            QUEUE,
            worker_concurrency=self._concurrency,
            polling_interval_sec=POLL_SECONDS,
            on_conflict="always_update",
        )

    def stop(self, *, wait_seconds: int = 0) -> None:
        """Take no more tickets, wait so long for those under way, and let go of the file."""
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=wait_seconds)
        self._engine.dispose()

    def _workflow(self) -> Callable[[str], None]:
        def unit(ticket: str) -> None:
            self._perform(ticket)

        return unit

    def _config(self) -> DBOSConfig:
        return {
            "name": NAME,
            "application_version": VERSION,
            "executor_id": self._executor,
            "system_database_engine": self._engine,
            "serializer": TicketsOnly(),
            "use_listen_notify": False,
            "enable_otlp": False,
            "log_level": "WARNING",
            # A thread that DBOS joins at its end sleeps so long; nothing is asked of the file while nobody listens.
            "notification_listener_polling_interval_sec": 0.1,
        }
