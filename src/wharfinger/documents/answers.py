"""Which document each command answers with: the source of the interface page, of OpenAPI and of the agents' tools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wharfinger.documents.audit import AuditDocument
from wharfinger.documents.checks import ReportDocument

ANSWERS: Mapping[str, Any] = {
    "connection test": ReportDocument,
    "audit list": AuditDocument,
}
"""The typed shape of the answer by the command's path; what is missing here answers with text only."""
