"""Personal data: recognise it by name and value."""
