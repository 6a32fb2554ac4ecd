"""Django's settings for the store: static, so that tools can read them; the database file is named at run time."""

from __future__ import annotations

from typing import Any

INSTALLED_APPS = ["wharfinger.store"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"

# `open_database` sets NAME, this one serves makemigrations; the backend holds the key, never the settings.
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "wharfinger.store.sqlcipher",
        "NAME": ":memory:",
        "OPTIONS": {"timeout": 30, "transaction_mode": "IMMEDIATE"},
    }
}
