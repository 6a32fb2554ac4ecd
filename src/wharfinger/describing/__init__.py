"""Texts of tables and columns, by source."""
