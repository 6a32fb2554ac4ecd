"""The verb `dbt check`: reads profiles.yml as dbt does, says what is wrong, and signs in to see who lets one in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from wharfinger.connections.checks import Problem
from wharfinger.core.checks import CheckStatus
from wharfinger.core.errors import Invalid, WharfingerError
from wharfinger.core.secret import DOTS
from wharfinger.dbt.checking import Facts, judge
from wharfinger.dbt.fields import DATABASE, IAM
from wharfinger.dbt.login import can_be_tried, login_for
from wharfinger.dbt.model import Check, Report
from wharfinger.dbt.places import ProfilesPlace, Surroundings, profiles_place
from wharfinger.dbt.ports import Driver, Files
from wharfinger.dbt.reading import Target, default_target, profile_names, target_of
from wharfinger.dbt.rendering import NotRendered, Renderer
from wharfinger.dbt.store import Kept
from wharfinger.dbt.tree import Tree
from wharfinger.dbt.yaml_text import SECRET_PREFIX

PROJECT_FILE = "dbt_project.yml"


class DbtChecker:
    """Checks profiles. Needs neither a home nor a saved connection."""

    def __init__(self, files: Files, driver: Callable[[], Driver]) -> None:
        self._files = files
        self._driver = driver

    def check(
        self,
        around: Surroundings,
        folder: Path | None = None,
        profile: str = "",
        target: str = "",
        *,
        sign_in: bool = True,
    ) -> Report:
        """The checks of the profiles.yml that dbt would read; then a sign-in to each profile's target.

        `profile` is empty for that of the dbt project around, else all; `target` for each profile's default.
        """
        place = profiles_place(around, folder)
        run = _Run(around, place, self._files.read(place.path), self._driver)
        checks = run.checks(profile, target, sign_in=sign_in)
        return Report(place.path, place.why, tuple(_scrubbed(check, around.env) for check in checks))


class _Run:
    """One check of one file."""

    def __init__(self, around: Surroundings, place: ProfilesPlace, kept: Kept, driver: Callable[[], Driver]) -> None:
        self._around, self._place, self._kept, self._driver = around, place, kept, driver
        self._renderer = Renderer(around.env)
        self._facts = Facts(kept.others_may_read, lambda *a: driver().region_elsewhere(*a), around.env)

    def checks(self, profile: str, target: str, *, sign_in: bool) -> Iterator[Check]:
        """All checks in their order."""
        if problem := self._unreadable():
            yield problem
            return
        yield Check("file", "passed", f"{self._place.path} ({self._place.why})")
        names, why = self._chosen(profile)
        targets: list[Target] = []
        for name in names:
            outputs, problem = self._targets(name, target)
            targets += outputs
            if problem is not None:
                yield problem
                continue
            yield Check("profile", "passed", f"{name}, target {_chosen_name(outputs)}{why}", profile=name)
        judged = [(one, judge(one, self._facts) if one.is_redshift else [_foreign(one)]) for one in targets]
        for _, found in judged:
            yield from found
        yield from shared_users([one for one in targets if one.is_redshift])
        for one, found in judged:
            if one.chosen and one.is_redshift and sign_in:
                yield self._sign_in(one, found)

    def _unreadable(self) -> Check | None:
        if self._kept.content is None:
            return Check(
                "file", "failed", f"there is no {self._place.path} ({self._place.why})",
                "Write one: wharfinger dbt profile CONN --profile P --schema S --write",
            )  # fmt: skip
        try:
            data = self._tree.data
        except Invalid as error:
            return Check("file", "failed", f"{error.what}: {error.why}", error.next_step)
        if not isinstance(data, dict):
            return Check("file", "failed", "it holds no profiles", "Write one: wharfinger dbt profile … --write")
        return None

    @cached_property
    def _tree(self) -> Tree:
        return Tree(self._kept.text)

    def _chosen(self, profile: str) -> tuple[list[str], str]:
        """The profiles to look at, and why those."""
        if profile:
            return [profile], ""
        for variable in ("DBT_ENGINE_PROFILE", "DBT_PROFILE"):
            if named := self._around.env.get(variable):
                return [named], f" (named by {variable})"
        project = project_profile(self._around.folder, self._renderer)
        return ([project], f" (named by {PROJECT_FILE})") if project else (profile_names(self._tree.data), "")

    def _targets(self, name: str, wanted: str) -> tuple[list[Target], Check | None]:
        """The profile's targets, or the check that failed on the way to them."""
        profile = self._tree.data.get(name)
        if profile is None:
            near = get_close_matches(name, profile_names(self._tree.data), 1)
            names = ", ".join(profile_names(self._tree.data)) or "none"
            hint = f"Did you mean {near[0]}?" if near else "Write it: wharfinger dbt profile … --write"
            return [], Check("profile", "failed", f"there is no profile {name}; there are: {names}", hint, name)
        outputs = profile.get("outputs") if isinstance(profile, dict) else None
        if not isinstance(outputs, dict) or not outputs:
            return [], Check("profile", "failed", f"{name} has no outputs", "Add outputs: with a target below it", name)
        try:
            chosen: Any = wanted or self._around.env.get("DBT_TARGET") or default_target(profile, self._renderer)
        except NotRendered as problem:
            return [], Check("profile", "failed", f"target: {problem.why}", "Give --target, or mend it", name)
        if chosen not in outputs:
            why = f"{name} has no target {chosen}; it has {', '.join(map(str, outputs))}"
            near = get_close_matches(str(chosen), [str(one) for one in outputs], 1, 0.5)
            hint = f"Write target: {(near or [str(next(iter(outputs)))])[0]}, or name one with --target"
            return [], Check("profile", "failed", why, hint, name)
        if not isinstance(outputs[chosen], dict):
            return [], Check("profile", "failed", f"target {chosen} holds no fields", "Give it its fields", name)
        return [
            target_of(self._tree, name, one, self._renderer, chosen=one == chosen)
            for one, fields in outputs.items()
            if isinstance(fields, dict)
        ], None

    def _sign_in(self, target: Target, found: list[Check]) -> Check:
        def told(status: CheckStatus, detail: str, next_step: str = "") -> Check:
            return Check("sign-in", status, detail, next_step, target.profile, target.name)

        if any(check.status == "failed" for check in found):
            return told("skipped", "not tried: mend what failed above first")
        if target.unrendered:
            return told("skipped", "not tried: only dbt can render this target", "Try it with dbt itself: dbt debug")
        if not can_be_tried(target.fields):
            return told("skipped", "not tried: Identity Center needs a browser or a token", "Try it: dbt debug")
        login = login_for(target.fields)
        try:
            user = self._driver().sign_in(login)
        except WharfingerError as error:
            return told("failed", Problem.of(error).detail, error.next_step or "See dbt debug")
        expected = str(target.fields.get("user") or user)
        if target.fields.get("method", DATABASE) in (DATABASE, IAM) and user.casefold() != expected.casefold():
            return told(
                "warned", f"signed in to {login.place} as {user}, not as {expected}",
                "A workgroup lets in the IAM identity itself: grant to that user, or use a password",
            )  # fmt: skip
        return told("passed", f"signed in to {login.place} as {user}")


