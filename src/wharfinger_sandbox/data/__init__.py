"""The data sets of `--data`: a generated company (`shop`) and the TPC-H tables (`tpch`).

Importing this package does not load the engine; `data_sets.load` does.
"""

from __future__ import annotations

from pathlib import Path

DATA_SETS = ("shop", "tpch")

DBT_PROJECT = Path(__file__).parent / "dbt_project"
"""The dbt project behind `shop`'s schema `analytics`, with its manifest. Copy it before running dbt in it."""
