"""Background work on DBOS, and the processes that take part."""
