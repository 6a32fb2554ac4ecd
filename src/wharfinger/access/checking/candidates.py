"""Which schemas a check tries, who holds which right for a user, and the SQL that fixes a failure. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from wharfinger.access.model import Grantee, Object, Schema, State
from wharfinger.access.state.live import Live
from wharfinger.core.names import display_part, quote_ident

RAW = "raw"
"""How the names of schemas of raw data usually begin; these are tried first."""


@dataclass(frozen=True, slots=True)
class RawSchema:
    """A schema with tables that the user does not own.

    `extent` is how much of it the user's rights let it read: `open` all, `half` some, `closed` nothing, `unknown`
    where rights cannot be read. `tries` are the tables to select from as the user: one that should succeed, one that
    should fail. `holder` is the grantee that holds the present rights, or should get the missing ones.
    """

    schema: str
    extent: Literal["open", "half", "closed", "unknown"]
    tries: tuple[str, ...]
    holder: Grantee
    lacks_usage: bool = True
    lacks_select: bool = True

    def fix(self, refusal: str) -> str:
        """The SQL that lets `holder` read all of it, after the engine refused with the words `refusal`."""
        to = self.holder.sql()
        schema = quote_ident(self.schema)
        usage = [f"grant usage on schema {schema} to {to}"] if self.lacks_usage and "schema" in refusal else []
        select = [f"grant select on all tables in schema {schema} to {to}"] if self.lacks_select else []
        return "; ".join([*usage, *select])


def holders(state: State, user: str) -> list[Grantee]:
    """The grantees whose rights `user` has: its groups, its roles with the roles they hold, and last itself."""
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
    """The schemas of `database`, or those of `named`, with tables that `user` does not own; the most open first."""
    by_schema = _tables(live, database, not_of=user)
    who = holders(live.state, user)
    chosen = [name for name in sorted(by_schema) if not named or name in named]
    found = [_raw_schema(live, Schema(database, name), by_schema[name], who) for name in chosen]
    return sorted(found, key=lambda one: (("open", "half", "closed").index(one.extent), *raw_first(one.schema)))


def raw_first(schema: str) -> tuple[bool, str]:
    """A key that sorts schemas whose names begin with `raw` before others."""
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
    """The grantee that should get a right that none of `who` has: the first group, else the user."""
    return next((one for one in who if one.kind == "group"), who[-1])


def can_create_in(live: Live, database: str, who: list[Grantee]) -> list[str]:
    """The schemas in which the user may make tables by its own rights; what PUBLIC may do does not count."""
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


def _tables(live: Live, database: str, not_of: str = "") -> dict[str, set[Object]]:
    """The tables of each schema, without those that `not_of` owns."""
    by_schema: dict[str, set[Object]] = {}
    for table in live.inventory.tables:
        if table.database == database and live.inventory.owners.get(table, "?") != not_of:
            by_schema.setdefault(table.schema, set()).add(table)
    return by_schema


def listed(names: Iterable[str]) -> str:
    """Names in a sentence, separated by commas."""
    return ", ".join(display_part(name) for name in names)
