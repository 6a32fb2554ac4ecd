"""Texts about tables, imported dbt projects, choices about personal data; and what is kept of deselected tables."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from wharfinger.store.models.connections import Connection


class TableText(models.Model):
    """The texts of one source about one table and its columns. Identified by name, because a text outlives its table.

    `texts` is `{"table": …, "columns": {…}}`, or null where the texts may hold values of the table; then the same
    document is in `sealed`.
    """

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="texts")
    database = models.CharField(max_length=127)
    schema = models.CharField(max_length=127)
    name = models.CharField(max_length=127)
    source = models.CharField(max_length=8)
    project = models.CharField(max_length=255, blank=True)
    texts = models.JSONField(null=True)
    sealed = models.BinaryField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection", "database", "schema", "name", "source"], name="one_text_a_table_and_source"
            )
        ]


class DbtProject(models.Model):
    """The place of an imported dbt project's manifest: a path or an address."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="dbt_projects")
    project = models.CharField(max_length=255)
    path = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "project"], name="one_manifest_a_project")
        ]


class ColumnChoice(models.Model):
    """The owner's choice about one column: the kind of personal data it holds, or `none`."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="choices")
    database = models.CharField(max_length=127)
    schema = models.CharField(max_length=127)
    name = models.CharField(max_length=127)
    column = models.CharField(max_length=127)
    choice = models.CharField(max_length=16)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection", "database", "schema", "name", "column"], name="one_choice_a_column"
            )
        ]


class KeptByPeople(models.Model):
    """What people wrote and decided about a table that is not selected any more: `sealed` as a whole, read by nothing
    until the table is selected again. `texts` and `choices` count what is in it.
    """

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="kept")
    database = models.CharField(max_length=127)
    schema = models.CharField(max_length=127)
    name = models.CharField(max_length=127)
    texts = models.PositiveIntegerField()
    choices = models.PositiveIntegerField()
    sealed = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "database", "schema", "name"], name="kept_once_a_table")
        ]
