"""dbt manifests: what dbt says about tables. `files` reads files of this machine; the other modules are pure."""
