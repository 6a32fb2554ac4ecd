"""The Django app with the tables and migrations."""
