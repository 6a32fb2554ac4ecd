"""Sessions over the wire protocol, for sign-in by password (redshift-facts §3)."""
