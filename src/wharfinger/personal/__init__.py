"""Personal data: which columns hold it, told by name, type and values; the masks; and what data owners decided."""
