"""What a connection's own database user needs to read some tables: a spec of grants that only adds."""
