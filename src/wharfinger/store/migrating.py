"""Bringing the store's tables up to date: a copy of the file first, then every migration or none."""

from __future__ import annotations

from pathlib import Path

from wharfinger.core.errors import Conflict, Failed, WharfingerError

COPIES = 2
"""The number of copies of earlier stores that are kept."""

_NAMES = "{name}.before-{migration}"


def pending() -> list[str]:
    """The names of the migrations that the open store lacks, in order; much faster than Django's own loader.

    Raises Conflict when the store holds a migration that this version does not have.
    """
    from django.db import connection

    applied = _applied()
    unknown = applied - _known()
    if unknown:
        raise Conflict(
            "The store was written by a newer version of Wharfinger",
            subject=str(connection.settings_dict["NAME"]),
            why=f"it holds the migration {min(unknown)}, which this version does not know",
            next_step="Upgrade Wharfinger, or choose another folder",
            fields=("home",),
        )
    return sorted(_known() - applied)


def migrate(file: Path) -> None:
    """Apply what is pending to the open store in `file`, in one transaction; the caller holds a lock between processes.

    A store that holds data is copied first, to `<file>.before-<number of the first migration>`; the last two copies are
    kept. A new store gets its tables from the models, which equal the migrations: that takes a third of the time.
    Raises Failed when a migration fails, Unavailable when the store stays locked; it is as it was then.
    """
    wanted = pending()  # another process may have done it while this one waited for the lock
    if not wanted:
        return
    new = not _applied()
    copy = None if new else _copy(file, wanted[0])
    _apply(file, copy, new=new)
    if copy is not None:
        _remove_old_copies(file)


def _copy(file: Path, migration: str) -> Path:
    from wharfinger.store.sqlcipher import files

    copy = file.with_name(_NAMES.format(name=file.name, migration=migration.split("_")[0]))
    files.copy(file, copy)
    return copy


def _remove_old_copies(file: Path) -> None:
    copies = sorted(file.parent.glob(_NAMES.format(name=file.name, migration="*")))
    for old in copies[:-COPIES]:
        old.unlink(missing_ok=True)


def _make_tables() -> None:
    """Make the tables of all models, and note every migration as applied."""
    from django.apps import apps
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    with connection.schema_editor() as editor:
        for model in apps.get_app_config("store").get_models(include_auto_created=True):
            editor.create_model(model)
    recorder = MigrationRecorder(connection)
    recorder.ensure_schema()
    for name in sorted(_known()):
        recorder.record_applied("store", name)


def _apply(file: Path, copy: Path | None, *, new: bool) -> None:
    from django.core.management import call_command
    from django.db import OperationalError, connection, transaction

    from wharfinger.store.sqlcipher import files

    try:
        # SQLite changes this setting outside of transactions only, and Django's schema editor insists on it.
        connection.disable_constraint_checking()
        with transaction.atomic():
            if new:
                _make_tables()
            else:
                call_command("migrate", verbosity=0, interactive=False)
    except OperationalError as error:
        if "locked" in str(error):
            raise files.busy(file) from None
        raise
    except (WharfingerError, OSError):
        raise
    except Exception as error:
        raise _failed(file, copy, error) from error
    finally:
        connection.enable_constraint_checking()


def _failed(file: Path, copy: Path | None, error: Exception) -> Failed:
    kept = f"; a copy of it is {copy.name}" if copy is not None else ""
    return Failed(
        "The store could not be brought up to date",
        subject=str(file),
        why=f"a migration ended with {type(error).__name__}. The store is as it was{kept}",
        next_step="Use the version of Wharfinger that wrote the store, and report this",
    )


def _known() -> set[str]:
    folder = Path(__file__).parent / "migrations"
    return {file.stem for file in folder.glob("[0-9]*.py")}


def _applied() -> set[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        if "django_migrations" not in connection.introspection.table_names(cursor):
            return set()
        cursor.execute("select name from django_migrations where app = 'store'")
        return {name for (name,) in cursor.fetchall()}
