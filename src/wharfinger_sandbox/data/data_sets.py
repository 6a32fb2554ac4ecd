"""Loads the data sets of `--data` into an engine."""

from __future__ import annotations

from collections.abc import Sequence

from wharfinger_sandbox.data import DATA_SETS
from wharfinger_sandbox.data.loading import Loader
from wharfinger_sandbox.data.shop_loading import load_shop
from wharfinger_sandbox.data.tpch import load_tpch
from wharfinger_sandbox.engine import Engine


async def load(engine: Engine, names: Sequence[str], scale: float = 0.01) -> None:
    """Load the data sets `names`; `scale` is the scale factor of TPC-H (0.01 makes 60,175 line items).

    A data set whose tables exist, because the folder was used before, is left unchanged. Raises ValueError for an
    unknown name.
    """
    for name in names:
        if name not in DATA_SETS:
            raise ValueError(f"no data set {name!r}; choose from {', '.join(DATA_SETS)}")
    async with Loader(engine) as loader:
        if "shop" in names:
            await load_shop(loader)
        if "tpch" in names and not await loader.exists("dev", "tpch"):
            await load_tpch(loader, scale)
