"""Where dbt looks for profiles.yml, in its own order, and why. Pure: the caller says which files exist."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

FILE = "profiles.yml"

VARIABLES = ("DBT_ENGINE_PROFILES_DIR", "DBT_PROFILES_DIR")
"""The variables that name the folder. dbt 1.11 reads the first before the second; older versions know the second."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What decides where dbt looks: the environment variables, the working directory and the user's home folder."""

    env: Mapping[str, str]
    folder: Path
    home: Path


@dataclass(frozen=True, slots=True)
class Location:
    """The profiles.yml that dbt would read, and why that one. `by_default`: it is in ~/.dbt, which nobody named."""

    path: Path
    why: str
    by_default: bool = False


def locate_profiles(
    surroundings: Surroundings, folder: Path | None = None, exists: Callable[[Path], bool] = Path.exists
) -> Location:
    """The profiles.yml that dbt would read.

    It is in `folder` where one is given (dbt's --profiles-dir), else in the folder that an environment variable names,
    else in the working directory if it has one, else in ~/.dbt.

    Source: redshift-facts §3.3, and dbt 1.11 for the newer variable.
    """
    if folder is not None:
        return Location(_absolute(surroundings, folder) / FILE, "this folder was given")
    for name in VARIABLES:
        if named := surroundings.env.get(name):
            return Location(_absolute(surroundings, Path(named)) / FILE, f"{name} names the folder")
    here = surroundings.folder / FILE
    if exists(here):
        return Location(here, f"the working directory has a {FILE}, which dbt prefers to ~/.dbt")
    return Location(
        surroundings.home / ".dbt" / FILE, "~/.dbt is dbt's default folder, and nothing names another", by_default=True
    )


def _absolute(surroundings: Surroundings, folder: Path) -> Path:
    text = str(folder)
    if text == "~" or text.startswith("~/"):
        return surroundings.home / text[2:]
    return surroundings.folder / folder
