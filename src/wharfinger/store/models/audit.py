"""The audit log: one row for each act."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class AuditEvent(models.Model):
    """Who did what to which thing, and when; holds no secret and no value from a table."""

    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=200)
    action = models.CharField(max_length=100)
    subject = models.TextField()
    detail = models.TextField(blank=True)
    outcome = models.CharField(max_length=8, default="done")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["id"]
