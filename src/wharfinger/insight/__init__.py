"""Profiles and descriptions of the selected tables."""
