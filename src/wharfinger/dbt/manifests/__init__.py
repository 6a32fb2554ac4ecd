"""dbt manifests: what dbt says of tables. `files` reads files of this machine; the other modules are pure."""
