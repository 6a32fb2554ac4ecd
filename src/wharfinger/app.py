"""The composition root: builds each capability once on one home, with the adapters it needs. Only doors import this."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from wharfinger.core.acting import LOCAL, Actor, Acts
from wharfinger.core.by_people import ByPeople
from wharfinger.core.computer import trouble_of
from wharfinger.core.storage import QueueDatabase, Storage

if TYPE_CHECKING:
    from wharfinger.access.granting.service import GrantsService
    from wharfinger.access.service import AccessService
    from wharfinger.adapters.aws.firewalls import SecurityGroups, ThisMachine
    from wharfinger.adapters.dbt.driver import DbtDriver
    from wharfinger.adapters.dbt.manifest_reader import ManifestReader
    from wharfinger.adapters.redshift.sessions import SessionOpener
    from wharfinger.adapters.work.dbos_engine import WorkQueue
    from wharfinger.adapters.work.worker_host import WorkerHost
    from wharfinger.audit.service import AuditReading
    from wharfinger.catalog.service import CatalogService
    from wharfinger.catalog.store_kept import KeptStore
    from wharfinger.connections.network_service import NetworkService
    from wharfinger.connections.service import ConnectionService
    from wharfinger.connections.store import ConnectionStore
    from wharfinger.dbt.checking.service import ProfilesChecker
    from wharfinger.dbt.writing.service import DbtProfiles
    from wharfinger.describing.details import DetailsService
    from wharfinger.describing.service import DescriptionService
    from wharfinger.describing.store import DescriptionStore
    from wharfinger.jobs.kinds import Kinds
    from wharfinger.jobs.service import Jobs
    from wharfinger.jobs.store_tables import TableStatuses
    from wharfinger.keys.keyring import Keyring
    from wharfinger.keys.sealing import Sealer
    from wharfinger.keys.service import Keys
    from wharfinger.personal.store import ChoiceStore
    from wharfinger.processing.service import ProcessService
    from wharfinger.profiling.service import ProfileService
    from wharfinger.profiling.store import ProfileStore
    from wharfinger.store.audit import AuditLog

JOBS_KEY = "jobs"


class Parts:
    """What all actors of one process share: the home's keys and stores, and the adapters. Made when first used.

    What needs boto3 or DBOS is made on first use, so that a command that uses neither does not wait for them to load.
    `waiting` is told which other process this one waits for.
    """

    def __init__(self, home: Path, waiting: Callable[[str], None] = lambda _: None) -> None:
        from wharfinger.adapters.keys.providers import providers_of
        from wharfinger.keys.keyring import DATABASE_KEY, Keyring
        from wharfinger.store import HomeStorage, prepare_home

        self.home = prepare_home(home)
        self.storage: Storage = HomeStorage(self.home, waiting)
        self.keyring: Keyring = Keyring(self.storage.keyring, providers_of(self.home))
        self.keyring.require_store()
        self.storage.open(self.keyring.key(DATABASE_KEY))
        self.keyring.note_store()

    @cached_property
    def audit(self) -> AuditLog:
        """The audit log."""
        from wharfinger.store.audit import AuditLog

        return AuditLog()

    @cached_property
    def sealer(self) -> Sealer:
        """Seals secret values, each for its row."""
        from wharfinger.keys.sealing import Sealer

        return Sealer(self.keyring)

    @cached_property
    def saved(self) -> ConnectionStore:
        """The saved connections."""
        from wharfinger.connections.store import ConnectionStore

        return ConnectionStore(self.sealer)

    @cached_property
    def profiles(self) -> ProfileStore:
        """The stored profiles."""
        from wharfinger.profiling.store import ProfileStore

        return ProfileStore(self.sealer)

    @cached_property
    def texts(self) -> DescriptionStore:
        """The stored descriptions."""
        from wharfinger.describing.store import DescriptionStore

        return DescriptionStore(self.sealer)

    @cached_property
    def choices(self) -> ChoiceStore:
        """The owners' choices about personal data."""
        from wharfinger.personal.store import ChoiceStore

        return ChoiceStore()

    @cached_property
    def statuses(self) -> TableStatuses:
        """The last status of each kind of work on a table."""
        from wharfinger.jobs.store_tables import TableStatuses

        return TableStatuses()

    @cached_property
    def kept(self) -> KeptStore:
        """What people wrote and decided about deselected tables."""
        from wharfinger.catalog.store_kept import KeptStore

        return KeptStore(self.sealer, self.texts, self.choices)

    def by_people(self, connection: str) -> ByPeople:
        """How much people wrote and decided about the tables of a connection, deselected ones included."""
        written = ByPeople(self.texts.count_written(connection), self.choices.count(connection))
        return written + self.kept.count(connection)

    @cached_property
    def opener(self) -> SessionOpener:
        """Opens sessions; loads boto3."""
        from wharfinger.adapters.redshift.sessions import SessionOpener

        return SessionOpener()

    @cached_property
    def manifests(self) -> ManifestReader:
        """Reads dbt manifests."""
        from wharfinger.adapters.dbt.manifest_reader import ManifestReader

        return ManifestReader(self.saved.secrets)

    @cached_property
    def security_groups(self) -> SecurityGroups:
        """The firewalls of VPCs; loads boto3."""
        from wharfinger.adapters.aws.firewalls import SecurityGroups

        return SecurityGroups()

    @cached_property
    def this_machine(self) -> ThisMachine:
        """This machine's addresses."""
        from wharfinger.adapters.aws.firewalls import ThisMachine

        return ThisMachine()

    def queue_database(self) -> QueueDatabase:
        """How to reach the job queue's own database, which is made if absent."""
        return self.storage.queue(self.keyring.key(JOBS_KEY, make=True))

    @cached_property
    def queue(self) -> WorkQueue:
        """The durable queue; loads DBOS."""
        from wharfinger.adapters.work.dbos_engine import WorkQueue

        return WorkQueue(self.storage.queue_exists, self.queue_database)


