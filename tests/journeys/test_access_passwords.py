"""Who may sign in with a password: what the spec says is what the wire door does, and verify claims no more."""

from __future__ import annotations

import psycopg
import pytest
from tests.journeys.access_world import World

OLD = "By-h4nd-only"
IAM = "users: {alice_{x}: {credentials: iam}}\n"
PASSWORD = "users: {alice_{x}: {credentials: password}}\n"
OFF = 'alter user "alice_{x}" password disable'


@pytest.fixture
def alice(world: World) -> World:
    """A world in which an administrator has made alice by hand, with a password."""
    world.boss(f"create user alice_{{x}} password '{OLD}'")
    assert world.ask("alice_{x}", "select 1", OLD) == [(1,)]
    return world


def refused(world: World, password: str) -> bool:
    try:
        world.ask("alice_{x}", "select 1", password)
    except psycopg.OperationalError as error:
        return "password authentication failed" in str(error)
    return False


def notes(world: World, text: str) -> str:
    answer = world.cli("access", "verify", "admin", world.spec(text), "--json")
    return "\n".join(f"{note['about']}: {note['text']}" for note in answer.document["notes"])


def test_a_user_declared_with_iam_signs_in_by_password_no_more(alice: World) -> None:
    spec = alice.spec(IAM)
    assert alice.differences(spec) == [alice.own(OFF)]  # never seen is not clean
    alice.put_in_place(spec)

    assert refused(alice, OLD)
    assert alice.differences(spec) == []
    assert alice.own("user alice_{x}: whether it has a password cannot be seen: Wharfinger disabled it at 20") in notes(
        alice, IAM
    )


def test_another_route_to_the_warehouse_counts_too(alice: World) -> None:
    alice.put_in_place(alice.spec(IAM))
    ready = alice.sandbox.ready
    host = ["--host", ready["wire"]["host"], "--port", str(ready["wire"]["port"])]
    password = alice.folder / "admin.password"
    alice.add("second", "--cluster", ready["cluster"]["identifier"], "--sign-in", "password", *host,
              "--user", ready["admin"]["user"], "--password-from", f"file:{password}")  # fmt: skip
    assert alice.cli("access", "verify", "second", alice.spec(IAM), "--json").code == 0
    again = alice.cli("access", "rotate", "second", alice.own("alice_{x}"), "--json",
                      "--credentials-file", alice.credentials)  # fmt: skip
    assert (again.code, again.error["kind"]) == (3, "refused")


def test_the_last_applied_spec_decides_whether_rotate_makes_a_password(alice: World) -> None:
    rotate = ("access", "rotate", "admin", alice.own("alice_{x}"), "--json", "--credentials-file", alice.credentials)
    spec = alice.spec(IAM)
    alice.put_in_place(spec)
    answer = alice.cli(*rotate)
    assert (answer.code, answer.error["kind"]) == (3, "refused")
    assert str(spec) in answer.error["next_step"]
    assert not alice.credentials.exists()

    back = alice.spec(PASSWORD, "back.yml")
    assert alice.differences(back) == [alice.own("alter user \"alice_{x}\" password '***'")]
    alice.put_in_place(back)
    assert alice.ask("alice_{x}", "select 1") == [(1,)]
    assert alice.differences(back) == []
    assert alice.cli(*rotate).code == 0
    assert alice.ask("alice_{x}", "select 1") == [(1,)]
    assert alice.differences(spec) == [alice.own(OFF)]


def test_a_user_made_anew_under_the_same_name_is_another(alice: World) -> None:
    spec = alice.spec(IAM)
    alice.put_in_place(spec)
    alice.boss("drop user alice_{x}", f"create user alice_{{x}} password '{OLD}'")

    assert alice.differences(spec) == [alice.own(OFF)]
    alice.put_in_place(spec)
    assert refused(alice, OLD)


def test_a_plan_is_out_of_date_once_a_password_was_set_after_it(alice: World) -> None:
    spec = alice.spec(IAM)
    alice.put_in_place(spec)
    plan = alice.plan(spec)
    assert plan["steps"] == []
    alice.put_in_place(alice.spec(PASSWORD, "back.yml"))
    answer = alice.apply(plan)
    assert (answer.code, answer.error["kind"]) == (3, "conflict")


def test_a_user_that_connection_grants_makes_has_no_password_and_verify_knows(world: World) -> None:
    world.add("reader", "--cluster", world.sandbox.ready["cluster"]["identifier"], "--sign-in", "db-user",
              "--db-user", world.own("alice_{x}"))  # fmt: skip
    answer = world.cli("connection", "grants", "reader", "--via", "admin", "--yes", "--json")
    assert answer.code == 0, answer
    assert not [sql for sql in world.differences(world.spec(IAM)) if "password" in sql]


def test_what_inspect_writes_of_a_disabled_password_is_a_spec_without_steps(alice: World) -> None:
    alice.put_in_place(alice.spec(IAM))
    found = alice.cli("access", "inspect", "admin").out
    assert alice.own("alice_{x}: {credentials: iam}") in found
    spec = alice.folder / "found.yml"
    spec.write_text(found)
    assert alice.differences(spec) == []


def test_a_superusers_password_is_not_disabled_and_what_to_do_instead_is_said(world: World) -> None:
    world.boss(f"create user alice_{{x}} createuser password '{OLD}'")
    answer = world.cli("access", "plan", "admin", world.spec(IAM), "--json")
    assert (answer.code, answer.error["kind"]) == (3, "refused")
    assert world.own("alter user \"alice_{x}\" password 'md5…'") in answer.error["next_step"]
