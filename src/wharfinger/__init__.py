"""Wharfinger opens an Amazon Redshift warehouse to people, to dbt and to AI agents."""

__version__ = "0.1.0"
