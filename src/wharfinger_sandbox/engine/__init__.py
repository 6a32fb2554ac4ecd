"""PostgreSQL as our own child process: start, bootstrap, connections."""

from wharfinger_sandbox.engine.engine import Engine, EngineError

__all__ = ["Engine", "EngineError"]
