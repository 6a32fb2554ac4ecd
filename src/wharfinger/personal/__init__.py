"""Personal data: which columns hold it, recognised by name, type and values; the masks; and the owners' choices."""
