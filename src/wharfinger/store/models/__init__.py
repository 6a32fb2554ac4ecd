"""The tables of every capability, each in its own module."""

from wharfinger.store.models.access import AccessPassword, AccessPlan
from wharfinger.store.models.audit import AuditEvent
from wharfinger.store.models.catalog import CatalogReading, CatalogTable, SelectedTable
from wharfinger.store.models.connections import Connection
from wharfinger.store.models.descriptions import ColumnChoice, DbtProject, KeptByPeople, TableText
from wharfinger.store.models.jobs import Process, Run, RunUnit, TableStatus, Unit
from wharfinger.store.models.profiles import TableProfile

__all__ = [
    "AccessPassword",
    "AccessPlan",
    "AuditEvent",
    "CatalogReading",
    "CatalogTable",
    "ColumnChoice",
    "Connection",
    "DbtProject",
    "KeptByPeople",
    "Process",
    "Run",
    "RunUnit",
    "SelectedTable",
    "TableProfile",
    "TableStatus",
    "TableText",
    "Unit",
]
