"""The live state as a spec. A plan made from that spec has no steps. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from wharfinger.access.model import (
    SCHEMA_PRIVILEGES,
    SYSTEM_USERS,
    DefaultRight,
    Grantee,
    Inventory,
    Note,
    Object,
    ScopedRight,
    State,
    User,
    is_federated,
)
from wharfinger.access.spec.model import EVERYONE
from wharfinger.access.state.beyond_notes import beyond_notes
from wharfinger.access.state.live import Live
from wharfinger.access.state.managed import (
    UNMANAGED_TEXT,
    manageable,
    system_right_notes,
    unmanaged_notes,
    unmanaged_users,
)
from wharfinger.core.names import display_part, in_one_line

Entry = dict[str, Any]
"""A user, group, role or grant as plain values."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """The live state as a spec in plain values, for YAML or JSON, and notes on what no spec can express."""

    spec: dict[str, Any]
    notes: tuple[Note, ...]

    def yaml(self) -> str:
        """The spec as people write it: one user, group or grant a line, the notes as comments at its head."""
        root = CommentedMap(self.spec)
        for section in ("users", "groups", "roles"):
            root[section] = CommentedMap({name: _flow(entry) for name, entry in self.spec[section].items()})
        root["grants"] = CommentedSeq([_flow(grant) for grant in self.spec["grants"]])
        root["schemas"] = _flow_list(self.spec["schemas"])
        out = StringIO()
        for note in self.notes:
            out.write(f"# {in_one_line(f'{note.about} {note.text}')}\n")
        yaml = YAML(typ="rt")
        yaml.width = 1_000_000
        yaml.dump(root, out)
        return out.getvalue()


def inspected(live: Live, database: str, disabled: Collection[str] = ()) -> Inspected:
    """The spec of `live`, for a connection to `database`. Superusers are left out: no spec may declare them.

    `disabled` are the users whose passwords Wharfinger has disabled.
    """
    state = manageable(live.state, live.user)
    return Inspected(
        {
            "version": 1,
            "schemas": [
                _dotted(database, schema.database, schema.name)
                for schema in sorted(state.schemas)
                if not schema.external
            ],
            "users": {user.name: _user(user, disabled) for user in sorted(state.users, key=lambda one: one.name)},
            "groups": {name: _members(_in_group(state, name)) for name in sorted(state.groups)},
            "roles": {name: _members(_in_role(state, name)) for name in sorted(state.roles)},
            "grants": list(_grants(state, live.inventory, database)),
        },
        (*live.notes, *_notes(live, state)),
    )


def _user(user: User, disabled: Collection[str]) -> Entry:
    """No view shows whether a user has a password: `iam` is only for IAM identities and `disabled` users."""
    entry: Entry = {"credentials": "iam" if is_federated(user.name) or user.name in disabled else "password"}
    if user.search_path is not None:
        entry["search_path"] = list(user.search_path)
    return entry


def _in_group(state: State, group: str) -> list[str]:
    return [_reference(Grantee("user", one.user)) for one in sorted(state.members) if one.group == group]


def _in_role(state: State, role: str) -> list[str]:
    return [_reference(one.grantee) for one in sorted(state.role_members) if one.role == role]


def _members(names: list[str]) -> Entry:
    return {"members": names} if names else {}


def _reference(grantee: Grantee) -> str:
    """A member as a spec names it: with its kind for a role, and for a user whose name looks like one."""
    name = _name(grantee.name)
    plain = grantee.kind == "user" and not name.startswith(("user ", "role "))
    return name if plain else f"{grantee.kind} {name}"


def _name(name: str) -> str:
    """The name of a user, group or role in a spec; in double quotes when it has outer blanks or quotes."""
    return name if name == name.strip() and '"' not in name else '"' + name.replace('"', '""') + '"'


def _dotted(own: str, database: str, *parts: str) -> str:
    names = parts if database == own else (database, *parts)
    return ".".join(display_part(name) for name in names)


def _grants(state: State, inventory: Inventory, own: str) -> Iterator[Entry]:
    held: dict[tuple[Grantee, Object], set[str]] = defaultdict(set)
    for right in state.rights:
        held[right.grantee, right.on].add(right.privilege)
    future: list[DefaultRight | ScopedRight] = [*state.defaults, *state.scoped]
    grantees = sorted({who for who, _ in held} | {one.grantee for one in future})
    for who in grantees:
        on = {one: privileges for (grantee, one), privileges in held.items() if grantee == who}
        yield from _on_databases(who, on)
        defaults = [one for one in state.defaults if one.grantee == who]
        scoped = [one for one in state.scoped if one.grantee == who]
        places = {(one.database, one.schema) for one in on if one.schema} | {
            (one.database, one.schema) for one in future if one.grantee == who
        }
        for place in sorted(places):
            here = {one: privileges for one, privileges in on.items() if (one.database, one.schema) == place}
            tables = {one for one in inventory.tables if (one.database, one.schema) == place}
            yield from _Place(who, own, place, here, tables).grants(
                [one for one in defaults if (one.database, one.schema) == place],
                [one for one in scoped if (one.database, one.schema) == place],
                inventory,
            )


def _on_databases(who: Grantee, on: dict[Object, set[str]]) -> Iterator[Entry]:
    for one in sorted(on):
        if one.kind == "database":
            yield _grant(who, f"database {display_part(one.database)}", on[one])


def _grant(
    who: Grantee, on: str, privileges: Iterable[str], future: Iterable[str] = (), *, existing: bool = True
) -> Entry:
    entry: Entry = {"to": f"{who.kind} {_name(who.name)}", "on": on, "privileges": sorted(privileges)}
    if creators := list(future):
        entry["future"] = creators
    if not existing:
        entry["existing"] = False
    return entry


@dataclass(frozen=True, slots=True)
class _Place:
    """What one grantee holds in one schema: `here` are privileges by object, `tables` the schema's tables."""

    who: Grantee
    own: str
    place: tuple[str, str]
    here: dict[Object, set[str]]
    tables: set[Object]

    def grants(self, defaults: list[DefaultRight], scoped: list[ScopedRight], inventory: Inventory) -> Iterator[Entry]:
        database, schema = self.place
        where = _dotted(self.own, database, schema)
        whole = self._on_all_tables(inventory)
        on_schema = self.here.get(Object("schema", database, schema), set())
        by_creators = sorted(_by_creators(defaults))
        same = [creators for creators, privileges in by_creators if whole and set(privileges) == whole]
        if on_schema or whole:
            future = [creator for creators in same for creator in creators]
            yield _grant(self.who, f"schema {where}", on_schema | whole, future)
        for creators, privileges in by_creators:
            if creators not in same:
                yield _grant(self.who, f"schema {where}", privileges, creators, existing=False)
        if scoped:
            yield _grant(self.who, f"schema {where}", {one.privilege for one in scoped}, [EVERYONE])
        for one in sorted(self.here):
            left = self.here[one] - (whole if one.kind == "table" else set())
            if one.kind != "schema" and left:
                yield _grant(self.who, f"{one.kind} {self._named(one)}", left)

    def _on_all_tables(self, inventory: Inventory) -> set[str]:
        """Privileges held on every table of the schema that the grantee does not own; `alter` means the schema's."""
        mine = self.who.name if self.who.kind == "user" else None
        owners = inventory.owners
        others = [self.here.get(one, set()) for one in self.tables if mine is None or owners.get(one) != mine]
        if not others:
            return set()
        return set.intersection(*others) - set(SCHEMA_PRIVILEGES)

    def _named(self, one: Object) -> str:
        if one.kind == "table":
            return _dotted(self.own, one.database, one.schema, one.name)
        head, _, arguments = one.name.rpartition("(")
        return f"{_dotted(self.own, one.database, one.schema, head)}({arguments}"


