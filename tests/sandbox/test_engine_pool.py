"""The engine's connection pool: roles, reuse and cleaning."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import psycopg
import pytest

from wharfinger_sandbox.engine import Engine
from wharfinger_sandbox.engine.pool import IDLE_PER_KEY


def with_engine(folder: Path, use: Callable[[Engine], Awaitable[None]]) -> None:
    async def whole() -> None:
        engine = await Engine.start(folder)
        try:
            await use(engine)
        finally:
            await engine.stop()

    asyncio.run(whole())


async def pid(engine: Engine, *commands: str, role: str = "awsuser", database: str = "dev") -> object:
    async with engine.lease(database, role) as connection:
        for command in commands:
            await connection.execute(command)
        return connection.info.backend_pid


def test_a_returned_connection_is_cleaned_and_reused(tmp_path: Path) -> None:
    async def use(engine: Engine) -> None:
        first = await pid(engine, "set application_name to 'x'", "create temp table t as select 1 as a", "begin")
        async with engine.lease("dev", "awsuser") as connection:
            assert connection.info.backend_pid == first
            cursor = await connection.execute(
                "select current_setting('application_name'), to_regclass('pg_temp.t'), current_user::text"
            )
            assert await cursor.fetchone() == ("", None, "awsuser")
        assert await pid(engine, role="IAM:admin") != first
        assert await pid(engine, database="marketing") != first

    with_engine(tmp_path, use)


def test_a_closed_connection_is_not_reused(tmp_path: Path) -> None:
    async def use(engine: Engine) -> None:
        first = await pid(engine)
        async with engine.admin() as admin:
            await (await admin.execute("select pg_terminate_backend(%s, 5000)", (first,))).fetchone()
        assert await pid(engine) != first
        with pytest.raises(psycopg.OperationalError):
            await pid(engine, "select pg_terminate_backend(pg_backend_pid())")
        assert await pid(engine) != first

    with_engine(tmp_path, use)


def test_closing_idle_connections_of_a_role_forces_a_new_login(tmp_path: Path) -> None:
    async def use(engine: Engine) -> None:
        first, other = await pid(engine), await pid(engine, role="IAM:admin")
        await engine.close_idle(role="awsuser")
        assert await pid(engine) != first
        assert await pid(engine, role="IAM:admin") == other
        await engine.close_idle(database="dev")
        assert await pid(engine, role="IAM:admin") != other

    with_engine(tmp_path, use)


def test_the_number_of_idle_connections_after_a_burst_is_limited(tmp_path: Path) -> None:
    burst = IDLE_PER_KEY + 10

    async def use(engine: Engine) -> None:
        everyone = asyncio.Barrier(burst)

        async def hold() -> int:
            async with engine.lease("dev", "awsuser") as connection:
                await everyone.wait()
                return connection.info.backend_pid

        held = await asyncio.gather(*(hold() for _ in range(burst)))
        assert len(set(held)) == burst
        await engine.wait_until_returned()
        async with engine.admin() as admin:
            cursor = await admin.execute(
                "select count(*) filter (where pg_terminate_backend(pid, 1000)) from unnest(%s::int[]) pid "
                "where pid in (select pid from pg_stat_activity)",
                (held,),
            )
            row = await cursor.fetchone()
        assert row is not None
        assert IDLE_PER_KEY <= int(str(row[0])) < burst

    with_engine(tmp_path, use)


def test_a_database_can_be_dropped_once_its_idle_connections_are_closed(tmp_path: Path) -> None:
    async def use(engine: Engine) -> None:
        async with engine.admin() as admin:
            await admin.execute("create database short_lived")
        await pid(engine, database="short_lived")
        await engine.close_idle(database="short_lived")
        async with engine.admin() as admin:
            await admin.execute("drop database short_lived")

    with_engine(tmp_path, use)
