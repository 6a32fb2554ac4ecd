"""Descriptions of tables and columns."""

from __future__ import annotations

from typing_extensions import TypedDict

from wharfinger.describing.model import Described, Description, Source
from wharfinger.documents.names import TableNameDocument, table_name_document


class DescriptionDocument(TypedDict):
    """A text and its source."""

    text: str
    source: Source


class DescribedDocument(TableNameDocument):
    """The result of an edit. `column` is null for the table itself; `description` is the one shown now, if any."""

    column: str | None
    description: DescriptionDocument | None


def description_document(description: Description | None) -> DescriptionDocument | None:
    """One description, null where there is none."""
    return {"text": description.text, "source": description.source} if description else None


def described_document(described: Described) -> DescribedDocument:
    """The result of an edit."""
    return {
        **table_name_document(described.table),
        "column": described.column,
        "description": description_document(described.description),
    }
