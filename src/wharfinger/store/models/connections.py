"""The connections: secrets are sealed in one column, everything else is in plain columns."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Connection(models.Model):
    """One saved connection. `id` never changes: it names the data key and is bound into everything sealed with it."""

    id = models.CharField(primary_key=True, max_length=32)
    name = models.CharField(max_length=64, unique=True)
    target_kind = models.CharField(max_length=16)
    target = models.CharField(max_length=256)
    region = models.CharField(max_length=64)
    database = models.CharField(max_length=127)
    sign_in = models.CharField(max_length=16)
    db_user = models.CharField(max_length=127, blank=True)
    secret_arn = models.CharField(max_length=2048, blank=True)
    host = models.CharField(max_length=255, blank=True)
    port = models.PositiveIntegerField()
    user = models.CharField(max_length=127, blank=True)
    identity_kind = models.CharField(max_length=16)
    aws_profile = models.CharField(max_length=255, blank=True)
    access_key_id = models.CharField(max_length=128, blank=True)
    role_arn = models.CharField(max_length=2048, blank=True)
    external_id = models.CharField(max_length=1224, blank=True)
    endpoint_url = models.CharField(max_length=2048, blank=True)
    account_id = models.CharField(max_length=12, blank=True)
    sealed_secrets = models.BinaryField()
    created_at = models.DateTimeField()
    tested_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["name"]
