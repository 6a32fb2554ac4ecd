"""The tables of every capability; each in a module of its own."""

from wharfinger.store.models.audit import AuditEvent
from wharfinger.store.models.connections import Connection

__all__ = ["AuditEvent", "Connection"]
