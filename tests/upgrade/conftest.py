"""The command line as a fixture, on a home that the test has unpacked."""

from tests.command_line import cli, home

__all__ = ["cli", "home"]
