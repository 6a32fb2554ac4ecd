"""The durable queue: DBOS as a library on an encrypted database of its own. The only module that knows DBOS.

One workflow for each attempt of a unit; its id is the attempt's. DBOS decides which worker begins it, keeps the results
of its steps, tries them again, recovers it when its worker died, and gives it up when that happens too often. Its
records hold ids of attempts, booleans and names of exception classes: no name of a table, no value, no error text.

Who asks for work uses `WorkQueue`, which never launches DBOS; a worker process has one `WorkRunner`.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

from dbos import DBOS, DBOSClient, Serializer
from sqlalchemy import Engine, create_engine, inspect
from sqlalchemy.pool import QueuePool

from wharfinger.core.errors import Unavailable
from wharfinger.core.storage import QueueDatabase
from wharfinger.jobs.model import MAX_STARTS
from wharfinger.jobs.ports import Action, Steps

if TYPE_CHECKING:
    from dbos import DBOSConfig, StepOptions

NAME = "wharfinger"
QUEUE = "units"
WORKFLOW = "unit"
CONCURRENCY = 4
"""How many units one worker has under way."""
POLL_SECONDS = 0.05

VERSION = "2"
"""What the records of workflows mean. DBOS dequeues and recovers only work of its own application version."""
OLD_VERSIONS = ("1",)
"""Versions whose records are no longer performed: tickets of a queue whose state was in our own rows."""

_WORK = re.compile(r"[0-9a-f]{32}-[0-9]+")
_UNDER_WAY = ("ENQUEUED", "DELAYED", "PENDING")
_GIVEN_UP = ("MAX_RECOVERY_ATTEMPTS_EXCEEDED", "ERROR")
_TABLE = "workflow_status"
_CHUNK = 500
_log = logging.getLogger("dbos")
_log.addHandler(logging.NullHandler())  # before DBOS adds its own, which writes on the terminal


class IdsOnly(Serializer):
    """Writes ids of attempts, booleans and None as JSON and refuses anything else, so that nothing else is recorded.

    DBOS's own serializer pickles: it would keep an exception with its text, and run code when it reads a record.
    """

    def serialize(self, data: Any) -> str:
        """A workflow's arguments, the result of a step, or the class of the exception that ended one."""
        if isinstance(data, BaseException):
            return json.dumps({"failed": type(data).__name__})
        if data is None or isinstance(data, bool):
            return json.dumps(data)
        works = list(data.get("args", ())) if isinstance(data, dict) and not data.get("kwargs") else None
        if not works or not all(isinstance(one, str) and _WORK.fullmatch(one) for one in works):
            raise TypeError("a queue record holds ids of attempts and nothing else")
        return json.dumps({"works": works})

    def deserialize(cls, serialized_data: str) -> Any:  # noqa: N805 - DBOS's signature
        """The opposite of `serialize`."""
        document = json.loads(serialized_data)
        if document is None or isinstance(document, bool):
            return document
        if "failed" in document:
            return RuntimeError(document["failed"])
        return {"args": tuple(document["works"]), "kwargs": {}}

    def name(self) -> str:
        """What DBOS notes beside each record."""
        return "wharfinger_ids"


def queue_engine(database: QueueDatabase) -> Engine:
    """SQLAlchemy's engine on the queue's database."""
    return create_engine(
        database.url,
        creator=database.connect,
        poolclass=QueuePool,
        pool_size=5,
        max_overflow=25,
        hide_parameters=True,
    )


