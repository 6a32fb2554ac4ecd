"""The command line as a fixture."""

from tests.command_line import cli, home

__all__ = ["cli", "home"]
