"""A user who cannot be dropped yet: what keeps it is read again and named, with what to do about it."""

from __future__ import annotations

import re

import psycopg
from tests.conftest import wait_until
from tests.journeys.access_world import World

PASSWORD = "By-h4nd-only"


def removal(world: World) -> dict[str, object]:
    answer = world.cli("access", "remove", "admin", world.own("leaver_{x}"), "--json")
    assert answer.code == 0, answer
    return dict(answer.document)


def exists(world: World) -> bool:
    return world.boss("select count(*) from pg_user where usename = 'leaver_{x}'") == [(1,)]


def test_temporary_tables_of_an_open_session_are_named_with_the_session_to_end(world: World) -> None:
    world.boss(f"create user leaver_{{x}} password '{PASSWORD}'")
    with world.signed_in("leaver_{x}", PASSWORD) as session:
        session.execute("create temp table drafts (n int)")
        plan = removal(world)
        (note,) = plan["notes"]  # type: ignore[misc]
        assert "drafts" in note["text"]
        answer = world.apply(plan)
        assert (answer.code, answer.error["kind"]) == (3, "conflict")
        assert answer.error["subject"] == world.own("leaver_{x}")
        assert "temporary tables in an open session (drafts)" in answer.error["why"]
        (ending,) = re.findall(r"select pg_terminate_backend\(\d+\)", answer.error["next_step"])
        assert exists(world)

        world.boss(ending)
        wait_until(lambda: is_over(session))
    wait_until(lambda: world.boss("select count(*) from stv_sessions where user_name = 'leaver_{x}'") == [(0,)])
    assert world.apply(plan).code == 0  # the plan is still the right one
    assert not exists(world)


def is_over(session: psycopg.Connection[object]) -> bool:
    try:
        session.execute("select 1")
    except psycopg.OperationalError:
        return True
    return False


def test_what_somebody_granted_to_others_is_named_when_it_keeps_a_right_from_being_revoked(world: World) -> None:
    world.raw_data()
    world.boss(
        f"create user leaver_{{x}} password '{PASSWORD}'",
        "create user other_{x} password disable",
        "grant usage on schema raw_{x} to leaver_{x}",
        "grant select on raw_{x}.charges to leaver_{x} with grant option",
    )
    world.ask("leaver_{x}", "grant select on raw_{x}.charges to other_{x}", PASSWORD)
    plan = removal(world)
    answer = world.apply(plan)

    assert (answer.code, answer.error["kind"]) == (3, "conflict")
    assert world.own("select on table dev.raw_{x}.charges") in answer.error["why"]
    assert "SHOW GRANTS" in answer.error["next_step"]
    world.ask("leaver_{x}", "revoke select on raw_{x}.charges from other_{x}", PASSWORD)
    assert world.apply(plan).code == 0
    assert not exists(world)


def test_a_right_that_no_step_revokes_is_named(world: World) -> None:
    world.boss("create user leaver_{x} password disable")
    world.engine('grant usage on language plpgsql to "leaver_{x}"')
    plan = removal(world)
    answer = world.apply(plan)
    assert answer.code == 3
    assert "usage on language plpgsql" in answer.error["why"]
    assert "Revoke it" in answer.error["next_step"]
    world.engine('revoke usage on language plpgsql from "leaver_{x}"')
    assert world.apply(plan).code == 0


def test_a_right_granted_after_the_plan_asks_for_a_new_plan(world: World) -> None:
    world.raw_data()
    world.boss("create user leaver_{x} password disable")
    plan = removal(world)
    world.boss("grant usage on schema raw_{x} to leaver_{x}")
    late = world.apply(plan)
    assert (late.code, late.error["what"]) == (3, "The plan is out of date")
    assert world.own("access remove admin leaver_{x}") in late.error["next_step"]
