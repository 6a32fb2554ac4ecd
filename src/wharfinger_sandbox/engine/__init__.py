"""The engine: a PostgreSQL server as a child process, its data folder and the connections to it."""

from wharfinger_sandbox.engine.engine import Engine, InitialData
from wharfinger_sandbox.engine.errors import EngineError

__all__ = ["Engine", "EngineError", "InitialData"]
