"""Keys at rest: envelope, moving the master key, and what happens when something is lost or changed."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest
from tests.conftest import LAST_RESORT

from wharfinger.adapters.keys.local_file import LocalKeyFile
from wharfinger.adapters.keys.providers import providers_of
from wharfinger.core.errors import Conflict, NotFound
from wharfinger.keys.keyring import DATABASE_KEY, Keyring
from wharfinger.keys.model import MasterKey
from wharfinger.keys.ports import KeyProvider, Removal
from wharfinger.store.home import prepare_home
from wharfinger.store.home_storage import KeyringFile

ELSEWHERE = "aws-secretsmanager:elsewhere"


class Elsewhere(LocalKeyFile):
    """A second place for the master key that needs no AWS: a key file outside the home."""

    name = ELSEWHERE

    def remove(self) -> Removal:
        return "left"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return prepare_home(tmp_path / "home")


@pytest.fixture
def providers(home: Path, tmp_path: Path) -> dict[str, KeyProvider]:
    return {"local": LocalKeyFile(home / "master.key"), ELSEWHERE: Elsewhere(tmp_path / "elsewhere.key")}


def opened(home: Path, providers: dict[str, KeyProvider]) -> Keyring:
    return Keyring(KeyringFile(home), lambda name, _region: providers[name])


def test_a_new_home_gets_a_master_key_and_a_database_key(home: Path) -> None:
    key = Keyring(KeyringFile(home), providers_of(home)).key(DATABASE_KEY)

    assert len(key) == 32
    assert Keyring(KeyringFile(home), providers_of(home)).key(DATABASE_KEY) == key
    assert Keyring(KeyringFile(home), providers_of(home)).ring().provider == "local"


def test_no_key_lies_in_clear_in_the_keyring(home: Path) -> None:
    keyring = Keyring(KeyringFile(home), providers_of(home))
    keys = [keyring.key(DATABASE_KEY), keyring.key("connection:1", make=True)]
    content = (home / "keyring.json").read_bytes()
    master = base64.b64decode(json.loads((home / "master.key").read_text())["key"])

    for key in (*keys, master):
        assert key not in content
        assert base64.b64encode(key) not in content
        assert key.hex().encode() not in content


def test_keys_are_all_different_and_found_by_another_process(home: Path) -> None:
    first, second = Keyring(KeyringFile(home), providers_of(home)), Keyring(KeyringFile(home), providers_of(home))
    made = first.key("connection:1", make=True)

    assert second.key("connection:1") == made
    assert len({made, first.key("connection:2", make=True), first.key(DATABASE_KEY)}) == 3


def test_a_key_nobody_made_is_not_found(home: Path) -> None:
    with pytest.raises(NotFound, match="connection:1"):
        Keyring(KeyringFile(home), providers_of(home)).key("connection:1")


def test_a_forgotten_key_is_gone_for_good(home: Path) -> None:
    keyring = Keyring(KeyringFile(home), providers_of(home))
    old = keyring.key("connection:1", make=True)
    keyring.forget("connection:1")

    with pytest.raises(NotFound):
        keyring.key("connection:1")
    assert keyring.key("connection:1", make=True) != old


def test_swapped_wrappings_are_refused(home: Path) -> None:
    keyring = Keyring(KeyringFile(home), providers_of(home))
    for name in ("connection:1", "connection:2"):
        keyring.key(name, make=True)
    document = json.loads((home / "keyring.json").read_text())
    keys = document["keys"]
    keys["connection:1"], keys["connection:2"] = keys["connection:2"], keys["connection:1"]
    (home / "keyring.json").write_text(json.dumps(document))

    with pytest.raises(Conflict, match="connection:1"):
        Keyring(KeyringFile(home), providers_of(home)).key("connection:1")


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"format": 2}', '{"format": 1, "keys": 3}'])
def test_a_damaged_keyring_is_a_conflict_and_left_alone(home: Path, content: str) -> None:
    Keyring(KeyringFile(home), providers_of(home)).key(DATABASE_KEY)
    (home / "keyring.json").write_text(content)

    with pytest.raises(Conflict) as caught:
        Keyring(KeyringFile(home), providers_of(home)).key(DATABASE_KEY)

    assert "backup" in caught.value.next_step
    assert (home / "keyring.json").read_text() == content


def test_a_lost_master_key_is_told_and_nothing_is_made_anew(home: Path) -> None:
    Keyring(KeyringFile(home), providers_of(home)).key(DATABASE_KEY)
    ring = (home / "keyring.json").read_bytes()
    (home / "master.key").unlink()

    with pytest.raises(NotFound, match="master key is lost") as caught:
        Keyring(KeyringFile(home), providers_of(home)).key(DATABASE_KEY)

    assert "backup" in caught.value.next_step
    assert not (home / "master.key").exists()
    assert (home / "keyring.json").read_bytes() == ring


def test_a_store_without_its_keyring_gets_no_new_one(home: Path) -> None:
    (home / "wharfinger.db").write_bytes(b"x")

    with pytest.raises(Conflict, match="keyring is lost"):
        Keyring(KeyringFile(home), providers_of(home)).key(DATABASE_KEY)

    assert sorted(file.name for file in home.iterdir()) == ["keyring.lock", "wharfinger.db"]


def test_a_keyring_whose_store_is_gone_gets_no_empty_one(home: Path) -> None:
    keyring = Keyring(KeyringFile(home), providers_of(home))
    keyring.key(DATABASE_KEY)
    keyring.require_store()  # a first start that was cut off may go on
    keyring.note_store()

    with pytest.raises(Conflict, match="store is lost"):
        keyring.require_store()
    (home / "wharfinger.db").write_bytes(b"x")
    keyring.require_store()


def test_the_master_key_of_another_home_is_a_conflict(home: Path, tmp_path: Path) -> None:
    other = prepare_home(tmp_path / "other")
    Keyring(KeyringFile(home), providers_of(home)).key(DATABASE_KEY)
    Keyring(KeyringFile(other), providers_of(other)).key(DATABASE_KEY)
    (home / "master.key").write_bytes((other / "master.key").read_bytes())

    with pytest.raises(Conflict, match="not the one this keyring was made with"):
        Keyring(KeyringFile(home), providers_of(home)).key(DATABASE_KEY)


def test_a_keyring_is_not_written_through_a_link_planted_beside_it(home: Path, tmp_path: Path) -> None:
    planted = home / f".keyring.json.{os.getpid()}.{threading.get_ident()}"
    planted.symlink_to(tmp_path / "elsewhere")
    Keyring(KeyringFile(home), providers_of(home)).key(DATABASE_KEY)

    assert not (tmp_path / "elsewhere").exists()
    assert not (home / "keyring.json").is_symlink()


def test_a_move_keeps_every_key_and_removes_the_old_file(home: Path, providers: dict[str, KeyProvider]) -> None:
    keyring = opened(home, providers)
    before = {name: keyring.key(name, make=True) for name in (DATABASE_KEY, "connection:1", "connection:2")}
    old_id = keyring.ring().key_id

    move = keyring.move(ELSEWHERE)

    assert (move.moved_from, move.old_key) == ("local", "removed")
    assert move.ring.provider == ELSEWHERE
    assert move.ring.key_id != old_id
    assert not (home / "master.key").exists()
    assert {name: opened(home, providers).key(name) for name in before} == before
    assert keyring.key("connection:3", make=True) == opened(home, providers).key("connection:3")


def test_a_copy_of_the_key_left_by_a_killed_process_goes_with_it(home: Path, providers: dict[str, KeyProvider]) -> None:
    keyring = opened(home, providers)
    keyring.key(DATABASE_KEY)
    (home / ".master.key.4711").write_bytes((home / "master.key").read_bytes())

    keyring.move(ELSEWHERE)

    assert not [file for file in home.iterdir() if "master.key" in file.name]


def test_a_move_back_says_that_the_far_key_is_left_to_its_owner(home: Path, providers: dict[str, KeyProvider]) -> None:
    keyring = opened(home, providers)
    key = keyring.key(DATABASE_KEY)
    keyring.move(ELSEWHERE)

    move = keyring.move("local")

    assert (move.moved_from, move.old_key) == (ELSEWHERE, "left")
    assert move.ring.provider == "local"
    assert providers[ELSEWHERE].load() is not None
    assert opened(home, providers).key(DATABASE_KEY) == key


def test_a_move_to_where_it_is_changes_nothing(home: Path, providers: dict[str, KeyProvider]) -> None:
    keyring = opened(home, providers)
    keyring.key(DATABASE_KEY)
    before = (home / "keyring.json").read_bytes()

    move = keyring.move("local")

    assert (move.moved_from, move.old_key) == (None, "absent")
    assert (home / "keyring.json").read_bytes() == before
    assert (home / "master.key").exists()


def test_a_repeated_move_leaves_the_local_key_of_another_store_alone(
    home: Path, providers: dict[str, KeyProvider]
) -> None:
    keyring = opened(home, providers)
    keyring.key(DATABASE_KEY)
    keyring.move(ELSEWHERE)
    other = MasterKey.fresh("somebody else")
    providers["local"].save(other)

    assert keyring.move(ELSEWHERE).old_key == "left"
    assert providers["local"].load() == other


def test_a_move_onto_the_key_of_another_store_is_a_conflict(home: Path, providers: dict[str, KeyProvider]) -> None:
    keyring = opened(home, providers)
    keyring.key(DATABASE_KEY)
    other = MasterKey.fresh("somebody else")
    providers[ELSEWHERE].save(other)

    with pytest.raises(Conflict, match="another store"):
        keyring.move(ELSEWHERE)

    assert providers[ELSEWHERE].load() == other
    assert opened(home, providers).ring().provider == "local"


def test_a_running_process_goes_on_after_another_one_moved_the_key(
    home: Path, providers: dict[str, KeyProvider]
) -> None:
    running = opened(home, providers)
    known = running.key("connection:1", make=True)
    opened(home, providers).move(ELSEWHERE)

    assert running.key("connection:1") == known
    assert running.key("connection:2", make=True) == opened(home, providers).key("connection:2")


def test_a_master_key_that_another_process_moves_at_that_moment_is_not_taken_for_lost(
    home: Path, providers: dict[str, KeyProvider]
) -> None:
    known = opened(home, providers).key(DATABASE_KEY)

    class MovedAway(LocalKeyFile):
        def load(self) -> MasterKey | None:
            opened(home, providers).move(ELSEWHERE)
            return super().load()

    places = {**providers, "local": MovedAway(home / "master.key")}
    assert opened(home, places).key(DATABASE_KEY) == known


KILLED_MOVE = textwrap.dedent("""
    import os, sys
    from pathlib import Path
    from wharfinger.adapters.keys.local_file import LocalKeyFile
    from wharfinger.adapters.keys.providers import providers_of
    from wharfinger.keys.keyring import Keyring
    from wharfinger.store.home_storage import KeyringFile
    home, elsewhere, step = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    class Elsewhere(LocalKeyFile):
        name = "aws-secretsmanager:elsewhere"
    places = {"local": LocalKeyFile(home / "master.key"), Elsewhere.name: Elsewhere(elsewhere)}
    def kill(done):
        if done == step:
            os.kill(os.getpid(), 9)
    Keyring(KeyringFile(home), lambda name, region: places[name], kill).move(Elsewhere.name)
