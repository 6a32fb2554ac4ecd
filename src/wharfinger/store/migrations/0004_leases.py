"""A unit belongs to the process that took it last, and a direct run to the process that performs it.

A direct run that is under way in the old layout has no known process any more: it is ended, its tables are due again.
"""

from datetime import UTC, datetime
from typing import Any

from django.db import migrations, models


def end_direct_runs(apps: Any, _editor: Any) -> None:
    runs = apps.get_model("store", "Run").objects.filter(direct=True, ended_at=None)
    runs.update(ended_at=datetime.now(UTC), stopped=True)


class Migration(migrations.Migration):
    dependencies = [("store", "0003_jobs_on_dbos")]

    operations = [
        migrations.AddField("process", "lost", models.BooleanField(default=False)),
        migrations.AddField("unit", "owner", models.CharField(blank=True, max_length=32)),
        migrations.AddField("unit", "fence", models.PositiveIntegerField(default=0)),
        migrations.AddField("run", "performer", models.CharField(blank=True, max_length=32)),
        migrations.RunPython(end_direct_runs, migrations.RunPython.noop),
        migrations.RemoveField("run", "direct"),
    ]
