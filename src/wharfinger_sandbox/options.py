"""The options of `wharfinger-sandbox serve`, and the error when it cannot serve with them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class CannotServe(Exception):
    """The sandbox cannot start or cannot continue; the text says why and what to do."""


@dataclass(frozen=True)
class Options:
    """The options of one sandbox.

    `folder` holds the databases (None: a temporary folder), a port of 0 means any free port, `scale` is the scale
    factor of `tpch`. `latency` and `modified_lag` are seconds.
    """

    folder: Path | None = None
    port: int = 0
    wire_port: int = 0
    ready_file: Path | None = None
    data: tuple[str, ...] = ()
    scale: float = 0.01
    latency: float = 0.0
    quotas: bool = False
    modified_lag: float = 0.0
    until_stdin_ends: bool = False
