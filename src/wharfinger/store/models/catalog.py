"""The tree of tables, and the details of the selected ones."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from wharfinger.store.models.connections import Connection


class CatalogReading(models.Model):
    """The refreshes of a connection: the number of the last one, and of the last one that was completed."""

    connection = models.OneToOneField(Connection, models.CASCADE, primary_key=True, related_name="reading")
    number = models.PositiveIntegerField(default=0)
    settled = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(null=True)


class CatalogTable(models.Model):
    """One name in the tree: all that is stored about a table that is not selected.

    `first_seen` and `seen` are the numbers of the first and the last refresh that found the table; a table that the
    last refresh did not find has the state `gone`.
    """

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="tables")
    database = models.CharField(max_length=127)
    schema = models.CharField(max_length=127)
    name = models.CharField(max_length=127)
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=8, default="new")
    selected = models.BooleanField(default=False)
    first_seen = models.PositiveIntegerField()
    seen = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar = ["database", "schema", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "database", "schema", "name"], name="one_row_a_table")
        ]
        indexes: ClassVar = [models.Index(fields=["connection", "selected"])]


class SelectedTable(models.Model):
    """The details of a selected table at the last reading; deleted when the table is deselected."""

    table = models.OneToOneField(CatalogTable, models.CASCADE, primary_key=True, related_name="details")
    owner = models.CharField(max_length=127, blank=True)
    comment = models.TextField(blank=True)
    columns = models.JSONField(default=list)
    keys = models.JSONField(default=dict)
    rows = models.BigIntegerField(null=True)
    estimated_rows = models.BigIntegerField(null=True)
    megabytes = models.BigIntegerField(null=True)
    dist_style = models.CharField(max_length=255, blank=True)
    sort_key = models.CharField(max_length=255, blank=True)
    columns_digest = models.CharField(max_length=64, blank=True)
    signal = models.CharField(max_length=32, blank=True)
    signal_value = models.TextField(blank=True)
    processed_columns = models.CharField(max_length=64, blank=True)
    processed_signal = models.CharField(max_length=32, blank=True)
    processed_value = models.TextField(blank=True)
    read_at = models.DateTimeField()
