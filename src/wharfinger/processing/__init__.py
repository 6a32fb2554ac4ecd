"""A run: what is due, its units, its estimate and its report."""
