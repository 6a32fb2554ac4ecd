"""Applying the steps of a plan, and the passwords that are made for it."""
