"""dbt: profiles.yml written, checked and explained. What dbt says of tables is read by `insight`."""
