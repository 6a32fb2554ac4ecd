"""What the sandbox adds to bare PostgreSQL for one small statement, and how many run at once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import Any

import boto3
from botocore.config import Config

from bench.stage import LAST_RESORT, Bench, bench, report

ROUNDS = 300
SQL = {"tiny": "select 1", "1 KB": "select " + ", ".join(f"{number} as column_{number}" for number in range(52))}
AT_ONCE = 300


def main() -> None:
    """Print the medians, and the seconds for many statements at once."""
    with bench() as stage:
        client = _client(stage)
        rows = []
        for name, sql in SQL.items():
            bare, over = _bare(stage, sql), _over(client, sql)
            ping = _ping(client)
            rows.append(
                (
                    f"{name} ({len(sql)} bytes)",
                    f"bare {bare:.2f} ms · through the sandbox {over - ping:.2f} ms more than an empty request "
                    f"of {ping:.2f} ms · overhead {over - ping - bare:.2f} ms",
                )
            )
        started = time.perf_counter()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            ended = list(pool.map(lambda _: _run(client, "select count(*) from pg_class"), range(AT_ONCE)))
        seconds = time.perf_counter() - started
        rows.append((f"{AT_ONCE} at once", f"{seconds:.1f} s, {len(set(ended))} kind of ending: {ended[0]}"))
        report("Sandbox: one small statement", rows)


def _client(stage: Bench) -> Any:
    admin = next(one for one in stage.ready["identities"] if one["name"] == "admin")
    return boto3.client(
        "redshift-data",
        endpoint_url=stage.ready["endpoint_url"],
        region_name=stage.ready["region"],
        aws_access_key_id=admin["access_key_id"],
        aws_secret_access_key=admin["secret_access_key"],
        config=Config(max_pool_connections=AT_ONCE, read_timeout=LAST_RESORT),
    )


def _run(client: Any, sql: str) -> str:
    answer = client.execute_statement(Sql=sql, ClusterIdentifier="demo-cluster", Database="dev", WaitTimeSeconds=30)
    return str(answer["Status"])


def _over(client: Any, sql: str) -> float:
    return _median(lambda: _run(client, sql))


def _ping(client: Any) -> float:
    """A request that runs no SQL, which measures HTTP, signing and botocore alone."""
    return _median(lambda: client.list_statements(MaxResults=1))


def _bare(stage: Bench, sql: str) -> float:
    with stage.engine() as connection:
        return _median(lambda: connection.execute(sql.encode()).fetchall())


def _median(act: Any) -> float:
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        act()
        times.append((time.perf_counter() - started) * 1000)
    return median(times[ROUNDS // 10 :])
