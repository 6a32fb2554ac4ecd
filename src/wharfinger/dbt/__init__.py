"""dbt: its connection profiles (profiles.yml) and what its manifests say about tables."""