""")


@pytest.mark.parametrize(
    ("step", "provider", "file_left"),
    [("saved", "local", True), ("written", ELSEWHERE, True), ("removed", ELSEWHERE, False)],
)
def test_a_move_killed_between_its_steps_leaves_every_key_and_can_be_finished(
    home: Path, tmp_path: Path, providers: dict[str, KeyProvider], step: str, provider: str, file_left: bool
) -> None:
    keyring = opened(home, providers)
    before = {name: keyring.key(name, make=True) for name in (DATABASE_KEY, "connection:1")}

    arguments = [sys.executable, "-c", KILLED_MOVE, str(home), str(tmp_path / "elsewhere.key"), step]
    assert subprocess.run(arguments, check=False, timeout=LAST_RESORT).returncode == -9

    after = opened(home, providers)
    assert after.ring().provider == provider
    assert (home / "master.key").exists() is file_left
    assert {name: after.key(name) for name in before} == before
    move = after.move(ELSEWHERE)
    assert move.moved_from == ("local" if provider == "local" else None)
    assert move.old_key == ("removed" if file_left else "absent")
    finished = opened(home, providers)
    assert finished.ring().provider == ELSEWHERE
    assert not (home / "master.key").exists()
    assert {name: finished.key(name) for name in before} == before


def test_a_first_start_that_was_cut_off_goes_on_with_the_key_it_left(home: Path) -> None:
    left = MasterKey.fresh("left")
    LocalKeyFile(home / "master.key").save(left)

    Keyring(KeyringFile(home), providers_of(home)).key(DATABASE_KEY)

    assert Keyring(KeyringFile(home), providers_of(home)).ring().key_id == left.id
    assert Keyring(KeyringFile(home), providers_of(home)).ring().store == "left"


MAKER = textwrap.dedent("""
    import sys
    from pathlib import Path
    from wharfinger.adapters.keys.providers import providers_of
    from wharfinger.keys.keyring import Keyring
    from wharfinger.store.home_storage import KeyringFile
    keyring = Keyring(KeyringFile(Path(sys.argv[1])), providers_of(Path(sys.argv[1])))
    print(keyring.key("database").hex(), [keyring.key(f"connection:{n}", make=True).hex() for n in range(10)])
""")


def test_two_processes_that_start_at_once_agree_on_every_key(home: Path) -> None:
    makers = [
        subprocess.Popen([sys.executable, "-c", MAKER, str(home)], stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    outputs = {maker.communicate(timeout=LAST_RESORT)[0] for maker in makers}

    assert len(outputs) == 1
    assert len(Keyring(KeyringFile(home), providers_of(home)).ring().wrapped) == 11
