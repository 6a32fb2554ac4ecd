"""The composition root: builds each capability once on one home, and hands it its ports. Doors know only this."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from wharfinger.access.service import AccessService
    from wharfinger.adapters.dbos_queue import TicketQueue
    from wharfinger.adapters.dbt_login import DbtDriver
    from wharfinger.adapters.firewalls import SecurityGroups, ThisMachine
    from wharfinger.adapters.key_service import Keys
    from wharfinger.adapters.manifests import Manifests
    from wharfinger.adapters.sealing import Sealer
    from wharfinger.adapters.sessions import SessionOpener
    from wharfinger.adapters.worker_host import WorkerHost
    from wharfinger.catalog.service import CatalogService
    from wharfinger.connections.model import Connection, Secrets
    from wharfinger.connections.networking import Networking
    from wharfinger.connections.service import ConnectionService
    from wharfinger.dbt.checker import DbtChecker
    from wharfinger.dbt.service import DbtProfiles
    from wharfinger.insight.description_service import DescriptionService
    from wharfinger.insight.known import KnownTables
    from wharfinger.insight.process_service import ProcessService
    from wharfinger.insight.profile_service import ProfileService
    from wharfinger.jobs.service import Jobs
    from wharfinger.store.audit import AuditLog

JOBS_KEY = "jobs"

JobsFile = Callable[[], Callable[[], Any]]
"""Opens the job queue's file: answers what makes connections to it."""


@dataclass(frozen=True)
class App:
    """Everything a door may call."""

    home: Path
    audit: AuditLog
    keys: Keys
    sealer: Sealer
    connections: ConnectionService
    networking: Networking
    access: AccessService
    dbt: DbtProfiles
    catalog: CatalogService
    profiles: ProfileService
    descriptions: DescriptionService
    known: KnownTables
    jobs: Jobs
    processing: ProcessService


def open_app(home: Path) -> App:
    """The app on `home`, which is made if absent.

    Raises Refused, NotFound or Conflict when folder, keys and store do not fit together; nothing is changed then.
    """
    return _open(home)[0]


def _open(home: Path) -> tuple[App, JobsFile]:
    from wharfinger.adapters.key_service import Keys
    from wharfinger.adapters.keyring import DATABASE_KEY, Keyring
    from wharfinger.adapters.sealing import Sealer
    from wharfinger.store import jobs_database, locked, open_database, prepare_home
    from wharfinger.store.audit import AuditLog

    home = prepare_home(home)
    keyring = Keyring(home)
    open_database(home, keyring.key(DATABASE_KEY))

    from wharfinger.access.service import AccessService
    from wharfinger.access.store import PlanStore
    from wharfinger.catalog.service import CatalogService
    from wharfinger.catalog.store import CatalogStore
    from wharfinger.connections.networking import Networking
    from wharfinger.connections.service import ConnectionService
    from wharfinger.connections.store import ConnectionStore
    from wharfinger.dbt.service import DbtProfiles
    from wharfinger.dbt.store import ProfilesFile
    from wharfinger.insight.description_service import DescriptionService
    from wharfinger.insight.known import KnownTables
    from wharfinger.insight.process_service import ProcessService
    from wharfinger.insight.profile_service import ProfileService
    from wharfinger.insight.rules import RulesWriter
    from wharfinger.insight.store_descriptions import ChoiceStore, DescriptionStore
    from wharfinger.insight.store_profiles import ProfileStore

    audit = AuditLog()
    sealer = Sealer(keyring)
    opener = _later(_opener)
    saved, control_plane = ConnectionStore(sealer), _later(lambda: opener.control_plane)
    connections = ConnectionService(saved, opener, control_plane, audit)
    kept, texts, choices = ProfileStore(sealer), DescriptionStore(sealer), ChoiceStore()
    catalog = CatalogService(
        connections,
        CatalogStore(),
        connections.open,
        audit,
        lambda name: locked(home, name),
        forget=[kept.forget, texts.forget, choices.forget],
    )
    profiles = ProfileService(connections, catalog, kept, choices.of)
    manifests = _later(lambda: _manifests(saved.secrets))
    descriptions = DescriptionService(connections, catalog, profiles, texts, choices, RulesWriter(), audit, manifests)

    def jobs_file() -> Callable[[], Any]:
        return jobs_database(home, keyring.key(JOBS_KEY, make=True))

    jobs = _jobs(home, jobs_file)
    processing = ProcessService(connections, catalog, profiles, descriptions, jobs, audit)
    return App(
        home=home,
        audit=audit,
        keys=Keys(keyring, audit),
        sealer=sealer,
        connections=connections,
        networking=Networking(saved, control_plane, _later(_security_groups), _later(_this_machine), audit),
        access=AccessService(connections, PlanStore(), audit, lambda: locked(home, "access")),
        dbt=DbtProfiles(connections, ProfilesFile(), audit),
        catalog=catalog,
        profiles=profiles,
        descriptions=descriptions,
        known=KnownTables(catalog, profiles, descriptions),
        jobs=jobs,
        processing=processing,
    ), jobs_file


