"""Sessions on Redshift: over the Data API, and over the wire protocol."""
