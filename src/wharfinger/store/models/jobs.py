"""Background work as people see it: runs, their units, the status of each table; and the processes that take part.

What runs, where, and how often it is tried is decided by the queue (`adapters.work`), whose records hold ids only.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from wharfinger.store.models.connections import Connection


class Process(models.Model):
    """A process that takes part: a worker, or one that performs a run directly. It beats while it lives.

    Its lock file shows on this machine whether it is dead. One that is `lost` did not beat for so long that others took
    over its work.
    """

    id = models.CharField(primary_key=True, max_length=32)
    role = models.CharField(max_length=8)
    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    accepting = models.BooleanField(default=True)
    lost = models.BooleanField(default=False)
    beats = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()


class Unit(models.Model):
    """One kind of work for one table, or for several that share statements. `id` is the digest of its content.

    `attempt` counts how often it was requested again: `id-attempt` is the id of the workflow that performs it. `done`,
    `failures` and `ended_at` are of that attempt; `statements` and `api_calls` are what all attempts have cost. `owner`
    is the process that took it last, `fence` counts how often it was taken or taken away: who took it under an earlier
    number may write nothing about it.
    """

    id = models.CharField(primary_key=True, max_length=32)
    connection = models.ForeignKey(Connection, models.CASCADE, related_name="units")
    kind = models.CharField(max_length=16)
    options = models.JSONField(default=dict)
    members = models.JSONField()
    size = models.PositiveIntegerField()
    planned = models.PositiveIntegerField(default=0)
    attempt = models.PositiveIntegerField(default=1)
    owner = models.CharField(max_length=32, blank=True)
    fence = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    statements = models.PositiveIntegerField(default=0)
    api_calls = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["connection", "kind", "ended_at"])]


class Run(models.Model):
    """One time that `asked_by` asked for work on `tables`; `left` are those its ceiling left for another run.

    `statements` and `api_calls` are what was sent before the first unit, to see what changed. `performer` is the
    process that performs it without the queue, if one does.
    """

    id = models.CharField(primary_key=True, max_length=32)
    connection = models.ForeignKey(Connection, models.CASCADE, related_name="runs")
    asked_by = models.CharField(max_length=255, blank=True)
    ceiling = models.PositiveIntegerField(null=True)
    tables = models.JSONField(default=list)
    left = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    performer = models.CharField(max_length=32, blank=True)
    statements = models.PositiveIntegerField(default=0)
    api_calls = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    stopped = models.BooleanField(default=False)


class RunUnit(models.Model):
    """That a run wants an attempt of a unit, and what the unit had cost when the run came to it.

    `after` is the unit that must end first; the workflow of that one enqueues this one.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="wanted")
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="wanted_by")
    attempt = models.PositiveIntegerField(default=1)
    after = models.ForeignKey(Unit, models.SET_NULL, null=True, related_name="followed_by")
    statements_before = models.PositiveIntegerField(default=0)
    api_calls_before = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "unit"], name="wanted_once")]


class TableStatus(models.Model):
    """The status of one job of one table: what people see. `error` is the error's record, or null.

    `signature` is the one that the job was completed with last.
    """

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="statuses")
    database = models.CharField(max_length=127)
    schema = models.CharField(max_length=127)
    name = models.CharField(max_length=127)
    kind = models.CharField(max_length=16)
    status = models.CharField(max_length=9)
    error = models.JSONField(null=True)
    signature = models.CharField(max_length=32, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection", "database", "schema", "name", "kind"], name="one_status_a_table_and_job"
            )
        ]
