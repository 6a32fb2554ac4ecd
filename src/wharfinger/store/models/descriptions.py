"""Texts that describe tables, and what owners say of personal data."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from wharfinger.store.models.connections import Connection


class TableText(models.Model):
    """What one source says of one table and its columns; goes by names, since it outlives the table.

    `texts` is `{"table": …, "columns": {…}}`, or null where the words hold values of the table and are in `sealed`.
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
    """Where the manifest of an imported dbt project lies."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="dbt_projects")
    project = models.CharField(max_length=255)
    path = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "project"], name="one_manifest_a_project")
        ]


class ColumnChoice(models.Model):
    """The owner's word on what personal data a column holds: a kind, or `none`."""

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
