"""Background work: runs, the units they are cut into, the status of each table, and the processes that take part."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from wharfinger.store.models.connections import Connection


class Process(models.Model):
    """A process that takes part: a worker, or somebody who waits for a run. It beats while it lives.

    Whether it lives is told by its lock file on this machine, and by the beats elsewhere.
    """

    id = models.CharField(primary_key=True, max_length=32)
    role = models.CharField(max_length=8)
    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    accepting = models.BooleanField(default=True)
    beats = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()


class Unit(models.Model):
    """What one background workflow does: one job for one table, or for several that share statements.

    `ticket` is the workflow that may perform it, empty while none may; `generation` counts the tickets.
    """

    id = models.CharField(primary_key=True, max_length=32)
    connection = models.ForeignKey(Connection, models.CASCADE, related_name="units")
    kind = models.CharField(max_length=8)
    options = models.JSONField(default=dict)
    members = models.JSONField()
    size = models.PositiveIntegerField()
    failures = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=9)
    planned = models.PositiveIntegerField(default=0)
    generation = models.PositiveIntegerField(default=0)
    ticket = models.CharField(max_length=48, blank=True, db_index=True)
    enqueued = models.BooleanField(default=False)
    claims = models.PositiveIntegerField(default=0)
    executor = models.CharField(max_length=32, blank=True)
    after = models.ForeignKey("self", models.SET_NULL, null=True, related_name="followers")
    parent = models.ForeignKey("self", models.SET_NULL, null=True, related_name="parts")
    statements = models.PositiveIntegerField(default=0)
    api_calls = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["connection", "kind", "status"])]


class Run(models.Model):
    """One time that somebody asked for tables to be processed. `owner` is the process that waits for it.

    `statements` and `api_calls` are what was sent before the first unit, to see what changed.
    """

    id = models.CharField(primary_key=True, max_length=32)
    connection = models.ForeignKey(Connection, models.CASCADE, related_name="runs")
    owner = models.CharField(max_length=32)
    ceiling = models.PositiveIntegerField(null=True)
    statements = models.PositiveIntegerField(default=0)
    api_calls = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    stopped = models.BooleanField(default=False)


class RunUnit(models.Model):
    """That a run wants a unit, and what the unit had cost when the run came to it."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="wanted")
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="wanted_by")
    statements_before = models.PositiveIntegerField(default=0)
    api_calls_before = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "unit"], name="wanted_once")]


class TableStatus(models.Model):
    """How one of the two jobs of one table stands: what people see. `error` is the error object, or null.

    `signature` is the one that the job was completed with last.
    """

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="statuses")
    database = models.CharField(max_length=127)
    schema = models.CharField(max_length=127)
    name = models.CharField(max_length=127)
    kind = models.CharField(max_length=8)
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
