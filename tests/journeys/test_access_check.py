"""`access check --as`: three checks, each tried as the user, and the one statement that fixes a failure."""

from __future__ import annotations

import pytest
from tests.journeys.access_world import World

SPEC = """
users:
  alice_{x}: {credentials: password}
groups:
  transformer_{x}: {members: [alice_{x}]}
grants:
  - {to: group transformer_{x}, on: schema raw_{x}, privileges: [usage, select]}
  - {to: group transformer_{x}, on: database dev, privileges: [create]}
"""
PROOFS = ("select-raw", "create-schema", "read-system-views")


@pytest.fixture
def ready(world: World) -> World:
    """Raw data, and alice who may work with it."""
    world.raw_data()
    world.put_in_place(world.spec(SPEC))
    return world


def keys(world: World, identity: str) -> list[str]:
    secret = world.folder / f"{identity}.key"
    secret.write_text(world.sandbox.identity(identity)["secret_access_key"])
    secret.chmod(0o600)
    access_key = world.sandbox.identity(identity)["access_key_id"]
    return ["--access-key-id", access_key, "--secret-access-key-from", f"file:{secret}"]


@pytest.mark.parametrize("way", ["cluster", "workgroup", "password"])
def test_a_superuser_tries_as_the_user_itself_through_every_door(ready: World, way: str) -> None:
    sandbox = ready.sandbox.ready
    if way == "workgroup":
        ready.add("door", "--workgroup", sandbox["workgroup"]["name"])
    elif way == "password":
        password = ready.folder / "admin.password"
        password.write_text(sandbox["admin"]["password"])
        password.chmod(0o600)
        ready.add("door", "--cluster", sandbox["cluster"]["identifier"], "--sign-in", "password",
                  "--host", sandbox["wire"]["host"], "--port", str(sandbox["wire"]["port"]),
                  "--user", sandbox["admin"]["user"], "--password-from", f"file:{password}")  # fmt: skip
    else:
        ready.add("door", "--cluster", sandbox["cluster"]["identifier"])
    code, proofs = ready.check("ALICE_{x}", connection="door")
    assert code == 0
    assert (proofs[""]["ok"], proofs[""]["way"]) == (True, "session authorization")
    assert proofs[""]["user"] == ready.own("alice_{x}")
    assert [proofs[name]["status"] for name in PROOFS] == ["passed"] * 3
    assert [proofs[name]["fix"] for name in PROOFS] == [None] * 3
    assert ready.own("raw_{x}") in proofs["select-raw"]["detail"]
    assert ready.boss("select count(*) from pg_namespace where nspname like 'wharfinger!_check%' escape '!'") == [(0,)]


@pytest.mark.parametrize(
    ("taken", "proof", "mended"),
    [
        ("revoke usage on schema raw_{x} from group transformer_{x}", "select-raw",
         'grant usage on schema "raw_{x}" to group "transformer_{x}"'),
        ("revoke select on raw_{x}.charges from group transformer_{x}", "select-raw",
         'grant select on all tables in schema "raw_{x}" to group "transformer_{x}"'),
        ("create table raw_{x}.late (n int)", "select-raw",
         'grant select on all tables in schema "raw_{x}" to group "transformer_{x}"'),
        ("revoke create on database dev from group transformer_{x}", "create-schema",
         'grant create on database "dev" to group "transformer_{x}"'),
    ],
)  # fmt: skip
def test_a_failure_comes_with_the_one_statement_that_mends_it(
    ready: World, taken: str, proof: str, mended: str
) -> None:
    ready.boss(taken)
    code, proofs = ready.check("alice_{x}")
    assert code == 1
    assert {name: proofs[name]["status"] for name in PROOFS} == {**dict.fromkeys(PROOFS, "passed"), proof: "failed"}
    assert proofs[proof]["fix"] == ready.own(mended)
    ready.boss(proofs[proof]["fix"])
    assert ready.check("alice_{x}")[0] == 0


def test_somebody_in_no_group_is_helped_into_one_or_granted_directly(world: World) -> None:
    world.raw_data()
    world.boss("create user new_{x} password disable")
    code, proofs = world.check("new_{x}", "--raw", world.own("raw_{x}"))
    assert code == 1
    assert proofs["select-raw"]["fix"] == world.own(
        'grant usage on schema "raw_{x}" to "new_{x}"; grant select on all tables in schema "raw_{x}" to "new_{x}"'
    )
    for statement in proofs["select-raw"]["fix"].split(";"):
        world.boss(statement)
    world.boss(proofs["create-schema"]["fix"])
    assert world.check("new_{x}", "--raw", world.own("raw_{x}"))[0] == 0


