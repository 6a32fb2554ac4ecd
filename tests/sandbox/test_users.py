"""Logins on an engine: temporary passwords, stored passwords of every kind, limits and groups."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from wharfinger_sandbox.engine import Engine
from wharfinger_sandbox.logins import LoginRefused
from wharfinger_sandbox.passwords import StoredPassword, answers_md5, matches, md5, sha256
from wharfinger_sandbox.users import Users

START = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
HOSTILE = ['a"b', "o'brien", "with space", "dot.ted", "back\\slash", "grüße", "select", "x" * 63]


_numbers = itertools.count()


class Scene:
    """Users on an engine, with a clock that the test sets."""

    def __init__(self, runner: asyncio.Runner, engine: Engine) -> None:
        self._runner = runner
        self._engine = engine
        self.now = START
        self.users = Users(engine, clock=lambda: self.now)

    def wait(self, what: Any) -> Any:
        return self._runner.run(what)

    def name(self) -> str:
        return f"user_{next(_numbers)}"

    def call(self, procedure: str, **request: Any) -> None:
        async def run() -> None:
            async with self._engine.admin() as connection:
                await connection.execute(f"call pg_catalog.{procedure}(%s)".encode(), [Jsonb(request)])

        self.wait(run())

    def asked(self, sql: str, *values: Any) -> Any:
        async def run() -> Any:
            async with self._engine.admin() as connection:
                row = await (await connection.execute(sql.encode(), values)).fetchone()
                return row[0] if row else None

        return self.wait(run())

    def make(self, name: str | None = None, **options: Any) -> str:
        name = name or self.name()
        self.call("wf_create_user", name=name, **{"password": {"kind": "none"}, **options})
        return name

    def issue(self, user: str, **options: Any) -> tuple[str, str]:
        issued = self.wait(self.users.issue(user, **{"seconds": 900, **options}))
        return issued.user, issued.password

    def check(self, user: str, password: str, *, tls: bool = True, database: str = "dev") -> Any:
        return self.wait(self.users.check(user, password, tls=tls, host="10.0.0.9", database=database))

    def refusal(self, user: str, password: str, *, tls: bool = True) -> tuple[str, str]:
        with pytest.raises(LoginRefused) as error:
            self.check(user, password, tls=tls)
        return error.value.text, error.value.sqlstate


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asyncio.Runner, Engine]]:
    with asyncio.Runner() as runner:
        engine = runner.run(Engine.start(tmp_path_factory.mktemp("users")))
        yield runner, engine
        runner.run(engine.stop())


@pytest.fixture
def scene(engine: tuple[asyncio.Runner, Engine]) -> Scene:
    return Scene(*engine)


def wrong(user: str) -> tuple[str, str]:
    return f'FATAL: password authentication failed for user "{user}"', "28000"


def test_a_named_users_password_logs_in_as_that_user(scene: Scene) -> None:
    name = scene.make()
    user, password = scene.issue(name)
    assert user == f"IAM:{name}"
    login = scene.check(user, password)
    assert (login.user, login.role, login.superuser) == (name, name, False)


def test_a_temporary_password_expires_after_its_seconds_and_not_before(scene: Scene) -> None:
    user, password = scene.issue(scene.make(), seconds=1000)
    scene.now = START + timedelta(seconds=999)
    assert scene.check(user, password)
    scene.now = START + timedelta(seconds=1000)
    assert scene.refusal(user, password) == wrong(user)


def test_a_user_can_have_several_temporary_passwords(scene: Scene) -> None:
    name = scene.make()
    first = scene.issue(name, seconds=900)
    second = scene.issue(name, seconds=3600)
    assert scene.check(*first).user == scene.check(*second).user == name
    scene.now = START + timedelta(seconds=1800)
    assert scene.refusal(*first) == wrong(first[0])
    assert scene.check(*second).user == name


def test_the_password_tells_the_named_user_from_the_identity_of_that_name(scene: Scene) -> None:
    name = scene.make()
    named, own = scene.issue(name), scene.issue(f"IAM:{name}", is_identity=True)
    assert named[0] == own[0] == f"IAM:{name}"
    assert scene.check(*named).user == name
    assert scene.check(*own).user == f"IAM:{name}"


def test_an_identitys_user_is_made_at_its_first_login(scene: Scene) -> None:
    name = f"IAMR:{scene.name()}"
    user, password = scene.issue(name, is_identity=True)
    exists = "select count(*) from pg_roles where rolname = %s"
    assert scene.asked(exists, name) == 0
    assert scene.check(user, password).user == name
    assert scene.asked(exists, name) == 1
    assert scene.check(user, password).superuser is False


def test_two_first_logins_at_once_make_one_user(scene: Scene) -> None:
    name = f"IAM:{scene.name()}"

    async def both() -> list[str]:
        logins = await asyncio.gather(*(scene.users.login_without_password(name, is_identity=True) for _ in range(8)))
        return [login.user for login in logins]

    assert scene.wait(both()) == [name] * 8


def test_the_admin_identity_is_a_superuser_from_the_start(scene: Scene) -> None:
    assert scene.wait(scene.users.login_without_password("IAM:admin", is_identity=True)).superuser is True


def test_a_missing_user_is_made_only_with_autocreate(scene: Scene) -> None:
    name = scene.name()
    user, password = scene.issue(name)
    assert scene.refusal(user, password) == wrong(f"IAM:{name}")
    user, password = scene.issue(name, autocreate=True)
    assert user == f"IAMA:{name}"
    assert scene.check(user, password).user == name


def test_temporary_passwords_need_tls(scene: Scene) -> None:
    user, password = scene.issue(scene.make())
    said = f'FATAL: no pg_hba.conf entry for host "::ffff:10.0.0.9", user "{user}", database "dev", SSL off'
    assert scene.refusal(user, password, tls=False) == (said, "28000")


def test_credentials_for_one_database_are_refused_for_another(scene: Scene) -> None:
    user, password = scene.issue(scene.make(), database="dev")
    assert scene.check(user, password, database="dev")
    with pytest.raises(LoginRefused, match="password authentication failed"):
        scene.check(user, password, database="marketing")
    anywhere = scene.issue(scene.make())
    assert scene.check(*anywhere, database="marketing")


def test_expired_credentials_are_removed(scene: Scene) -> None:
    for _ in range(5):
        scene.issue(scene.name())
    scene.now = START + timedelta(hours=2)
    scene.issue(scene.name())
    assert len(scene.users._issued) == 1


def test_a_temporary_password_is_valid_for_its_user_only(scene: Scene) -> None:
    name = scene.make()
    user, password = scene.issue(name)
    assert scene.refusal(name, password) == wrong(name)
    assert scene.refusal(f"IAMA:{name}", password) == wrong(f"IAMA:{name}")
    assert scene.refusal(user, password + "x") == wrong(user)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_a_name(scene: Scene, name: str) -> None:
    if scene.asked("select (pg_internal.wf_login(%s) -> 'exists')::text", name) != "true":
        scene.make(name)
    assert scene.check(*scene.issue(name)).user == name
    assert scene.refusal(f"IAM:{name}", "' or 1=1 --") == wrong(f"IAM:{name}")


def test_a_stored_password_is_checked_by_its_kind(scene: Scene) -> None:
    name = scene.name()
    scene.make(name, password={"kind": "md5", "digest": md5(name, "Right1pw")})
    other = scene.make(password={"kind": "sha256", "digest": sha256("Right2pw", "s4lt").replace("a", "A")})
    assert scene.check(name, "Right1pw").user == name
    assert scene.check(other, "Right2pw", tls=False).user == other
    for user in (name, other):
        for password in ("wrong", "", md5(name, "Right1pw"), sha256("Right2pw", "s4lt")):
            assert scene.refusal(user, password) == wrong(user)


@pytest.mark.parametrize("kind", ["none", "disabled"])
def test_a_user_without_a_password_needs_temporary_credentials(scene: Scene, kind: str) -> None:
    name = scene.make(password={"kind": kind})
    assert scene.refusal(name, "") == wrong(name)
    assert scene.check(*scene.issue(name)).user == name


def test_a_refusal_does_not_reveal_whether_a_user_exists(scene: Scene) -> None:
    for name in (scene.name(), "rdsdb", "wf_engine", "g/x", ""):
        assert scene.refusal(name, "Right1pw") == wrong(name)


def test_a_password_ends_with_valid_until(scene: Scene) -> None:
    name = scene.name()
    kept = {"kind": "md5", "digest": md5(name, "Right1pw")}
    scene.make(name, password=kept, valid_until="2026-01-01 12:30:00+00")
    assert scene.check(name, "Right1pw").user == name
    scene.now = START + timedelta(minutes=30)
    assert scene.refusal(name, "Right1pw") == wrong(name)


def test_a_password_valid_until_infinity_does_not_end(scene: Scene) -> None:
    name = scene.name()
    scene.make(name, password={"kind": "md5", "digest": md5(name, "Right1pw")}, valid_until="infinity")
    scene.now = START + timedelta(days=365 * 100)
    assert scene.check(name, "Right1pw").user == name


def test_a_new_password_replaces_the_old_one(scene: Scene) -> None:
    name = scene.make()
    for password in ("First1pw", "Second2pw"):
        scene.wait(scene.users.set_password(name, password))
        assert scene.check(name, password).user == name
    assert scene.refusal(name, "First1pw") == wrong(name)


def test_md5_answers_are_checked_without_the_password() -> None:
    stored, salt = StoredPassword("md5", md5("ann", "Right1pw")), b"\x01\x02\x03\x04"
    inner = hashlib.md5(b"Right1pwann", usedforsecurity=False).hexdigest()
    answer = "md5" + hashlib.md5(inner.encode() + salt, usedforsecurity=False).hexdigest()
    assert answers_md5(stored, answer, salt)
    assert not answers_md5(stored, answer, b"\x00\x00\x00\x00")
    assert not answers_md5(StoredPassword("none", ""), answer, salt)
    assert not answers_md5(StoredPassword("sha256", stored.digest), answer, salt)
    assert not matches(StoredPassword("disabled", ""), "ann", "")


def test_a_connection_limit_counts_the_users_own_connections(scene: Scene) -> None:
    name = scene.make(connection_limit=2)
    login = scene.wait(scene.users.login_without_password(name))

    async def three() -> str:
        async with scene.users.connection_slot(login), scene.users.connection_slot(login):
            try:
                async with scene.users.connection_slot(login):
                    return "in"
            except LoginRefused as refused:
                return f"{refused.sqlstate} {refused.text}"

    async def one() -> str:
        async with scene.users.connection_slot(login):
            return "in"

    assert scene.wait(three()) == f'53300 FATAL: connection limit "2" exceeded for user "{name}"'
    assert scene.wait(one()) == "in"


def test_no_limit_holds_for_a_superuser(scene: Scene) -> None:
    login = scene.wait(scene.users.login_without_password(scene.make(connection_limit=1, createuser=True)))

    async def two() -> str:
        async with scene.users.connection_slot(login), scene.users.connection_slot(login):
            return "in"

    assert scene.wait(two()) == "in"


def test_groups_of_credentials_last_as_long_as_their_sessions(scene: Scene) -> None:
    name, group = scene.make(), scene.name()
    scene.call("wf_create_group", name=group)
    login = scene.check(*scene.issue(name, groups=(group,)))
    assert login.groups == (group,)
    sql = "select count(*) from pg_auth_members where member = %s::regrole"

    async def members() -> Any:
        async with scene._engine.admin() as connection:
            row = await (await connection.execute(sql, [name])).fetchone()
            return row[0] if row else None

    async def inside() -> list[Any]:
        seen = [await members()]
        async with scene.users.connection_slot(login):
            async with scene.users.connection_slot(login):
                seen.append(await members())
            seen.append(await members())
        return [*seen, await members()]

    assert scene.wait(inside()) == [0, 1, 1, 0]


def test_a_group_the_user_is_in_anyway_stays(scene: Scene) -> None:
    name, group = scene.make(), scene.name()
    scene.call("wf_create_group", name=group, users=[name])
    assert scene.check(*scene.issue(name, groups=(group,))).groups == ()


def test_a_login_with_a_missing_group_is_refused(scene: Scene) -> None:
    login = scene.check(*scene.issue(scene.make(), groups=("never_made",)))

    async def enter() -> None:
        async with scene.users.connection_slot(login):
            raise AssertionError("it must not come to this")

    with pytest.raises(LoginRefused, match='group "never_made" does not exist'):
        scene.wait(enter())


def test_secrets_do_not_show_in_what_is_printed(scene: Scene) -> None:
    issued = scene.wait(scene.users.issue("ann", seconds=900))
    assert issued.password not in repr(issued)
    assert issued.password not in repr(vars(scene.users))
