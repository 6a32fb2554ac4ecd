"""The access spec: YAML in, values out, every mistake with its line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

from wharfinger.access.model import PRIVILEGES, Credentials, Grantee, GranteeKind, ObjectKind, fold
from wharfinger.core.errors import Invalid
from wharfinger.core.names import MAX_IDENTIFIER_BYTES, NamePart, split_name

NEXT_STEP = "See docs/let-people-in.md for the form of an access spec"
TARGETS = ("database", "schema", "table", "view", "function", "procedure")
_PARTS = {
    "database": (1,), "schema": (1, 2), "table": (2, 3), "view": (2, 3), "function": (2, 3), "procedure": (2, 3),
}  # fmt: skip
EVERYONE = "*"
"""In `future` of a role: whoever makes the tables."""


@dataclass(frozen=True, slots=True)
class SpecUser:
    """A declared user."""

    name: str
    credentials: Credentials
    search_path: tuple[str, ...] | None
    line: int


@dataclass(frozen=True, slots=True)
class SpecTeam:
    """A declared group or role with the grantees that belong to it; members of a group are users."""

    name: str
    members: tuple[Grantee, ...]
    line: int


@dataclass(frozen=True, slots=True)
class SpecGrant:
    """One line of grants: `parts` is the target's dotted name, `arguments` a function's argument list.

    `existing` is false where only the tables of `future` are meant, not those that are there.
    """

    to: Grantee
    target: str
    parts: tuple[NamePart, ...]
    arguments: str
    privileges: tuple[str, ...]
    future: tuple[str, ...]
    line: int
    existing: bool = True

    def on_kind(self) -> ObjectKind:
        """The kind of object the grant names; a view is a table to Redshift."""
        return "table" if self.target == "view" else cast("ObjectKind", self.target)


@dataclass(frozen=True, slots=True)
class Spec:
    """Who should exist and what they should be allowed, as one person wrote it down."""

    schemas: tuple[tuple[NamePart, ...], ...]
    users: tuple[SpecUser, ...]
    groups: tuple[SpecTeam, ...]
    roles: tuple[SpecTeam, ...]
    grants: tuple[SpecGrant, ...]
    schemas_line: int = 1

    def databases(self) -> tuple[NamePart, ...]:
        """The databases that it names besides the connection's own."""
        named = [parts[0] for parts in self.schemas if len(parts) == 2]
        for grant in self.grants:
            if grant.target != "database" and len(grant.parts) == max(_PARTS[grant.target]):
                named.append(grant.parts[0])
        return tuple(dict.fromkeys(named))


def parse_spec(text: str, source: str = "the spec") -> Spec:
    """A spec from its YAML text.

    Raises Invalid that names `source` and the line of the first mistake.
    """
    reader = _Reader(source)
    document = reader.load(text)
    reader.keys(document, {"version", "schemas", "users", "groups", "roles", "grants"}, "the spec")
    if document.get("version") != 1:
        raise reader.wrong(reader.line(document, "version"), "version must be 1")
    spec = Spec(
        schemas=tuple(_schemas(reader, document)),
        users=tuple(_users(reader, document)),
        groups=tuple(_teams(reader, document, "groups")),
        roles=tuple(_teams(reader, document, "roles")),
        grants=tuple(_grants(reader, document)),
        schemas_line=reader.line(document, "schemas"),
    )
    _check_names(reader, spec)
    return spec


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source

    def wrong(self, line: int, why: str) -> Invalid:
        return Invalid("The access spec is wrong", subject=f"{self.source}, line {line}", why=why, next_step=NEXT_STEP)

    def load(self, text: str) -> CommentedMap:
        try:
            document = YAML(typ="rt").load(StringIO(_whole_characters(text)))
        except MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise self.wrong(line, f"it is not YAML: {error.problem}") from None
        if not isinstance(document, CommentedMap):
            raise self.wrong(1, "a mapping with version, users, groups, grants is expected")
        return document

    def line(self, node: CommentedMap | CommentedSeq, key: object) -> int:
        position = node.lc.data.get(key) if node.lc.data else None
        return int(position[0] if position else node.lc.line) + 1

    def keys(self, node: CommentedMap, known: set[str], where: str) -> None:
        for key in node:
            if key not in known:
                raise self.wrong(
                    self.line(node, key), f"{where} does not know {key!r}; it knows {', '.join(sorted(known))}"
                )

    def mapping(self, parent: CommentedMap | CommentedSeq, key: Any) -> CommentedMap:
        value = parent[key] if not isinstance(parent, CommentedMap) or key in parent else None
        if value is None:
            value = CommentedMap()
        if not isinstance(value, CommentedMap):
            raise self.wrong(
                self.line(parent, key),
                f"{key!r} must be a mapping" if isinstance(key, str) else "a mapping is expected",
            )
        return value

    def texts(self, parent: CommentedMap, key: str) -> tuple[str, ...]:
        value = parent.get(key)
        if value is None:
            return ()
        if (
            not isinstance(value, Sequence)
            or isinstance(value, str)
            or not all(isinstance(one, str) and one for one in value)
        ):
            raise self.wrong(self.line(parent, key), f"{key!r} must be a list of names")
        return tuple(str(one) for one in value)

    def parts(self, text: str, line: int) -> tuple[NamePart, ...]:
        try:
            return tuple(split_name(text))
        except Invalid as error:
            raise self.wrong(line, f"{text!r} is not a name: {error.why}") from None


