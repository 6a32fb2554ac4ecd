"""The data sets of `--data`: a generated company (`shop`) and the TPC-H tables (`tpch`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wharfinger_sandbox.engine import Engine

DATA_SETS = ("shop", "tpch")

DBT_PROJECT = Path(__file__).parent / "dbt_project"
"""The dbt project behind `shop`'s schema `analytics`, its manifest made. Copy it before running dbt in it."""


async def load(engine: Engine, names: Sequence[str], scale: float = 0.01) -> None:
    """Load the named data sets, once; `scale` is TPC-H's scale factor (0.01 makes 60,175 line items).

    A data set whose tables are there already, because the folder was used before, is left as it is.
    Raises ValueError for an unknown name.
    """
    # The generators are of use without an engine, so importing this package does not load one.
    from wharfinger_sandbox.data.loading import Loader
    from wharfinger_sandbox.data.shop import load_shop
    from wharfinger_sandbox.data.tpch import load_tpch

    for name in names:
        if name not in DATA_SETS:
            raise ValueError(f"no data set {name!r}; there are {', '.join(DATA_SETS)}")
    async with Loader(engine) as loader:
        if "shop" in names:
            await load_shop(loader)
        if "tpch" in names and not await loader.exists("dev", "tpch"):
            await load_tpch(loader, scale)
