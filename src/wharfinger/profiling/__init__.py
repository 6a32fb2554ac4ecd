"""Measure the selected tables."""
