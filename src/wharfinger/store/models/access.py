"""Access plans, stored until they are applied and afterwards as a record; and what was done to passwords.

Neither holds a secret.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from wharfinger.store.models.connections import Connection


class AccessPlan(models.Model):
    """One plan. `content` is its request, steps and notes; a password in a step is a placeholder.

    `applied` steps took effect when it was last applied, at `applied_at`.
    """

    id = models.CharField(primary_key=True, max_length=32)
    connection = models.ForeignKey(Connection, models.CASCADE, related_name="access_plans")
    digest = models.CharField(max_length=64)
    content = models.JSONField()
    made_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    applied = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["-made_at"]


class AccessPassword(models.Model):
    """What was last done to one user's password through a connection: `set`, `disabled`, or `unknown`.

    `user_id` is the usesysid of the user at that time: another user of the same name has another one.
    """

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="access_passwords")
    user = models.CharField(max_length=127)
    user_id = models.BigIntegerField()
    state = models.CharField(max_length=8)
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["connection", "user"], name="one_password_a_user")]
