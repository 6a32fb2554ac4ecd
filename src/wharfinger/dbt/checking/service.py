"""The verb `dbt:check`: reads profiles.yml as dbt does, reports what is wrong, and signs in as dbt would."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from wharfinger.core.checks import CheckStatus
from wharfinger.core.counts import some
from wharfinger.core.errors import Invalid
from wharfinger.core.secret import DOTS
from wharfinger.core.suggestions import nearest
from wharfinger.core.verbs import Call, call
from wharfinger.dbt.checking.model import ProfilesReport, TargetCheck, target_check
from wharfinger.dbt.checking.ports import Builds, Driver, Files
from wharfinger.dbt.checking.project import PROJECT_FILE, Projects
from wharfinger.dbt.checking.rendering import NotRendered, Renderer
from wharfinger.dbt.checking.rules import Facts, check_target
from wharfinger.dbt.checking.signing_in import sign_in_checks
from wharfinger.dbt.checking.target import Target, default_target, profile_names, target_of
from wharfinger.dbt.profiles_yml.fields import DATABASE, IAM
from wharfinger.dbt.profiles_yml.location import Location, Surroundings, locate_profiles
from wharfinger.dbt.profiles_yml.store import FoundFile
from wharfinger.dbt.profiles_yml.yaml_tree import Tree
from wharfinger.dbt.profiles_yml.yaml_values import SECRET_PREFIX


class ProfilesChecker:
    """Checks a profiles.yml. Needs neither a home folder nor a saved connection, and so no actor.

    `driver` makes the driver when it is first needed: it takes a while to load. `builds` reads manifests.
    """

    def __init__(self, files: Files, driver: Callable[[], Driver], builds: Builds) -> None:
        self._files = files
        self._driver = driver
        self._builds = builds

    def check(
        self,
        surroundings: Surroundings,
        folder: Path | None = None,
        profile: str = "",
        target: str = "",
        manifest: str = "",
        *,
        sign_in: bool = True,
    ) -> ProfilesReport:
        """The checks of the profiles.yml that dbt would read.

        With `sign_in` it also signs in to each profile's target and tries there what dbt would do; everything that
        it makes is rolled back. `manifest` names a manifest or a project's folder; empty means the project here, if
        it names the profile. An empty `profile` means the one that the environment or the dbt project names, else all
        profiles; an empty `target` each profile's default. Values of secret variables are replaced by dots. Raises
        Refused when the file cannot be read, Invalid or NotFound when `manifest` names none.
        """
        location = locate_profiles(surroundings, folder)
        projects = Projects(surroundings.folder, Renderer(surroundings.env), self._builds, manifest)
        run = _FileCheck(surroundings, location, self._files.read(location.path), self._driver, projects)
        checks = run.checks(profile, target, sign_in=sign_in)
        return ProfilesReport(
            location.path, location.why, tuple(_without_secrets(check, surroundings.env) for check in checks)
        )


class _FileCheck:
    """The check of one file."""

    def __init__(
        self,
        surroundings: Surroundings,
        location: Location,
        found: FoundFile,
        driver: Callable[[], Driver],
        projects: Projects,
    ) -> None:
        self._projects = projects
        self._surroundings, self._location, self._found, self._driver = surroundings, location, found, driver
        self._renderer = Renderer(surroundings.env)
        self._facts = Facts(found.others_may_read, self._region_elsewhere, surroundings.env)

    def checks(self, profile: str, target: str, *, sign_in: bool) -> Iterator[TargetCheck]:
        """All checks in their order."""
        if problem := self._unreadable():
            yield problem
            return
        yield target_check("file", "passed", f"{self._location.path} ({self._location.why})")
        names, why = self._chosen(profile)
        targets: list[Target] = []
        for name in names:
            outputs, problem = self._targets(name, target)
            targets += outputs
            if problem is not None:
                yield problem
                continue
            yield target_check("profile", "passed", f"{name}, target {_chosen_name(outputs)}{why}", profile=name)
        checked = [
            (one, check_target(one, self._facts) if one.is_redshift else [_other_adapter(one)]) for one in targets
        ]
        for _, found in checked:
            yield from found
        yield from shared_users([one for one in targets if one.is_redshift])
        for one, found in checked:
            if one.chosen and one.is_redshift and sign_in:
                yield from sign_in_checks(one, found, self._driver, self._projects)

    def _region_elsewhere(self, profile: str, host: str, port: int) -> str:
        return self._driver().region_elsewhere(profile, host, port)

    def _unreadable(self) -> TargetCheck | None:
        if self._found.content is None:
            return target_check(
                "file",
                "failed",
                f"there is no {self._location.path} ({self._location.why})",
                "Make a profile",
                call=_make_profile(),
            )
        try:
            data = self._tree.data
        except Invalid as error:
            return target_check("file", "failed", f"{error.what}: {error.why}", error.next_step)
        if not isinstance(data, dict):
            return target_check("file", "failed", "it holds no profiles", "Make a profile", call=_make_profile())
        return None

    @cached_property
    def _tree(self) -> Tree:
        return Tree(self._found.text)

    def _chosen(self, profile: str) -> tuple[list[str], str]:
        """The profiles to check, and why those."""
        if profile:
            return [profile], ""
        for variable in ("DBT_ENGINE_PROFILE", "DBT_PROFILE"):
            if named := self._surroundings.env.get(variable):
                return [named], f" (named by {variable})"
        project = self._projects.profile
        return ([project], f" (named by {PROJECT_FILE})") if project else (profile_names(self._tree.data), "")

    def _targets(self, name: str, wanted: str) -> tuple[list[Target], TargetCheck | None]:
        """The profile's targets, or the check that failed because there are none to look at."""

        def failed(
            detail: str, next_step: str, *, fields: tuple[str, ...] = (), call: Call | None = None
        ) -> tuple[list[Target], TargetCheck]:
            return [], target_check("profile", "failed", detail, next_step, profile=name, fields=fields, call=call)

        profile = self._tree.data.get(name)
        if profile is None:
            known = profile_names(self._tree.data)
            detail = f"there is no profile {name}; there are: {some(known) or 'none'}"
            if near := nearest(name, known):
                return failed(detail, f"Did you mean {near}?")
            return failed(detail, "Make it", call=_make_profile(name))
        outputs = profile.get("outputs") if isinstance(profile, dict) else None
        if not isinstance(outputs, dict) or not outputs:
            return failed(f"{name} has no outputs", "Add outputs: with a target below it")
        try:
            chosen: Any = wanted or self._surroundings.env.get("DBT_TARGET") or default_target(profile, self._renderer)
        except NotRendered as problem:
            return failed(f"target: {problem.why}", "Correct it, or name a target", fields=("target",))
        if chosen not in outputs:
            near = nearest(str(chosen), [str(one) for one in outputs])
            return failed(
                f"{name} has no target {chosen}; it has {some(map(str, outputs))}",
                f"Write target: {near or next(iter(outputs))}, or name a target",
                fields=("target",),
            )
        if not isinstance(outputs[chosen], dict):
            return failed(f"target {chosen} holds no fields", "Add its fields")
        return [
            target_of(self._tree, name, one, self._renderer, chosen=one == chosen)
            for one, fields in outputs.items()
            if isinstance(fields, dict)
        ], None


