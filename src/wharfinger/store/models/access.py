"""Access plans: stored until they are applied, and afterwards as a record. They hold no secrets."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from wharfinger.store.models.connections import Connection


class AccessPlan(models.Model):
    """One plan. `content` is its request, steps and notes; a password in a step is a placeholder."""

    id = models.CharField(primary_key=True, max_length=32)
    connection = models.ForeignKey(Connection, models.CASCADE, related_name="access_plans")
    digest = models.CharField(max_length=64)
    content = models.JSONField()
    made_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-made_at"]
