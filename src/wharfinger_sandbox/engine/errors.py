"""What goes wrong with the engine itself."""

from __future__ import annotations


class EngineError(Exception):
    """The engine cannot start; the text says what is wrong and what to do."""