def shared_users(targets: list[Target]) -> Iterator[TargetCheck]:
    """One check for the file: whether two targets sign in to one warehouse as one user. None for a single target."""
    by_user: dict[tuple[str, str], list[Target]] = defaultdict(list)
    for target in targets:
        user, host = target.fields.get("user"), target.fields.get("host")
        if user and host and target.fields.get("method", DATABASE) in (DATABASE, IAM):
            by_user[str(user).casefold(), str(host).casefold()].append(target)
    shared = {user: found for (user, _), found in by_user.items() if len(found) > 1}
    if shared:
        users = [
            f"{user} ({', '.join(f'{one.profile}.{one.name}' for one in found)})" for user, found in shared.items()
        ]
        yield target_check(
            "shared-user",
            "warned",
            f"one user for several targets: {'; '.join(users)}",
            "Give each person, and production, a separate user: the warehouse cannot distinguish them",
        )
    elif len(targets) > 1:
        yield target_check("shared-user", "passed", "each target has a separate user")


def _make_profile(name: str = "") -> Call:
    return call("dbt:profile", profile=name, schema="")


def _chosen_name(targets: list[Target]) -> str:
    return next((str(target.name) for target in targets if target.chosen), "")


def _without_secrets(check: TargetCheck, env: Mapping[str, str]) -> TargetCheck:
    """`check` with dots for the values of secret variables, which a server or a driver may have quoted. As dbt does."""
    secrets = sorted((value for name, value in env.items() if name.startswith(SECRET_PREFIX) and value), key=len)
    for secret in reversed(secrets):
        check = replace(check, detail=check.detail.replace(secret, DOTS))
    return check


def _other_adapter(target: Target) -> TargetCheck:
    """The check of a target for another adapter: skipped, or a misspelt `redshift`."""
    kind = str(target.fields.get("type"))
    if not nearest(kind, ["redshift"]):
        return target_check("type", "skipped", f"{kind} is not Redshift", profile=target.profile, target=target.name)
    status: CheckStatus = "failed" if target.chosen else "warned"
    return target_check(
        "type",
        status,
        f"dbt has no adapter {kind}",
        "Write type: redshift",
        profile=target.profile,
        target=target.name,
    )
