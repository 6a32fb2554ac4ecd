"""Places for the master key."""
