"""The Django app with the tables and migrations; the home folder and its encrypted database files."""

from wharfinger.store.database import close_database, jobs_database, open_database, setup
from wharfinger.store.home import prepare_home
from wharfinger.store.home_storage import HomeStorage
from wharfinger.store.transactions import durable, exclusive

__all__ = [
    "HomeStorage",
    "close_database",
    "durable",
    "exclusive",
    "jobs_database",
    "open_database",
    "prepare_home",
    "setup",
]
