"""The wire port: Redshift's PostgreSQL protocol, over TLS, in front of the engine."""
