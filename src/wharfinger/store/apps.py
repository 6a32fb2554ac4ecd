"""The Django application that holds the tables of every capability."""

from __future__ import annotations

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """Known to Django as `store`."""

    name = "wharfinger.store"
    label = "store"
    default_auto_field = "django.db.models.BigAutoField"
