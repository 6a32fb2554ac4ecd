"""Reads a spec from its YAML text; every mistake is reported with its line. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ruamel.yaml.comments import CommentedMap

from wharfinger.access.model import Grantee, GranteeKind, fold
from wharfinger.access.spec.model import Spec, SpecTeam, SpecUser
from wharfinger.access.spec.parse_grants import read_grants
from wharfinger.access.spec.yaml_nodes import SpecReader, bare, checked_name
from wharfinger.core.names import NamePart, is_system_schema
from wharfinger.core.suggestions import did_you_mean


def parse_spec(text: str, source: str = "the spec") -> Spec:
    """A spec from its YAML text.

    Raises Invalid that names `source` and the line of the first mistake.
    """
    reader = SpecReader(source)
    document = reader.load(text)
    reader.keys(document, {"version", "schemas", "users", "groups", "roles", "grants"}, "the spec")
    version = document.get("version")
    if version != 1 or not isinstance(version, int) or isinstance(version, bool):
        raise reader.wrong(reader.line(document, "version"), "version must be 1")
    spec = Spec(
        schemas=tuple(_schemas(reader, document)),
        users=tuple(_users(reader, document)),
        groups=tuple(_teams(reader, document, "groups")),
        roles=tuple(_teams(reader, document, "roles")),
        grants=tuple(read_grants(reader, document)),
        schemas_line=reader.line(document, "schemas"),
    )
    _check_names(reader, spec)
    return spec


def _schemas(reader: SpecReader, document: CommentedMap) -> Iterator[tuple[NamePart, ...]]:
    line = reader.line(document, "schemas")
    for name in reader.texts(document, "schemas"):
        parts = reader.parts(name, line)
        if len(parts) > 2 or any(part.is_wild() for part in parts):
            raise reader.wrong(line, f"{name!r} is not the name of one schema")
        if is_system_schema(parts[-1].text.lower()):
            raise reader.wrong(line, f"{name!r} is a system schema; it is Redshift's own")
        yield parts


def _users(reader: SpecReader, document: CommentedMap) -> Iterator[SpecUser]:
    users = reader.mapping(document, "users")
    for name in users:
        line = reader.line(users, name)
        user = reader.mapping(users, name)
        reader.keys(user, {"credentials", "search_path"}, "a user")
        credentials = user.get("credentials")
        if credentials not in ("password", "iam"):
            raise reader.wrong(line, f"user {name}: credentials must be password or iam")
        path = reader.texts(user, "search_path") if "search_path" in user else None
        yield SpecUser(fold(checked_name(reader, name, line)), credentials, path, line)


def _teams(reader: SpecReader, document: CommentedMap, section: str) -> Iterator[SpecTeam]:
    teams = reader.mapping(document, section)
    for name in teams:
        line = reader.line(teams, name)
        team = reader.mapping(teams, name)
        reader.keys(team, {"members"}, f"one of {section}")
        members = tuple(_member(reader, text, section, line) for text in reader.texts(team, "members"))
        kind: GranteeKind = "group" if section == "groups" else "role"
        yield SpecTeam(fold(checked_name(reader, name, line), kind), members, line)


def _member(reader: SpecReader, text: str, section: str, line: int) -> Grantee:
    if text.startswith("role "):
        if section == "groups":
            raise reader.wrong(line, f"{text!r}: a role cannot be in a group; Redshift's groups hold users only")
        return Grantee("role", fold(bare(text.removeprefix("role ")), "role"))
    return Grantee("user", fold(bare(text.removeprefix("user "))))


RESERVED = {"group": "__", "role": "sys:"}
"""Prefixes of names that Redshift reserves (redshift-facts §4.1). PUBLIC means everybody."""


def _check_names(reader: SpecReader, spec: Spec) -> None:
    declared: Mapping[str, Sequence[SpecUser | SpecTeam]] = {
        "user": spec.users,
        "group": spec.groups,
        "role": spec.roles,
    }
    for kind, entries in declared.items():
        seen: dict[str, int] = {}
        for entry in entries:
            if entry.name in seen:
                raise reader.wrong(
                    entry.line,
                    f"{kind} {entry.name} is declared in line {seen[entry.name]} too; names are compared without case",
                )
            seen[entry.name] = entry.line
            if entry.name == "public" or entry.name.startswith(RESERVED.get(kind, "\0")):
                raise reader.wrong(entry.line, f"{kind} {entry.name}: Redshift reserves this name")
    users = {user.name for user in spec.users}
    for role in spec.roles:
        if role.name in users:
            raise reader.wrong(role.line, f"role {role.name} has the name of a user; Redshift refuses that")
    _check_circles(reader, spec)
    names = {kind: {entry.name for entry in entries} for kind, entries in declared.items()}
    for team in (*spec.groups, *spec.roles):
        for member in team.members:
            if member.name not in names[member.kind]:
                raise reader.wrong(
                    team.line,
                    f"{member.kind} {member.name} is a member of {team.name} but not declared",
                    _declare(member, names),
                )
    for grant in spec.grants:
        if grant.to.name not in names[grant.to.kind]:
            raise reader.wrong(
                grant.line,
                f"{grant.to.kind} {grant.to.name} is not declared; only what is declared is managed",
                _declare(grant.to, names),
            )


def _declare(one: Grantee, names: Mapping[str, set[str]]) -> str:
    """What to do about somebody who is not declared."""
    return did_you_mean(one.name, names[one.kind], f"Correct the name, or declare it under {one.kind}s:")


def _check_circles(reader: SpecReader, spec: Spec) -> None:
    """Raises Invalid for a role that holds itself, directly or through others; Redshift would refuse it mid-plan."""
    above = {role.name: {one.name for one in role.members if one.kind == "role"} for role in spec.roles}
    for role in spec.roles:
        reached: set[str] = set()
        ahead = set(above[role.name])
        while ahead:
            reached |= ahead
            ahead = {further for name in ahead for further in above.get(name, ())} - reached
        if role.name in reached:
            raise reader.wrong(role.line, f"role {role.name} would hold itself; roles must not form a circle")
