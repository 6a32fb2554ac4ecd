"""The dbt project in or above the working directory: its profile, and what its manifest says that dbt builds."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from wharfinger.core.bounded import YAML_BYTES, read_text
from wharfinger.core.errors import Invalid, WharfingerError
from wharfinger.dbt.checking.ports import Builds
from wharfinger.dbt.checking.rendering import NotRendered, Renderer
from wharfinger.dbt.manifests.build import Build
from wharfinger.dbt.manifests.files import manifest_path
from wharfinger.dbt.profiles_yml.yaml_tree import load

PROJECT_FILE = "dbt_project.yml"


class Projects:
    """The project at `folder`, and the manifest that `manifest` names, or else the project's own."""

    def __init__(self, folder: Path, renderer: Renderer, builds: Builds, manifest: str = "") -> None:
        self._folder = folder
        self._renderer = renderer
        self._builds = builds
        self._named = builds(manifest_path(manifest)) if manifest else None

    @cached_property
    def folder(self) -> Path | None:
        """The folder of the nearest project, None without one."""
        return next((one for one in (self._folder, *self._folder.parents) if (one / PROJECT_FILE).is_file()), None)

    @cached_property
    def profile(self) -> str:
        """The profile that the project names; empty when there is none."""
        if self.folder is None:
            return ""
        try:
            document = load(read_text(self.folder / PROJECT_FILE, YAML_BYTES, PROJECT_FILE))
            return str(self._renderer.rendered(document.get("profile") or "")) if isinstance(document, dict) else ""
        except (OSError, Invalid, NotRendered):
            return ""  # dbt itself reports what is wrong with its project

    def build(self, profile: str) -> tuple[Build | None, str]:
        """What is built with a profile; without a manifest None, and why there is none."""
        if self._named is not None:
            return self._named, ""
        if self.folder is None or self.profile != profile:
            return None, f"no dbt project with the profile {profile} was found here"
        path = self.folder / "target" / "manifest.json"
        if not path.is_file():
            return None, f"there is no {path}"
        try:
            return self._builds(path), ""
        except WharfingerError as error:
            return None, f"{error.what}: {path}. {error.why}"
