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


def test_a_new_store_has_the_tables_that_the_migrations_make(tmp_path: Path) -> None:
    from django.core.management import call_command
    from django.db import connection

    def layout() -> dict[str, object]:
        """Each table with its columns, indexes and constraints, whatever their order and names of indexes."""
        with connection.cursor() as cursor:
            names = [name for name in connection.introspection.table_names(cursor) if name.startswith("store_")]
            tables: dict[str, object] = {}
            for name in names:
                cursor.execute(f"pragma table_info({name})")
                columns = {(row[1], row[2], row[3], row[5]) for row in cursor.fetchall()}
                cursor.execute(f"pragma foreign_key_list({name})")
                references = {(row[2], row[3], row[4]) for row in cursor.fetchall()}
                found = connection.introspection.get_constraints(cursor, name).values()
                constraints = sorted(
                    (tuple(one["columns"] or ()), bool(one["unique"]), bool(one["primary_key"]), bool(one["check"]))
                    for one in found
                )
                tables[name] = (columns, references, constraints)
        return tables

    store.open_database(prepare_home(tmp_path / "new"), b"\x01" * 32)
    new = layout()
    connection.disable_constraint_checking()
    with connection.cursor() as cursor:
        for name in [*new, "django_migrations"]:
            cursor.execute(f'drop table "{name}"')
    call_command("migrate", verbosity=0, interactive=False)
    connection.enable_constraint_checking()

    assert len(new) > 10
    assert layout() == new