def _jobs(home: Path, jobs_file: JobsFile) -> Jobs:
    """Background work as those see it who ask for it; DBOS is loaded when something is asked for."""
    from wharfinger.adapters.presence import Presence
    from wharfinger.adapters.worker_process import ChildWorker
    from wharfinger.jobs.service import Jobs
    from wharfinger.jobs.store import JobStore
    from wharfinger.jobs.store_processes import ProcessStore

    def queue() -> TicketQueue:
        from wharfinger.adapters.dbos_queue import TicketQueue

        return TicketQueue(jobs_file)

    presence = Presence(home, "client", ProcessStore())
    return Jobs(JobStore(), _later(queue), ChildWorker(home, presence), presence)


def dbt_checker() -> DbtChecker:
    """Checks profiles of dbt; needs no home."""
    from wharfinger.dbt.checker import DbtChecker
    from wharfinger.dbt.store import ProfilesFile

    return DbtChecker(ProfilesFile(), _later(_dbt_driver))


def open_worker(home: Path) -> WorkerHost:
    """A worker on `home`, for the worker process. Raises what `open_app` raises."""
    from wharfinger.adapters.dbos_queue import TicketQueue
    from wharfinger.adapters.presence import Presence
    from wharfinger.adapters.worker_host import WorkerHost

    app, jobs_file = _open(home)
    from wharfinger.insight.process_work import UnitWork
    from wharfinger.jobs.store import JobStore
    from wharfinger.jobs.store_processes import ProcessStore
    from wharfinger.jobs.worker import Worker

    presence = Presence(app.home, "worker", ProcessStore())
    work = UnitWork(app.connections, app.profiles, app.descriptions)
    return WorkerHost(jobs_file(), presence, Worker(JobStore(), TicketQueue(jobs_file), presence, work))


def _opener() -> SessionOpener:
    from wharfinger.adapters.sessions import SessionOpener

    return SessionOpener()


def _manifests(secrets_of: Callable[[Connection], Secrets]) -> Manifests:
    from wharfinger.adapters.manifests import Manifests

    return Manifests(secrets_of)


def _dbt_driver() -> DbtDriver:
    from wharfinger.adapters.dbt_login import DbtDriver

    return DbtDriver()


def _security_groups() -> SecurityGroups:
    from wharfinger.adapters.firewalls import SecurityGroups

    return SecurityGroups()


def _this_machine() -> ThisMachine:
    from wharfinger.adapters.firewalls import ThisMachine

    return ThisMachine()


T = TypeVar("T")


def _later(make: Callable[[], T]) -> T:
    """What `make` answers, made when it is first used: what never leaves the home need not wait for boto3 to load."""
    return cast("T", _Later(make))


class _Later:
    """Stands for an adapter until it is used."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._real: Any = None

    def __getattr__(self, name: str) -> Any:
        with self._lock:
            if self._real is None:
                self._real = self._make()
        return getattr(self._real, name)
