"""When a plan of access was applied, and what was last done to each user's password."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0005_kept_of_deselected")]

    operations = [
        migrations.AddField("accessplan", "applied", models.PositiveIntegerField(default=0)),
        migrations.AddField("accessplan", "applied_at", models.DateTimeField(null=True)),
        migrations.CreateModel(
            "AccessPassword",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user", models.CharField(max_length=127)),
                ("user_id", models.BigIntegerField()),
                ("state", models.CharField(max_length=8)),
                ("changed_at", models.DateTimeField()),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="access_passwords",
                        to="store.connection",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=["connection", "user"], name="one_password_a_user")],
            },
        ),
    ]