def _whole_characters(text: str) -> str:
    """JSON may write a character beyond 16 bits as two escapes, which YAML takes for two characters."""
    if not text.lstrip().startswith("{"):
        return text
    pair = re.compile(r"(?<!\\)((?:\\\\)*)(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})")
    return pair.sub(lambda found: found[1] + str(json.loads(f'"{found[2]}"')), text)


def _schemas(reader: _Reader, document: CommentedMap) -> Iterator[tuple[NamePart, ...]]:
    line = reader.line(document, "schemas")
    for name in reader.texts(document, "schemas"):
        parts = reader.parts(name, line)
        if len(parts) > 2 or any(part.is_wild() for part in parts):
            raise reader.wrong(line, f"{name!r} is not the name of one schema")
        yield parts


def _users(reader: _Reader, document: CommentedMap) -> Iterator[SpecUser]:
    users = reader.mapping(document, "users")
    for name in users:
        line = reader.line(users, name)
        user = reader.mapping(users, name)
        reader.keys(user, {"credentials", "search_path"}, "a user")
        credentials = user.get("credentials")
        if credentials not in ("password", "iam"):
            raise reader.wrong(line, f"user {name}: credentials must be password or iam")
        path = reader.texts(user, "search_path") if "search_path" in user else None
        yield SpecUser(fold(_name(reader, name, line)), credentials, path, line)


def _teams(reader: _Reader, document: CommentedMap, section: str) -> Iterator[SpecTeam]:
    teams = reader.mapping(document, section)
    for name in teams:
        line = reader.line(teams, name)
        team = reader.mapping(teams, name)
        reader.keys(team, {"members"}, f"one of {section}")
        members = tuple(_member(reader, text, section, line) for text in reader.texts(team, "members"))
        yield SpecTeam(fold(_name(reader, name, line)), members, line)


def _member(reader: _Reader, text: str, section: str, line: int) -> Grantee:
    if text.startswith("role "):
        if section == "groups":
            raise reader.wrong(line, f"{text!r}: a role cannot be in a group; Redshift's groups hold users only")
        return Grantee("role", fold(_bare(text.removeprefix("role "))))
    return Grantee("user", fold(_bare(text.removeprefix("user "))))


def _bare(name: str) -> str:
    """A name without the double quotes that may stand around it, inner ones doubled; else without outer blanks."""
    name = name.strip()
    quoted = re.fullmatch(r'"((?:[^"]|"")+)"', name)
    return quoted[1].replace('""', '"') if quoted else name


def _grants(reader: _Reader, document: CommentedMap) -> Iterator[SpecGrant]:
    grants = document.get("grants")
    if grants is None:
        return
    if not isinstance(grants, CommentedSeq):
        raise reader.wrong(reader.line(document, "grants"), "'grants' must be a list")
    for index in range(len(grants)):
        grant = reader.mapping(grants, index)
        yield _grant(reader, grant, reader.line(grants, index))


def _grant(reader: _Reader, grant: CommentedMap, line: int) -> SpecGrant:
    reader.keys(grant, {"to", "on", "privileges", "future", "existing"}, "a grant")
    for key in ("to", "on", "privileges"):
        if not grant.get(key):
            raise reader.wrong(line, f"a grant needs {key!r}")
    to = _grantee(reader, str(grant["to"]), line)
    target, _, name = str(grant["on"]).strip().partition(" ")
    if target not in TARGETS or not name.strip():
        raise reader.wrong(line, f"'on' must be one of {', '.join(TARGETS)} and a name, not {grant['on']!r}")
    name, arguments = _arguments(reader, target, name.strip(), line)
    parts = reader.parts(name, line)
    if len(parts) not in _PARTS[target]:
        raise reader.wrong(line, f"{name!r} is not the name of a {target}")
    if any(part.is_wild() for part in (parts if target not in ("table", "view") else parts[:-1])):
        raise reader.wrong(line, f"{name!r}: * stands for names of tables and views only")
    privileges = tuple(privilege.lower() for privilege in reader.texts(grant, "privileges"))
    future = tuple(fold(_bare(creator)) for creator in reader.texts(grant, "future"))
    return SpecGrant(
        to,
        target,
        parts,
        arguments,
        _privileges(reader, target, privileges, line),
        _future(reader, target, to, future, line),
        line,
        existing=_existing(reader, grant, future, line),
    )


