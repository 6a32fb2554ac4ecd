"""The file profiles.yml: where it is, its fields, its YAML, and reading and replacing it on disk (`store`)."""
