"""Places for the master key: a local file, and AWS Secrets Manager."""