class App:
    """Every capability, for one actor: its services ask what the actor may do, and record what it does."""

    def __init__(self, parts: Parts, actor: Actor = LOCAL) -> None:
        self.parts = parts
        self.acts = Acts(actor, parts.audit)

    def acting(self, actor: Actor) -> App:
        """The same capabilities for another actor."""
        return App(self.parts, actor)

    @property
    def home(self) -> Path:
        """The home folder."""
        return self.parts.home

    @cached_property
    def audit(self) -> AuditReading:
        """The verb `audit:list`."""
        from wharfinger.audit.service import AuditReading

        return AuditReading(self.parts.audit, self.acts)

    @cached_property
    def keys(self) -> Keys:
        """The verbs of keys."""
        from wharfinger.keys.service import Keys

        return Keys(self.parts.keyring, self.acts)

    @cached_property
    def connections(self) -> ConnectionService:
        """The verbs of connections."""
        from wharfinger.connections.service import ConnectionService

        parts = self.parts
        return ConnectionService(
            parts.saved,
            lambda: parts.opener,
            lambda: parts.opener.control_plane,
            self.acts,
            by_people=parts.by_people,
        )

    @cached_property
    def network(self) -> NetworkService:
        """The verb `connection:network`."""
        from wharfinger.connections.network_service import NetworkService

        parts = self.parts
        return NetworkService(
            parts.saved,
            lambda: parts.opener.control_plane,
            lambda: parts.security_groups,
            lambda: parts.this_machine,
            self.acts,
        )

    @cached_property
    def access(self) -> AccessService:
        """The verbs of access."""
        from wharfinger.access.service import AccessService
        from wharfinger.access.store import PasswordStore, PlanStore

        storage = self.parts.storage
        return AccessService(
            self.connections, PlanStore(), PasswordStore(), self.acts, lambda: storage.locked("access")
        )

    @cached_property
    def grants(self) -> GrantsService:
        """The verb `connection:grants`."""
        from wharfinger.access.granting.service import GrantsService
        from wharfinger.access.store import PasswordStore

        return GrantsService(self.connections, PasswordStore(), self.acts)

    @cached_property
    def dbt(self) -> DbtProfiles:
        """The verbs of dbt profiles."""
        from wharfinger.dbt.profiles_yml.store import ProfilesFile
        from wharfinger.dbt.writing.service import DbtProfiles

        return DbtProfiles(self.connections, ProfilesFile(), self.acts)

    @cached_property
    def catalog(self) -> CatalogService:
        """The verbs of the tree of tables."""
        from wharfinger.catalog.service import CatalogService
        from wharfinger.catalog.store import CatalogStore

        parts = self.parts
        return CatalogService(
            CatalogStore(),
            self.connections.open,
            self.acts,
            parts.storage.locked,
            parts.kept,
            forget=[parts.profiles.forget, parts.texts.forget, parts.choices.forget, parts.statuses.forget],
        )

    @cached_property
    def profiles(self) -> ProfileService:
        """Profiling, for processing and the other capabilities."""
        from wharfinger.profiling.service import ProfileService

        return ProfileService(self.connections, self.catalog, self.parts.profiles, self.parts.choices.of)

    @cached_property
    def descriptions(self) -> DescriptionService:
        """The verbs of describing."""
        from wharfinger.describing.rules import RulesWriter
        from wharfinger.describing.service import DescriptionService

        parts = self.parts
        return DescriptionService(
            self.catalog,
            self.profiles,
            parts.texts,
            parts.choices,
            RulesWriter(),
            self.acts,
            lambda: parts.manifests,
        )

    @cached_property
    def details(self) -> DetailsService:
        """The verb `show:table`."""
        from wharfinger.describing.details import DetailsService

        return DetailsService(self.catalog, self.profiles, self.descriptions, self.parts.statuses.of, self.acts)

    @cached_property
    def kinds(self) -> Kinds:
        """The kinds of background work, with what performs each."""
        from wharfinger.processing.handlers import kinds_of_work

        return kinds_of_work(self.connections, self.profiles, self.descriptions)

    @cached_property
    def jobs(self) -> Jobs:
        """Background jobs: requesting, following and cancelling them."""
        from wharfinger.adapters.work.presence import Presence
        from wharfinger.adapters.work.worker_process import ChildWorker
        from wharfinger.jobs.service import Jobs
        from wharfinger.jobs.store import JobStore
        from wharfinger.jobs.store_processes import ProcessStore
        from wharfinger.jobs.timing import Timing

        storage, timing = self.parts.storage, Timing.from_environment(os.environ)
        presence = Presence(storage, "client", ProcessStore(), timing)
        return Jobs(
            JobStore(),
            lambda: self.parts.queue,
            ChildWorker(self.home, presence, storage, start_seconds=timing.worker_start),
            lambda: self.kinds,
            storage,
            presence,
            timing,
            lambda error: trouble_of(error, self.home),
        )

    @cached_property
    def processing(self) -> ProcessService:
        """The verbs of processing."""
        from wharfinger.processing.service import ProcessService

        return ProcessService(self.catalog, self.profiles, self.descriptions, self.jobs, self.acts)


