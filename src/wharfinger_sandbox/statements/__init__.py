"""Statements of the Data API: their life cycle, their execution and their results (redshift-facts §1.3-§1.7)."""
