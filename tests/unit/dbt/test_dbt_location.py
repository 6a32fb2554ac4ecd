"""profiles.yml is looked for where dbt looks for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from wharfinger.dbt.profiles_yml.location import Surroundings, locate_profiles

HERE, HOME = Path("/srv/project"), Path("/home/alice")


@pytest.mark.parametrize(
    ("folder", "env", "here", "path", "why"),
    [
        (Path("/etc/dbt"), {"DBT_PROFILES_DIR": "/x"}, True, "/etc/dbt/profiles.yml", "was given"),
        (Path("conf"), {}, True, "/srv/project/conf/profiles.yml", "was given"),
        (Path("~/conf"), {}, True, "/home/alice/conf/profiles.yml", "was given"),
        (None, {"DBT_PROFILES_DIR": "/x"}, True, "/x/profiles.yml", "DBT_PROFILES_DIR"),
        (None, {"DBT_PROFILES_DIR": "x"}, True, "/srv/project/x/profiles.yml", "DBT_PROFILES_DIR"),
        (None, {"DBT_PROFILES_DIR": "/x", "DBT_ENGINE_PROFILES_DIR": "/y"}, True, "/y/profiles.yml", "DBT_ENGINE"),
        (None, {"DBT_PROFILES_DIR": ""}, True, "/srv/project/profiles.yml", "working directory"),
        (None, {}, True, "/srv/project/profiles.yml", "working directory"),
        (None, {}, False, "/home/alice/.dbt/profiles.yml", "default folder"),
    ],
)
def test_the_first_place_that_is_named_or_has_one_wins(
    folder: Path | None, env: dict[str, str], here: bool, path: str, why: str
) -> None:
    place = locate_profiles(Surroundings(env, HERE, HOME), folder, lambda _: here)
    assert str(place.path) == path
    assert why in place.why
