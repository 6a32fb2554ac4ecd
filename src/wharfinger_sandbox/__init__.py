"""A local Redshift: the Data API, the credential services and the wire protocol on a PostgreSQL server."""

__version__ = "0.1.0"
