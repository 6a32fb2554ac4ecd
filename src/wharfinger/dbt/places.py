"""Where dbt looks for profiles.yml, in its own order, and why. Pure: what exists is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

FILE = "profiles.yml"

VARIABLES = ("DBT_ENGINE_PROFILES_DIR", "DBT_PROFILES_DIR")
"""dbt 1.11 looks at the first name before the second, which every version knows."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What decides where dbt looks: the environment, the working directory and the home of the person."""

    env: Mapping[str, str]
    folder: Path
    home: Path


@dataclass(frozen=True, slots=True)
class ProfilesPlace:
    """The profiles.yml that dbt would read, and why that one."""

    path: Path
    why: str


def profiles_place(
    around: Surroundings, folder: Path | None = None, exists: Callable[[Path], bool] = Path.exists
) -> ProfilesPlace:
    """The file dbt would read: in `folder` (its --profiles-dir), else as the environment says, here, or in ~/.dbt.

    Source: redshift-facts §3.3, and dbt 1.11 for the newer variable.
    """
    if folder is not None:
        return ProfilesPlace(_absolute(around, folder) / FILE, "--profiles-dir names the folder")
    for name in VARIABLES:
        if named := around.env.get(name):
            return ProfilesPlace(_absolute(around, Path(named)) / FILE, f"{name} names the folder")
    here = around.folder / FILE
    if exists(here):
        return ProfilesPlace(here, f"the working directory has a {FILE}, which dbt prefers to ~/.dbt")
    return ProfilesPlace(around.home / ".dbt" / FILE, "dbt's own place: nothing names another folder")


def _absolute(around: Surroundings, folder: Path) -> Path:
    text = str(folder)
    if text == "~" or text.startswith("~/"):
        return around.home / text[2:]
    return around.folder / folder
