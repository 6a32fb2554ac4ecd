"""dbt's connections and manifests."""
