"""Sessions over the Redshift Data API (redshift-facts §1)."""