def _by_creators(defaults: list[DefaultRight]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Creators grouped by the privileges that their future tables get."""
    by_creator: dict[str, set[str]] = defaultdict(set)
    for one in defaults:
        by_creator[one.creator].add(one.privilege)
    alike: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for creator, privileges in by_creator.items():
        alike[tuple(sorted(privileges))].append(creator)
    return [(tuple(_name(one) for one in sorted(creators)), privileges) for privileges, creators in alike.items()]


def _notes(live: Live, state: State) -> Iterator[Note]:
    """What the spec leaves out: what none can express, and superusers."""
    for right in sorted(state.others):
        yield Note(str(right.grantee), UNMANAGED_TEXT.format(right.words()))
    yield from (note for _, note in system_right_notes(live.state))
    never = unmanaged_users(live) | SYSTEM_USERS
    yield from beyond_notes(one for one in live.beyond if one.grantee.kind != "user" or one.grantee.name not in never)
    yield from unmanaged_notes(live)


def _flow(entry: Entry) -> CommentedMap:
    made = CommentedMap({key: _flow_list(value) if isinstance(value, list) else value for key, value in entry.items()})
    made.fa.set_flow_style()
    return made


def _flow_list(values: list[str]) -> CommentedSeq:
    made = CommentedSeq(values)
    made.fa.set_flow_style()
    return made
