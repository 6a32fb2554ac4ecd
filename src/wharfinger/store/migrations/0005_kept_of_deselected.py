"""What people wrote and decided about a table is kept, sealed, when the table is deselected."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0004_leases")]

    operations = [
        migrations.CreateModel(
            name="KeptByPeople",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("database", models.CharField(max_length=127)),
                ("schema", models.CharField(max_length=127)),
                ("name", models.CharField(max_length=127)),
                ("texts", models.PositiveIntegerField()),
                ("choices", models.PositiveIntegerField()),
                ("sealed", models.BinaryField()),
                ("at", models.DateTimeField()),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="kept", to="store.connection"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="keptbypeople",
            constraint=models.UniqueConstraint(
                fields=("connection", "database", "schema", "name"), name="kept_once_a_table"
            ),
        ),
    ]