def _grantee(reader: _Reader, text: str, line: int) -> Grantee:
    kind, _, name = text.strip().partition(" ")
    if kind not in ("user", "group", "role") or not name.strip():
        raise reader.wrong(line, f"'to' must be user, group or role and a name, not {text!r}")
    return Grantee(cast("GranteeKind", kind), fold(_bare(name)))


def _arguments(reader: _Reader, target: str, name: str, line: int) -> tuple[str, str]:
    if target not in ("function", "procedure"):
        return name, ""
    found = re.fullmatch(r'((?:"(?:[^"]|"")*"|[^"(])+)\((.*)\)', name, re.DOTALL)
    if found is None:
        raise reader.wrong(
            line, f"{target} {name}: its argument types belong to its name, as in schema.total(int, varchar)"
        )
    return found[1].strip(), " ".join(found[2].split())


def _privileges(reader: _Reader, target: str, asked: tuple[str, ...], line: int) -> tuple[str, ...]:
    kinds: tuple[ObjectKind, ...] = (
        ("schema", "table") if target == "schema" else (cast("ObjectKind", "table" if target == "view" else target),)
    )
    known = [privilege for kind in kinds for privilege in PRIVILEGES[kind]]
    asked = tuple("temp" if privilege == "temporary" else privilege for privilege in asked)
    for privilege in asked:
        if privilege not in known and privilege != "all":
            raise reader.wrong(
                line, f"{privilege!r} cannot be granted on a {target}; {', '.join(dict.fromkeys(known))} or all can"
            )
    if asked != ("all",) and "all" in asked:
        raise reader.wrong(line, "'all' stands alone")
    return tuple(dict.fromkeys(asked))


def _future(reader: _Reader, target: str, to: Grantee, creators: tuple[str, ...], line: int) -> tuple[str, ...]:
    if creators and target != "schema":
        raise reader.wrong(line, "'future' goes with a schema: it speaks of tables that its creators will make there")
    if EVERYONE in creators and to.kind != "role":
        raise reader.wrong(
            line, f"'future: [*]' goes with a role; for a {to.kind} Redshift must be told who makes the tables"
        )
    return creators


def _existing(reader: _Reader, grant: CommentedMap, future: tuple[str, ...], line: int) -> bool:
    existing = grant.get("existing", True)
    if not isinstance(existing, bool):
        raise reader.wrong(line, "'existing' must be true or false")
    if not existing and not future:
        raise reader.wrong(line, "'existing: false' goes with 'future': without both there is nothing to grant")
    return existing


def _name(reader: _Reader, name: object, line: int) -> str:
    if not isinstance(name, str) or not name.strip():
        raise reader.wrong(line, f"{name!r} is not a name; put it in quotes if it is one")
    if len(name.encode()) > MAX_IDENTIFIER_BYTES or "\x00" in name:
        raise reader.wrong(line, f"{name!r} is no name that Redshift takes: it has more than 127 bytes, or a NUL")
    return name


def _check_names(reader: _Reader, spec: Spec) -> None:
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
                    f"{kind} {entry.name} stands in line {seen[entry.name]} already; names are compared without case",
                )
            seen[entry.name] = entry.line
    users = {user.name for user in spec.users}
    for role in spec.roles:
        if role.name in users:
            raise reader.wrong(role.line, f"role {role.name} has the name of a user; Redshift refuses that")
    for team in (*spec.groups, *spec.roles):
        for member in team.members:
            if member.name not in {entry.name for entry in declared[member.kind]}:
                raise reader.wrong(
                    team.line, f"{member.kind} {member.name} is a member of {team.name} but not declared"
                )
    for grant in spec.grants:
        if grant.to.name not in {entry.name for entry in declared[grant.to.kind]}:
            raise reader.wrong(
                grant.line, f"{grant.to.kind} {grant.to.name} is not declared; only what is declared is managed"
            )
