"""The composition root: builds each capability once on one home, and hands it its ports. Doors know only this."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wharfinger.adapters.key_service import Keys
    from wharfinger.adapters.sealing import Sealer
    from wharfinger.catalog.service import CatalogService
    from wharfinger.connections.service import ConnectionService
    from wharfinger.insight.description_service import DescriptionService
    from wharfinger.insight.profile_service import ProfileService
    from wharfinger.store.audit import AuditLog


@dataclass(frozen=True)
class App:
    """Everything a door may call."""

    home: Path
    audit: AuditLog
    keys: Keys
    sealer: Sealer
    connections: ConnectionService
    catalog: CatalogService
    profiles: ProfileService
    descriptions: DescriptionService


def open_app(home: Path) -> App:
    """The app on `home`, which is made if absent.

    Raises Refused, NotFound or Conflict when folder, keys and store do not fit together; nothing is changed then.
    """
    from wharfinger.adapters.key_service import Keys
    from wharfinger.adapters.keyring import DATABASE_KEY, Keyring
    from wharfinger.adapters.sealing import Sealer
    from wharfinger.store import locked, open_database, prepare_home
    from wharfinger.store.audit import AuditLog

    home = prepare_home(home)
    keyring = Keyring(home)
    open_database(home, keyring.key(DATABASE_KEY))

    from wharfinger.catalog.service import CatalogService
    from wharfinger.catalog.store import CatalogStore
    from wharfinger.connections.service import ConnectionService
    from wharfinger.connections.store import ConnectionStore
    from wharfinger.insight.description_service import DescriptionService
    from wharfinger.insight.profile_service import ProfileService
    from wharfinger.insight.rules import RulesWriter
    from wharfinger.insight.store_descriptions import ChoiceStore, DescriptionStore
    from wharfinger.insight.store_profiles import ProfileStore

    audit = AuditLog()
    sealer = Sealer(keyring)
    opener = _Later(_opener)
    connections = ConnectionService(ConnectionStore(sealer), opener, _Later(lambda: opener.warehouses), audit)
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
    descriptions = DescriptionService(connections, catalog, profiles, texts, choices, RulesWriter(), audit)
    return App(home, audit, Keys(keyring, audit), sealer, connections, catalog, profiles, descriptions)


def _opener() -> Any:
    from wharfinger.adapters.sessions import SessionOpener

    return SessionOpener()


class _Later:
    """Stands for an adapter until it is used: what never leaves the home need not wait for boto3 to load."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._real: Any = None

    def __getattr__(self, name: str) -> Any:
        with self._lock:
            if self._real is None:
                self._real = self._make()
        return getattr(self._real, name)
