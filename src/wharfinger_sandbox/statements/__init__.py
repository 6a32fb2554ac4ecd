"""Statements of the Data API: their life cycle, how they run, and what they leave behind."""