class WorkQueue:
    """The queue as seen from outside of DBOS's own threads: what `jobs.ports.Engine` says.

    The queue must have been made by a worker once; until then nothing is in it. `exists` says whether its database is
    there, `database` how to reach it.
    """

    def __init__(self, exists: Callable[[], bool], database: Callable[[], QueueDatabase]) -> None:
        self._exists = exists
        self._database = database
        self._client: DBOSClient | None = None
        self._known_made = False
        self._lock = threading.Lock()

    def enqueue(self, works: Sequence[str]) -> None:
        """Have each attempt performed once; one that is known already stays as it is."""
        for work in works:
            self._connected().enqueue(
                {"workflow_name": WORKFLOW, "queue_name": QUEUE, "workflow_id": work, "app_version": VERSION}, work
            )

    def under_way(self, works: Collection[str]) -> dict[str, bool]:
        """Of these attempts those that are known, and whether each is waiting or running."""
        return {work: status in _UNDER_WAY for work, status in self._statuses(works).items()}

    def cancel(self, works: Sequence[str]) -> None:
        """Begin none of these, and end those that run at their next step."""
        if works and self._made():
            self._connected().cancel_workflows(list(works))

    def cancelled(self, works: Collection[str]) -> set[str]:
        """Those of these attempts that were cancelled."""
        return {work for work, status in self._statuses(works).items() if status == "CANCELLED"}

    def started(self) -> dict[str, list[str]]:
        """The attempts that each worker has started and not ended.

        A worker that ends may leave one behind: DBOS takes its threads away (`DBOS.destroy`) while a queue's thread is
        still starting what it has claimed, logs "Executor accessed before DBOS was launched", and the claim stays.
        """
        started: dict[str, list[str]] = {}
        for one in self._list(status="PENDING"):
            started.setdefault(one.executor_id, []).append(one.workflow_id)
        return started

    def started_by(self, executor: str) -> list[str]:
        """The attempts that one worker has started and not ended."""
        return [one.workflow_id for one in self._list(executor_id=executor, status="PENDING")]

    def recover(self, executor: str, works: Sequence[str]) -> None:
        """Queue again what a worker had started; DBOS counts it, and gives up after `MAX_STARTS` workers.

        DBOS offers this to its own server only, and to a process that starts again under its old executor id. An
        attempt that was started by another worker meanwhile stays as it is, and what the old one writes is refused.
        """
        records = self._connected()._sys_db
        for work in works:
            records.reenqueue_for_recovery(work, [executor], QUEUE)

    def hand_over(self, executor: str) -> None:
        """Queue again what a living worker has given back; its count of deaths begins anew."""
        if works := self.started_by(executor):
            self._connected().resume_workflows(works, queue_name=QUEUE)

    def given_up(self) -> dict[str, bool]:
        """The attempts that DBOS gave up, and whether that was because their workers died too often."""
        return {one.workflow_id: one.status == _GIVEN_UP[0] for one in self._list(status=list(_GIVEN_UP))}

    def forget(self, works: Collection[str]) -> None:
        """Delete the records of these attempts."""
        if works:
            self._connected().delete_workflows(list(works))

    def forget_old_versions(self) -> None:
        """Delete what earlier versions of Wharfinger left in the queue; their units are due again."""
        old = self._connected().list_workflows(app_version=list(OLD_VERSIONS), load_input=False, load_output=False)
        self.forget([one.workflow_id for one in old])

    def close(self) -> None:
        """Close the connections to the queue."""
        with self._lock:
            if self._client is not None:
                self._client.destroy()
                self._client = None

    def _statuses(self, works: Collection[str]) -> dict[str, str]:
        asked = list(works)
        chunks = [asked[start : start + _CHUNK] for start in range(0, len(asked), _CHUNK)]
        return {one.workflow_id: one.status for chunk in chunks for one in self._list(workflow_ids=chunk)}

    def _list(self, **which: Any) -> list[Any]:
        if not self._made():
            return []
        return self._connected().list_workflows(
            **which, app_version=VERSION, name=WORKFLOW, load_input=False, load_output=False
        )

    def _made(self) -> bool:
        """Whether a worker has made the queue: its database, and DBOS's tables in it."""
        if not self._known_made and self._exists():
            engine = queue_engine(self._database())
            self._known_made = inspect(engine).has_table(_TABLE)
            engine.dispose()
        return self._known_made

    def _connected(self) -> DBOSClient:
        with self._lock:
            if self._client is None:
                self._client = DBOSClient(
                    system_database_engine=queue_engine(self._database()),
                    serializer=IdsOnly(),
                    application_name=NAME,
                )
            return self._client


class DbosSteps:
    """The steps of the workflow that this thread performs."""

    def run(self, name: str, action: Action, tries: int = 1) -> bool:
        """See `jobs.ports.Steps`. The pause before another try is the action's own, as DBOS's cannot be ended."""
        options: StepOptions = {
            "name": name,
            "retries_allowed": tries > 1,
            "max_attempts": tries,
            "interval_seconds": 0.0,
            "should_retry": lambda error: isinstance(error, Unavailable),
        }
        return DBOS.run_step(options, lambda: action(_tried()))


def _tried() -> int:
    status = DBOS.step_status
    return (status.current_attempt or 0) if status is not None else 0


class WorkRunner:
    """A worker's end of the queue: takes attempts and performs them, `concurrency` at a time. One a process."""

    def __init__(
        self,
        database: QueueDatabase,
        executor: str,
        perform: Callable[[str, Steps], None],
        concurrency: int = CONCURRENCY,
    ) -> None:
        self._engine = queue_engine(database)
        self._executor = executor
        self._perform = perform
        self._concurrency = concurrency

    def start(self) -> None:
        """Bring the database up to date and begin to take attempts. What other executors left is not touched."""
        DBOS(config=self._config())
        DBOS.workflow(name=WORKFLOW, max_recovery_attempts=MAX_STARTS - 1)(self._workflow())
        DBOS.launch()
        DBOS.register_queue(
            QUEUE,
            worker_concurrency=self._concurrency,
            polling_interval_sec=POLL_SECONDS,
            on_conflict="always_update",
        )

    def stop(self, *, wait_seconds: int = 0) -> None:
        """Take no more attempts, wait so long for those under way, and close the connections."""
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=wait_seconds)
        self._engine.dispose()

    def _workflow(self) -> Callable[[str], None]:
        def unit(work: str) -> None:
            self._perform(work, DbosSteps())

        return unit

    def _config(self) -> DBOSConfig:
        return {
            "name": NAME,
            "application_version": VERSION,
            "executor_id": self._executor,
            "system_database_engine": self._engine,
            "serializer": IdsOnly(),
            "use_listen_notify": False,
            "enable_otlp": False,
            "log_level": "WARNING",
            # A thread that DBOS joins at its end sleeps so long; without listeners it reads nothing from the file.
            "notification_listener_polling_interval_sec": 0.1,
        }
