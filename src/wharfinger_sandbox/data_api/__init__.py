"""The Redshift Data API: its 12 operations over the engine."""

from wharfinger_sandbox.data_api.api import DataApi
from wharfinger_sandbox.data_api.settings import Settings, SignIn

__all__ = ["DataApi", "Settings", "SignIn"]
