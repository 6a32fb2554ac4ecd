"""What `check --as` proves and how its answers are judged. Pure: rights in, candidates and fixes out."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from wharfinger.access.model import Grantee, Object, Schema, State
from wharfinger.access.reader import Live
from wharfinger.core.names import display_part, quote_ident

ProofId = Literal["select-raw", "create-schema", "read-system-views"]
Status = Literal["passed", "failed", "computed"]
Way = Literal["itself", "session authorization", "db-user", "computed"]
"""How one acts as the user: it is the user, SET SESSION AUTHORIZATION, temporary credentials, or not at all."""

RAW = "raw"


@dataclass(frozen=True, slots=True)
class Proof:
    """One answer. `fix` is the SQL that mends a failure, empty where there is none."""

    id: ProofId
    status: Status
    detail: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was proven of one user, in which way, and what should be known beside it."""

    user: str
    way: Way
    checks: tuple[Proof, ...]
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return all(proof.status != "failed" for proof in self.checks)

    def document(self) -> dict[str, Any]:
        """The answer as JSON."""
        checks = [
            {"id": one.id, "status": one.status, "detail": one.detail, "fix": one.fix or None} for one in self.checks
        ]
        return {"ok": self.ok, "user": self.user, "way": self.way, "checks": checks, "notes": list(self.notes)}


@dataclass(frozen=True, slots=True)
class RawSchema:
    """A schema with tables of others. `extent` is how much of it the user's rights open, as far as rights tell:
    `open` all, `half` some, `closed` nothing, `unknown` where rights cannot be read.

    `tries` are the tables to select from as the user: one that should succeed, one that should fail. `holder` is who
    holds what there is, or is the one to be given it.
    """

    schema: str
    extent: Literal["open", "half", "closed", "unknown"]
    tries: tuple[str, ...]
    holder: Grantee
    lacks_usage: bool = True
    lacks_select: bool = True

    def fix(self, said: str) -> str:
        """What opens all of it, after the engine `said` no."""
        to = self.holder.sql()
        schema = quote_ident(self.schema)
        usage = [f"grant usage on schema {schema} to {to}"] if self.lacks_usage and "schema" in said else []
        select = [f"grant select on all tables in schema {schema} to {to}"] if self.lacks_select else []
        return "; ".join([*usage, *select])


def holders(state: State, user: str) -> list[Grantee]:
    """Who holds rights for `user`: its groups, its roles with the roles they hold, and itself; the groups first."""
    groups = sorted(Grantee("group", one.group) for one in state.members if one.user == user)
    found: list[Grantee] = []
    waiting = [Grantee("user", user)]
    while waiting:
        one = waiting.pop()
        for held in sorted(member.role for member in state.role_members if member.grantee == one):
            role = Grantee("role", held)
            if role not in found:
                found.append(role)
                waiting.append(role)
    return [*groups, *found, Grantee("user", user)]


def raw_schemas(live: Live, database: str, user: str, named: Collection[str] = ()) -> list[RawSchema]:
    """The schemas of `database` with tables that `user` did not make, or those of `named`; the most open first."""
    by_schema = _tables(live, database, but_of=user)
    who = holders(live.state, user)
    chosen = [name for name in sorted(by_schema) if not named or name in named]
    found = [_raw_schema(live, Schema(database, name), by_schema[name], who) for name in chosen]
    return sorted(found, key=lambda one: (("open", "half", "closed").index(one.extent), *order(one.schema)))


def order(schema: str) -> tuple[bool, str]:
    """Schemas whose names begin with `raw` before others."""
    return (not schema.lower().startswith(RAW), schema)


def _raw_schema(live: Live, schema: Schema, tables: set[Object], who: list[Grantee]) -> RawSchema:
    state, user = live.state, who[-1]
    place = Object("schema", schema.database, schema.name)
    usage = [one.grantee for one in state.rights if one.on == place and one.privilege == "usage" and one.grantee in who]
    owns_schema = live.inventory.owners.get(place) == user.name
    selects = {one.on: one.grantee for one in state.rights if one.privilege == "select" and one.grantee in who}
    readable = {table for table in tables if table in selects}
    scope = [
        one.grantee
        for one in state.scoped
        if (one.database, one.schema, one.privilege) == (schema.database, schema.name, "select") and one.grantee in who
    ]
    if scope:
        readable = tables
    lacks_usage = not (usage or owns_schema)
    some = bool(usage or readable)
    extent: Literal["open", "half", "closed"] = "half" if some else "closed"
    if readable == tables and not lacks_usage:
        extent = "open"
    rank = {table: (table in live.inventory.views, table.name) for table in tables}
    first = [min(readable, key=lambda one: rank[one]).name] if readable else []
    missing = [min(tables - readable, key=lambda one: rank[one]).name] if tables - readable else []
    involved = [*usage, *(selects[table] for table in readable if table in selects), *scope]
    holder = min(involved, key=who.index) if involved else first_holder(who)
    tries = tuple(dict.fromkeys([*first, *missing]))
    return RawSchema(schema.name, extent, tries, holder, lacks_usage, bool(missing))


def first_holder(who: list[Grantee]) -> Grantee:
    """Who is to be given a right that nobody of `who` has: the first group, else the user."""
    return next((one for one in who if one.kind == "group"), who[-1])


def can_create_in(live: Live, database: str, who: list[Grantee]) -> list[str]:
    """The schemas in which the user may make tables by a right of its own; that everybody may in public is no proof."""
    granted = {
        one.on.schema
        for one in live.state.rights
        if one.on.kind == "schema" and one.on.database == database and one.privilege == "create" and one.grantee in who
    }
    owned = {
        one.schema
        for one, owner in live.inventory.owners.items()
        if one.kind == "schema" and one.database == database and owner == who[-1].name
    }
    return sorted(granted | owned)


def open_group(live: Live, database: str, user: str, named: Collection[str] = ()) -> str:
    """A group without `user` whose members can read a schema of raw data, or all of `named`; empty without one."""
    theirs = {one.group for one in live.state.members if one.user == user}
    for group in sorted(live.state.groups - theirs):
        who = [Grantee("group", group), Grantee("user", user)]
        by_schema = _tables(live, database)
        found = [_raw_schema(live, Schema(database, name), tables, who) for name, tables in by_schema.items()]
        opened = {one.schema for one in found if one.extent == "open" and one.holder.kind == "group"}
        if opened.issuperset(named) if named else opened:
            return group
    return ""


def _tables(live: Live, database: str, but_of: str = "") -> dict[str, set[Object]]:
    """The tables of each schema, without those that `but_of` owns."""
    by_schema: dict[str, set[Object]] = {}
    for table in live.inventory.tables:
        if table.database == database and live.inventory.owners.get(table, "?") != but_of:
            by_schema.setdefault(table.schema, set()).add(table)
    return by_schema


def words(names: Iterable[str]) -> str:
    """Names for a sentence."""
    return ", ".join(display_part(name) for name in names)
