"""Which document each command answers with: the source of the interface page, of OpenAPI and of the agents' tools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wharfinger.documents.access import (
    AppliedDocument,
    GrantsDocument,
    PlanDocument,
    PlansDocument,
    RotatedDocument,
    SpecDocument,
    UserReportDocument,
)
from wharfinger.documents.audit import AuditDocument
from wharfinger.documents.checks import ReportDocument
from wharfinger.documents.connections import (
    AddedDocument,
    ConnectionDocument,
    ConnectionsDocument,
    DiscoveryDocument,
    NetworkDocument,
    PolicyDocument,
    RemovedDocument,
)
from wharfinger.documents.dbt import ImportDocument, ProfileDocument, ProfilesReportDocument
from wharfinger.documents.demo import DemoDocument
from wharfinger.documents.descriptions import DescribedDocument
from wharfinger.documents.details import TableDetailsDocument
from wharfinger.documents.keys import KeyStateDocument, MovedKeyDocument
from wharfinger.documents.processing import EstimateDocument, ProcessedDocument
from wharfinger.documents.tables import RefreshedDocument, SelectionDocument, TablesDocument

ANSWERS: Mapping[str, Any] = {
    "connection policy": PolicyDocument,
    "connection network": NetworkDocument,
    "connection discover": DiscoveryDocument,
    "connection add": AddedDocument,
    "connection test": ReportDocument,
    "connection list": ConnectionsDocument,
    "connection show": ConnectionDocument,
    "connection rename": ConnectionDocument,
    "connection remove": RemovedDocument,
    "connection grants": GrantsDocument,
    "tables refresh": RefreshedDocument,
    "tables list": TablesDocument,
    "tables select": SelectionDocument,
    "tables deselect": SelectionDocument,
    "process": ProcessedDocument | EstimateDocument,
    "show": TableDetailsDocument,
    "describe": DescribedDocument,
    "access plan": PlanDocument,
    "access apply": AppliedDocument,
    "access plans": PlansDocument,
    "access verify": PlanDocument,
    "access inspect": SpecDocument,
    "access check": UserReportDocument,
    "access rotate": RotatedDocument,
    "access remove": PlanDocument,
    "keys show": KeyStateDocument,
    "keys move": MovedKeyDocument,
    "dbt profile": ProfileDocument,
    "dbt check": ProfilesReportDocument,
    "dbt import": ImportDocument,
    "demo": DemoDocument,
    "audit list": AuditDocument,
}
"""The typed shape of the answer by the command's path; what is missing here answers with text only."""
