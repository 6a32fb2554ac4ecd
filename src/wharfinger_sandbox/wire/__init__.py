"""The wire port: Redshift's variant of the PostgreSQL protocol, with TLS, in front of the engine."""
