"""Background work is decided by DBOS: our rows keep the content of units and what people see of them.

Work that is under way in the old layout is ended here, and its tables are due again: their status is `queued`, which
the next processing takes for work left undone. Its old records in the queue are deleted by the next worker.
"""

from datetime import UTC, datetime
from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, OuterRef, Subquery


def end_what_is_under_way(apps: Any, _editor: Any) -> None:
    now = datetime.now(UTC)
    unit, run, status = (apps.get_model("store", name) for name in ("Unit", "Run", "TableStatus"))
    unit.objects.filter(ended_at=None).update(ended_at=now)
    unit.objects.filter(status__in=("completed", "failed")).update(done=F("size"))
    # The tickets of the old queue were `id-generation`: the next attempt's id has to be a new one.
    attempt = unit.objects.filter(id=OuterRef("unit_id")).values("attempt")[:1]
    apps.get_model("store", "RunUnit").objects.update(attempt=Subquery(attempt))
    run.objects.filter(ended_at=None).update(ended_at=now, stopped=True)
    run.objects.update(asked_by="local")
    status.objects.filter(status="running").update(status="queued")


class Migration(migrations.Migration):
    dependencies = [("store", "0002_audit_outcome")]

    operations = [
        migrations.RemoveIndex("unit", "store_unit_connect_0c7e4c_idx"),
        migrations.RenameField("unit", "generation", "attempt"),
        migrations.AddField("unit", "done", models.PositiveIntegerField(default=0)),
        migrations.AddField("run", "asked_by", models.CharField(blank=True, max_length=255)),
        migrations.AddField("run", "tables", models.JSONField(default=list)),
        migrations.AddField("run", "left", models.JSONField(default=list)),
        migrations.AddField("run", "notes", models.JSONField(default=list)),
        migrations.AddField("run", "direct", models.BooleanField(default=False)),
        migrations.AddField("rununit", "attempt", models.PositiveIntegerField(default=1)),
        migrations.AddField(
            "rununit",
            "after",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="followed_by",
                to="store.unit",
            ),
        ),
        migrations.RunPython(end_what_is_under_way, migrations.RunPython.noop),
        migrations.AlterField("unit", "attempt", models.PositiveIntegerField(default=1)),
        migrations.RemoveField("run", "owner"),
        *(
            migrations.RemoveField("unit", name)
            for name in ("after", "parent", "status", "ticket", "enqueued", "claims", "executor")
        ),
        migrations.AlterField("unit", "kind", models.CharField(max_length=16)),
        migrations.AlterField("tablestatus", "kind", models.CharField(max_length=16)),
        migrations.AddIndex(
            "unit", models.Index(fields=["connection", "kind", "ended_at"], name="store_unit_connect_e737cb_idx")
        ),
    ]