def shared_users(targets: list[Target]) -> Iterator[Check]:
    """One check for the file: whether two targets enter one warehouse as one user; people should have their own."""
    entering: dict[tuple[str, str], list[Target]] = defaultdict(list)
    for target in targets:
        user, host = target.fields.get("user"), target.fields.get("host")
        if user and host and target.fields.get("method", DATABASE) in (DATABASE, IAM):
            entering[str(user).casefold(), str(host).casefold()].append(target)
    shared = {user: found for (user, _), found in entering.items() if len(found) > 1}
    if shared:
        told = [f"{user} ({', '.join(f'{one.profile}.{one.name}' for one in found)})" for user, found in shared.items()]
        yield Check(
            "shared-user",
            "warned",
            f"one user for several targets: {'; '.join(told)}",
            "Give each person, and production, a user of their own: nobody can tell them apart in the warehouse",
        )
    elif len(targets) > 1:
        yield Check("shared-user", "passed", "each target has a user of its own")


def project_profile(folder: Path, renderer: Renderer) -> str:
    """The profile that the dbt project around `folder` names, as dbt finds it: here, or in a folder above. Or empty."""
    for place in (folder, *folder.parents):
        path = place / PROJECT_FILE
        if path.is_file():
            try:
                document = yaml.safe_load(path.read_text())
                return str(renderer.rendered(document.get("profile") or "")) if isinstance(document, dict) else ""
            except (OSError, ValueError, yaml.YAMLError, NotRendered):
                return ""  # dbt will say what is wrong with its project
    return ""


def _chosen_name(targets: list[Target]) -> str:
    return next((str(target.name) for target in targets if target.chosen), "")


def _scrubbed(check: Check, env: Mapping[str, str]) -> Check:
    """`check` without the values of secret variables, as dbt scrubs them, wherever a server or a driver quoted them."""
    secrets = sorted((value for name, value in env.items() if name.startswith(SECRET_PREFIX) and value), key=len)
    for secret in reversed(secrets):
        check = replace(check, detail=check.detail.replace(secret, DOTS))
    return check


def _foreign(target: Target) -> Check:
    kind = str(target.fields.get("type"))
    if not get_close_matches(kind.casefold(), ["redshift"], 1, 0.8):
        return Check("type", "skipped", f"{kind} is no Redshift", profile=target.profile, target=target.name)
    status: CheckStatus = "failed" if target.chosen else "warned"
    why = f"dbt has no adapter {kind}"
    return Check("type", status, why, "Write type: redshift", profile=target.profile, target=target.name)
