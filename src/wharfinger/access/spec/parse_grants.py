"""Reads the grants of a spec. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from wharfinger.access.model import PRIVILEGES, Grantee, GranteeKind, ObjectKind, fold
from wharfinger.access.spec.model import EVERYONE, PARTS, TARGETS, SpecGrant
from wharfinger.access.spec.yaml_nodes import SpecReader, bare


def read_grants(reader: SpecReader, document: CommentedMap) -> Iterator[SpecGrant]:
    """The entries under `grants`. Raises Invalid with the line of a mistake."""
    grants = document.get("grants")
    if grants is None:
        return
    if not isinstance(grants, CommentedSeq):
        raise reader.wrong(reader.line(document, "grants"), "'grants' must be a list")
    for index in range(len(grants)):
        grant = reader.mapping(grants, index)
        yield _grant(reader, grant, reader.line(grants, index))


def _grant(reader: SpecReader, grant: CommentedMap, line: int) -> SpecGrant:
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
    if len(parts) not in PARTS[target]:
        raise reader.wrong(line, f"{name!r} is not the name of a {target}")
    if any(part.is_wild() for part in (parts if target not in ("table", "view") else parts[:-1])):
        raise reader.wrong(line, f"{name!r}: * stands for names of tables and views only")
    privileges = tuple(privilege.lower() for privilege in reader.texts(grant, "privileges"))
    future = tuple(fold(bare(creator)) for creator in reader.texts(grant, "future"))
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


def _grantee(reader: SpecReader, text: str, line: int) -> Grantee:
    kind, _, name = text.strip().partition(" ")
    if kind not in ("user", "group", "role") or not name.strip():
        raise reader.wrong(line, f"'to' must be user, group or role and a name, not {text!r}")
    grantee_kind = cast("GranteeKind", kind)
    return Grantee(grantee_kind, fold(bare(name), grantee_kind))


def _arguments(reader: SpecReader, target: str, name: str, line: int) -> tuple[str, str]:
    if target not in ("function", "procedure"):
        return name, ""
    found = re.fullmatch(r'((?:"(?:[^"]|"")*"|[^"(])+)\((.*)\)', name, re.DOTALL)
    if found is None:
        raise reader.wrong(line, f"{target} {name}: give its argument types too, as in schema.total(int, varchar)")
    return found[1].strip(), " ".join(found[2].split())


def _privileges(reader: SpecReader, target: str, asked: tuple[str, ...], line: int) -> tuple[str, ...]:
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
        raise reader.wrong(line, "'all' excludes other privileges")
    return tuple(dict.fromkeys(asked))


def _future(reader: SpecReader, target: str, to: Grantee, creators: tuple[str, ...], line: int) -> tuple[str, ...]:
    if creators and target != "schema":
        raise reader.wrong(line, "'future' needs a schema in 'on': it is for tables that these users will make there")
    if EVERYONE in creators and to.kind != "role":
        raise reader.wrong(line, f"'future: [*]' needs a role; for a {to.kind} name the users who make the tables")
    return creators


def _existing(reader: SpecReader, grant: CommentedMap, future: tuple[str, ...], line: int) -> bool:
    existing = grant.get("existing", True)
    if not isinstance(existing, bool):
        raise reader.wrong(line, "'existing' must be true or false")
    if not existing and not future:
        raise reader.wrong(line, "'existing: false' needs 'future': otherwise there is nothing to grant")
    return existing
