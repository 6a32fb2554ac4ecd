"""The 12 operations of the Redshift Data API (redshift-facts §1.2)."""

from wharfinger_sandbox.data_api.api import DataApi
from wharfinger_sandbox.data_api.settings import Settings, SignIn

__all__ = ["DataApi", "Settings", "SignIn"]
