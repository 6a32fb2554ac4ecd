"""Descriptions of tables and columns, by source; and everything known about one table."""
