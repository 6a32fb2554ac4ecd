"""PostgreSQL as our own child process: start, bootstrap, connections."""

from wharfinger_sandbox.engine.engine import Engine, InitialData
from wharfinger_sandbox.engine.errors import EngineError

__all__ = ["Engine", "EngineError", "InitialData"]
