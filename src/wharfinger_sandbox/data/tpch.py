"""The `tpch` data set: the eight tables of TPC-H in `dev.tpch`, made by tpchgen-cli."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from wharfinger_sandbox.data.loading import Loader
from wharfinger_sandbox.dialect import split

_BLOCK = 1 << 20


def statements() -> dict[str, str]:
    """The CREATE TABLE of each table, in an order in which keys find what they point at."""
    made = split((Path(__file__).parent / "tpch.sql").read_text(encoding="utf-8"))
    return {name[1]: sql for sql in made if (name := re.search(r"create table tpch\.(\w+)", sql))}


async def load_tpch(loader: Loader, scale: float) -> None:
    """Make and fill `dev.tpch`, whole or not at all; `scale` 1 is about a gigabyte.

    Raises RuntimeError with tpchgen-cli's words.
    """
    with TemporaryDirectory(prefix="tpch-") as folder:
        await _generate(Path(folder), scale)
        async with loader.transaction("dev"):
            await loader.run("dev", ["create schema tpch"])
            for table, sql in statements().items():
                path = Path(folder) / f"{table}.tbl"
                await loader.run("dev", [sql])
                await loader.copy("dev", f"tpch.{table}", _blocks(path), options="(delimiter '|')")
            await loader.run("dev", [f"analyze tpch.{table}" for table in statements()])


async def _generate(folder: Path, scale: float) -> None:
    program = Path(sys.executable).with_name("tpchgen-cli")
    process = await asyncio.create_subprocess_exec(
        program, "-s", str(scale), "--output-dir", folder, "--quiet",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, errors = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"tpchgen-cli ended with {process.returncode}: {errors.decode(errors='replace').strip()}")


def _blocks(path: Path) -> Iterator[str]:
    """The file in blocks of whole lines, without the delimiter that ends each line."""
    with path.open(encoding="utf-8") as file:
        while lines := file.readlines(_BLOCK):
            yield "".join(lines).replace("|\n", "\n")