def open_app(home: Path, actor: Actor = LOCAL, waiting: Callable[[str], None] = lambda _: None) -> App:
    """The app on `home`, which is made if absent, for `actor`. `waiting` is told which other process it waits for.

    Raises Refused, NotFound or Conflict when folder, keys and store do not fit together; nothing is changed then.
    """
    return App(Parts(home, waiting), actor)


def profiles_checker() -> ProfilesChecker:
    """Checks a profiles.yml; needs no home. The driver is loaded when a check first uses it."""
    from wharfinger.dbt.checking.service import ProfilesChecker
    from wharfinger.dbt.manifests.files import read_build
    from wharfinger.dbt.profiles_yml.store import ProfilesFile

    def driver() -> DbtDriver:
        from wharfinger.adapters.dbt.driver import DbtDriver

        return DbtDriver()

    return ProfilesChecker(ProfilesFile(), driver, read_build)


def open_worker(home: Path) -> WorkerHost:
    """A worker on `home`, for the worker process. Raises what `open_app` raises."""
    app = App(Parts(home), Actor("worker", "administrator"))

    from wharfinger.adapters.work.presence import Presence
    from wharfinger.adapters.work.worker_host import WorkerHost
    from wharfinger.jobs.store import JobStore
    from wharfinger.jobs.store_processes import ProcessStore
    from wharfinger.jobs.timing import Timing
    from wharfinger.jobs.worker import Worker

    timing = Timing.from_environment(os.environ)
    presence = Presence(app.parts.storage, "worker", ProcessStore(), timing)
    worker = Worker(
        JobStore(), app.parts.queue, presence, app.kinds, timing, explain=lambda error: trouble_of(error, app.home)
    )
    return WorkerHost(app.parts.queue_database(), app.parts.queue, presence, worker)
