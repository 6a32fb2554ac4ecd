"""Plans and passwords on a terminal."""

from __future__ import annotations

import io
import re

import pytest
from tests.doors.test_terminal import Terminal
from tests.journeys.access_world import World


def passwords(text: str, user: str) -> list[str]:
    return re.findall(rf"^ *{re.escape(user)} +(\S{{20,}}) *$", text, re.MULTILINE)


def test_a_plan_is_shown_step_by_step_and_its_passwords_once(world: World) -> None:
    user = world.own("alice_{x}")
    plan = world.plan(world.spec("users: {alice_{x}: {credentials: password, search_path: [public]}}"))
    shown = Terminal(world.folder / "home", "access", "apply", "admin", plan["plan"])
    shown.wait_for("Apply these 2 steps through admin?")
    assert "WHY" in shown.plain()
    assert not passwords(shown.plain(), user)
    shown.type("y")
    assert shown.finish() == 0
    (password,) = passwords(shown.plain(), user)
    assert "shown once" in shown.plain()
    assert "2 of 2 steps applied" in shown.plain()
    assert world.ask(user, "select 1", password) == [(1,)]

    again = Terminal(world.folder / "home", "access", "rotate", "admin", user)
    assert again.finish() == 0
    (new,) = passwords(again.plain(), user)
    assert new != password
    assert world.ask(user, "select 1", new) == [(1,)]


def test_a_spec_is_shown_as_a_plan_before_it_is_applied(world: World) -> None:
    spec = world.spec("groups: {team_{x}: {}}")
    shown = Terminal(world.folder / "home", "access", "apply", "admin", str(spec))
    shown.wait_for("Apply this 1 step through admin?")
    assert world.own('create group "team_{x}"') in shown.plain()
    assert world.boss("select count(*) from pg_group where groname = 'team_{x}'") == [(0,)]
    shown.type("y")
    assert shown.finish() == 0
    assert "1 of 1 step applied" in shown.plain()
    assert world.boss("select count(*) from pg_group where groname = 'team_{x}'") == [(1,)]


def test_a_no_changes_nothing(world: World) -> None:
    plan = world.plan(world.spec("users: {alice_{x}: {credentials: password}}"))
    shown = Terminal(world.folder / "home", "access", "apply", "admin", plan["plan"])
    shown.wait_for("Apply this 1 step through admin?")
    shown.type("n")
    assert shown.finish() == 130
    assert not passwords(shown.plain(), world.own("alice_{x}"))
    assert world.boss("select count(*) from pg_user where usename = 'alice_{x}'") == [(0,)]


def test_passwords_that_the_warehouse_refused_are_said_to_be_worth_nothing(world: World) -> None:
    plan = world.plan(world.spec("users: {alice_{x}: {credentials: password}}"))
    world.engine("alter procedure pg_catalog.wf_create_user(jsonb) rename to wf_create_user_away")
    try:
        shown = Terminal(world.folder / "home", "access", "apply", "admin", plan["plan"], "--yes")
        assert shown.finish() == 4
    finally:
        world.engine("alter procedure pg_catalog.wf_create_user_away(jsonb) rename to wf_create_user")
    assert "are not valid" in shown.plain()


def test_what_is_added_and_removed_is_marked_and_what_is_as_it_should_be_is_said(world: World) -> None:
    world.boss("create user by_{x} password disable", "create group g_{x} user by_{x}")
    spec = world.spec("groups: {g_{x}: {}, h_{x}: {}}")
    shown = Terminal(world.folder / "home", "access", "verify", "admin", str(spec))
    assert shown.finish() == 1
    line = next(line for line in shown.plain().splitlines() if "drop user" in line)
    assert "remove" in line
    assert "1 to add, 0 to change, 1 to remove." in shown.plain()
    assert "apply" not in shown.plain()
    world.put_in_place(spec)
    shown = Terminal(world.folder / "home", "access", "verify", "admin", str(spec))
    assert shown.finish() == 0
    assert "nothing to do" in shown.plain()


def test_a_spec_comes_from_a_pipe_too_and_the_script_goes_into_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(world.own("version: 1\ngroups: {g_{x}: {}}\n")))
    answer = world.cli("access", "plan", "admin", "-", "--sql", "-")
    assert answer.code == 0
    lines = [line for line in answer.out.splitlines() if line and not line.startswith("--")]
    assert lines == ["begin;", world.own('create group "g_{x}";'), "commit;"]
