"""Django knows the store's models before a test module imports what keeps rows."""

from wharfinger.store import setup

setup()
