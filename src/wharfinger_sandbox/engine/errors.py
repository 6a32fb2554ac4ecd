"""The error of the engine itself."""

from __future__ import annotations


class EngineError(Exception):
    """The engine cannot start; the text says why and what to do."""
