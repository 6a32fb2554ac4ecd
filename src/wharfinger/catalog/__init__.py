"""What exists: read, select, sign, compare."""
