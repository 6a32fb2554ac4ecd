"""The migrations match the models."""

from __future__ import annotations

from pathlib import Path

from wharfinger import store
from wharfinger.store.home import prepare_home


def test_the_migrations_equal_the_models(tmp_path: Path) -> None:
    from django.core.management import call_command

    store.open_database(prepare_home(tmp_path / "home"), b"\x01" * 32)

    call_command("makemigrations", "store", check=True, dry_run=True, verbosity=0)


def test_every_migrated_table_belongs_to_a_model(tmp_path: Path) -> None:
    store.open_database(prepare_home(tmp_path / "home"), b"\x01" * 32)
    from django.apps import apps
    from django.db import connection

    with connection.cursor() as cursor:
        tables = {name for name in connection.introspection.table_names(cursor) if name.startswith("store_")}
    models = {model._meta.db_table for model in apps.get_app_config("store").get_models(include_auto_created=True)}

    assert tables == models
    assert len(models) >= 2
