"""The `tpch` data set: the eight tables of TPC-H in `dev.tpch`, made by tpchgen-cli."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from wharfinger_sandbox.data.loading import Loader

COLUMNS = {
    "region": "r_regionkey integer not null, r_name char(25) not null, r_comment varchar(152), "
    "primary key (r_regionkey)",
    "nation": "n_nationkey integer not null, n_name char(25) not null, n_regionkey integer not null, "
    "n_comment varchar(152), primary key (n_nationkey), foreign key (n_regionkey) references tpch.region (r_regionkey)",
    "supplier": "s_suppkey bigint not null, s_name char(25) not null, s_address varchar(40) not null, "
    "s_nationkey integer not null, s_phone char(15) not null, s_acctbal numeric(15,2) not null, "
    "s_comment varchar(101) not null, primary key (s_suppkey)",
    "customer": "c_custkey bigint not null, c_name varchar(25) not null, c_address varchar(40) not null, "
    "c_nationkey integer not null, c_phone char(15) not null, c_acctbal numeric(15,2) not null, "
    "c_mktsegment char(10) not null, c_comment varchar(117) not null, primary key (c_custkey)",
    "part": "p_partkey bigint not null, p_name varchar(55) not null, p_mfgr char(25) not null, "
    "p_brand char(10) not null, "
    "p_type varchar(25) not null, p_size integer not null, p_container char(10) not null, "
    "p_retailprice numeric(15,2) not null, p_comment varchar(23) not null, primary key (p_partkey)",
    "partsupp": "ps_partkey bigint not null, ps_suppkey bigint not null, ps_availqty integer not null, "
    "ps_supplycost numeric(15,2) not null, ps_comment varchar(199) not null, primary key (ps_partkey, ps_suppkey)",
    "orders": "o_orderkey bigint not null, o_custkey bigint not null, o_orderstatus char(1) not null, "
    "o_totalprice numeric(15,2) not null, o_orderdate date not null, o_orderpriority char(15) not null, "
    "o_clerk char(15) not null, o_shippriority integer not null, o_comment varchar(79) not null, "
    "primary key (o_orderkey), foreign key (o_custkey) references tpch.customer (c_custkey)",
    "lineitem": "l_orderkey bigint not null, l_partkey bigint not null, l_suppkey bigint not null, "
    "l_linenumber integer not null, "
    "l_quantity numeric(15,2) not null, l_extendedprice numeric(15,2) not null, l_discount numeric(15,2) not null, "
    "l_tax numeric(15,2) not null, l_returnflag char(1) not null, l_linestatus char(1) not null, "
    "l_shipdate date not null, l_commitdate date not null, l_receiptdate date not null, "
    "l_shipinstruct char(25) not null, l_shipmode char(10) not null, l_comment varchar(44) not null, "
    "primary key (l_orderkey, l_linenumber), foreign key (l_orderkey) references tpch.orders (o_orderkey)",
}
"""Each table's columns, in an order in which keys find what they point at."""
_ATTRIBUTES = {
    "orders": "distkey(o_orderkey) sortkey(o_orderdate)",
    "lineitem": "distkey(l_orderkey) sortkey(l_shipdate)",
}
_BLOCK = 1 << 20


async def load_tpch(loader: Loader, scale: float) -> None:
    """Make and fill `dev.tpch`; `scale` 1 is about a gigabyte. Raises RuntimeError with tpchgen-cli's words."""
    await loader.run("dev", ["create schema tpch"])
    with TemporaryDirectory(prefix="tpch-") as folder:
        await _generate(Path(folder), scale)
        for table, columns in COLUMNS.items():
            await loader.run("dev", [f"create table tpch.{table} ({columns}) {_ATTRIBUTES.get(table, '')}"])
            await loader.copy("dev", f"tpch.{table}", _blocks(Path(folder) / f"{table}.tbl"), options="(delimiter '|')")
    await loader.run("dev", [f"analyze tpch.{table}" for table in COLUMNS])


async def _generate(folder: Path, scale: float) -> None:
    program = Path(sys.executable).with_name("tpchgen-cli")
    process = await asyncio.create_subprocess_exec(
        program,
        "-s",
        str(scale),
        "--output-dir",
        folder,
        "--quiet",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"tpchgen-cli ended with {process.returncode}: {errors.decode(errors='replace').strip()}")


def _blocks(path: Path) -> Iterator[str]:
    """The file in blocks of whole lines, without the delimiter that ends each line."""
    with path.open(encoding="utf-8") as file:
        while lines := file.readlines(_BLOCK):
            yield "".join(lines).replace("|\n", "\n")
