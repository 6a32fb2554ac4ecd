"""Measuring the selected tables: which are due, in which units, with which statements; and their profiles."""
