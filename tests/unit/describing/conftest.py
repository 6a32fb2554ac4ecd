"""Loads the store's Django models before a test module imports a store."""

from wharfinger.store import setup

setup()
