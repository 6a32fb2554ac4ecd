"""dbt's driver (`driver`), and manifests from S3 and the web (`manifest_reader`)."""