def test_every_schema_that_is_named_must_be_readable(ready: World) -> None:
    ready.boss("create schema other_{x}", "create table other_{x}.t (n int)")
    named = ["--raw", ready.own("raw_{x}"), "--raw", ready.own("other_{x}")]
    code, proofs = ready.check("alice_{x}", *named)
    assert code == 1
    assert "other_" in proofs["select-raw"]["detail"]
    code, proofs = ready.check("alice_{x}", "--raw", ready.own("none_{x}"))
    assert (code, proofs["select-raw"]["status"]) == (1, "failed")
    assert ready.check("alice_{x}")[0] == 0


def test_making_tables_in_a_schema_that_is_there_is_enough(ready: World) -> None:
    ready.boss(
        "revoke create on database dev from group transformer_{x}",
        "create schema work_{x}",
        "grant usage, create on schema work_{x} to group transformer_{x}",
    )
    code, proofs = ready.check("alice_{x}")
    assert (code, proofs["create-schema"]["status"]) == (0, "passed")
    assert ready.own("creates tables in work_{x}") in proofs["create-schema"]["detail"]
    assert ready.boss("select count(*) from pg_class where relname like 'wharfinger!_check%' escape '!'") == [(0,)]


def test_rights_through_roles_of_roles_count(world: World) -> None:
    world.raw_data()
    world.put_in_place(
        world.spec(
            """
users: {reader_{x}: {credentials: password}}
roles:
  inner_{x}: {members: [role outer_{x}]}
  outer_{x}: {members: [reader_{x}]}
grants:
  - {to: role inner_{x}, on: schema raw_{x}, privileges: [usage, select], future: ['*']}
"""
        )
    )
    _, proofs = world.check("reader_{x}", "--raw", world.own("raw_{x}"))
    assert proofs["select-raw"]["status"] == "passed"
    world.boss("create table raw_{x}.late as select 3 as n")
    assert world.ask("reader_{x}", "select n from raw_{x}.late") == [(3,)]
    world.boss("revoke usage on schema raw_{x} from role inner_{x}")
    _, proofs = world.check("reader_{x}", "--raw", world.own("raw_{x}"))
    assert proofs["select-raw"]["fix"] == world.own('grant usage on schema "raw_{x}" to role "inner_{x}"')


def test_without_a_superuser_a_cluster_signs_in_as_the_user(ready: World) -> None:
    ready.boss("create user plain_{x} password disable")
    ready.add("plain", "--cluster", ready.sandbox.ready["cluster"]["identifier"],
              "--sign-in", "db-user", "--db-user", ready.own("plain_{x}"))  # fmt: skip
    code, proofs = ready.check("alice_{x}", "--raw", ready.own("raw_{x}"), connection="plain")
    assert (code, proofs[""]["way"]) == (0, "db-user")
    assert [proofs[name]["status"] for name in PROOFS] == ["passed"] * 3
    code, proofs = ready.check("plain_{x}", "--raw", ready.own("raw_{x}"), connection="plain")
    assert (code, proofs[""]["way"], proofs["select-raw"]["status"]) == (1, "itself", "failed")
    assert proofs["select-raw"]["fix"].startswith("grant usage on schema")


@pytest.mark.parametrize("target", ["cluster", "workgroup"])
def test_where_one_cannot_be_the_user_it_is_computed_and_said(ready: World, target: str) -> None:
    place = ready.sandbox.ready["cluster"]["identifier"] if target == "cluster" else "demo-workgroup"
    ready.add("analyst", f"--{target}", place, *keys(ready, "analyst"))
    ready.cli("connection", "test", "analyst", "--json")  # makes IAM:analyst
    _, proofs = ready.check("alice_{x}", "--raw", ready.own("raw_{x}"), connection="analyst")
    assert "may not look into it" in proofs["select-raw"]["detail"]
    assert proofs["select-raw"]["fix"] is None
    ready.boss('grant usage on schema raw_{x} to "IAM:analyst"')
    code, proofs = ready.check("alice_{x}", "--raw", ready.own("raw_{x}"), connection="analyst")
    assert (code, proofs[""]["way"]) == (0, "computed")
    assert [proofs[name]["status"] for name in PROOFS] == ["computed"] * 3
    notes = " ".join(proofs[""]["notes"])
    assert ("no DbUser" in notes) is (target == "workgroup")
    assert f"wharfinger connection add NAME --{target} {place}" in notes
    ready.boss("revoke select on all tables in schema raw_{x} from group transformer_{x}")
    code, proofs = ready.check("alice_{x}", "--raw", ready.own("raw_{x}"), connection="analyst")
    assert (code, proofs["select-raw"]["status"]) == (1, "failed")
    assert proofs["select-raw"]["fix"].endswith(ready.own('to "alice_{x}"'))


def test_nobody_of_that_name_is_not_found(world: World) -> None:
    for connection in ("admin", "analyst"):
        if connection == "analyst":
            world.add("analyst", "--workgroup", "demo-workgroup", *keys(world, "analyst"))
        answer = world.cli("access", "check", connection, "--as", world.own("nobody_{x}"), "--json")
        assert (answer.code, answer.error["kind"]) == (2, "not_found")
