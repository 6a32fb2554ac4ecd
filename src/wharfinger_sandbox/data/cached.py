"""Data sets that are loaded once on a machine and copied from then on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from wharfinger_sandbox.data import data_sets
from wharfinger_sandbox.engine import Engine, InitialData

MAX_CACHED_SCALE = 0.05
"""The largest scale factor of TPC-H that is cached (about 80 MB); larger data would fill the cache."""


def cached_data(names: Sequence[str], scale: float) -> InitialData | None:
    """The data sets `names` as the initial data of a data folder; None when they are not cached."""
    if not names or ("tpch" in names and scale > MAX_CACHED_SCALE):
        return None

    async def load(engine: Engine) -> None:
        await data_sets.load(engine, names, scale)

    which = [*sorted(names), *([str(scale).replace(".", "p")] if "tpch" in names else [])]
    return InitialData("-".join([*which, _digest()]), load)


def _digest() -> str:
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*")):
        if path.suffix in (".py", ".sql", ".yml"):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]
