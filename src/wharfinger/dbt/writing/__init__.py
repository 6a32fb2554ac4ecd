"""`dbt profile`: a connection becomes a target of profiles.yml. `service` acts; the other modules are pure."""
