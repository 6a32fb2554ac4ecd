"""Profiles of the selected tables."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from wharfinger.store.models.catalog import CatalogTable


class TableProfile(models.Model):
    """The last profile of a table. Counts are in plain columns; every value from the table is in `sealed`."""

    table = models.OneToOneField(CatalogTable, models.CASCADE, primary_key=True, related_name="profile")
    rows = models.BigIntegerField()
    level = models.CharField(max_length=8)
    facts = models.JSONField()
    sealed = models.BinaryField()
    columns_digest = models.CharField(max_length=64)
    signal = models.CharField(max_length=32)
    signal_value = models.TextField(blank=True)
    profiled_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["table_id"]
