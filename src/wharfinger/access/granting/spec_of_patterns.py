"""Table patterns as an access spec for one user. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from wharfinger.access.model import Grantee, Inventory, Object, Schema
from wharfinger.access.spec.model import Spec, SpecGrant, SpecUser
from wharfinger.connections.model import Connection
from wharfinger.core.errors import Invalid, NotFound
from wharfinger.core.names import NamePart, TableName, TablePattern, is_system_schema
from wharfinger.core.verbs import call

TABLE_INFO = ("pg_catalog", "svv_table_info")
"""The view with sizes and change signals; other users than superusers need a grant (redshift-facts §4.4)."""

EVERY_TABLE = "*"
"""The placeholder table of a schema that cannot be read yet and of which a pattern asks for every table."""

Place = tuple[str, str]
"""A database and a schema."""


@dataclass(slots=True)
class _Wanted:
    """The tables of one schema; `whole` when a pattern asks for all of them."""

    whole: bool = False
    tables: set[Object] = field(default_factory=set)


def spec_of_patterns(
    user: str, patterns: Sequence[TablePattern], inventory: Inventory, connection: Connection, *, declares_user: bool
) -> tuple[Spec, frozenset[Place]]:
    """The spec that lets `user` read what `patterns` match in `inventory`, and the schemas that they ask for whole.

    svv_table_info is added in the connection's own database and in each that a pattern matches. With `declares_user`
    the user is declared, without a password. Raises NotFound for a pattern that matches nothing.
    """
    matched: dict[Place, _Wanted] = {}
    for pattern in patterns:
        tables = _matching(pattern, inventory, connection.database)
        if not tables:
            raise NotFound(
                "No table matches",
                subject=pattern.text,
                why="no table of that name is visible, or it is in a system schema, which everybody can read",
                next_step="List the tables; a pattern is schema.table or database.schema.table",
                call=call("tables:list", connection=connection.name),
            )
        for table in tables:
            wanted = matched.setdefault((table.database, table.schema), _Wanted())
            wanted.tables.add(table)
            wanted.whole = wanted.whole or _is_every(pattern.name)
    to = Grantee("user", user)
    external = {(one.database, one.name) for one in inventory.schemas if one.external}
    databases = {connection.database, *(database for database, _ in matched)}
    grants = [_grant(to, "table", (database, *TABLE_INFO), "select") for database in sorted(databases)]
    for place in sorted(matched):
        grants += _in_schema(to, place, matched[place], external=place in external)
    users = (SpecUser(user, "iam", None, 1),) if declares_user else ()
    spec = Spec(schemas=(), users=users, groups=(), roles=(), grants=tuple(grants))
    return spec, frozenset(place for place, wanted in matched.items() if wanted.whole)


def inventory_of_patterns(patterns: Sequence[TablePattern], connection: Connection) -> Inventory:
    """An inventory of what `patterns` name, for a warehouse that cannot be read yet; it is assumed to exist.

    Raises Invalid for a pattern with `*` elsewhere than in place of a whole table name.
    """
    tables: set[Object] = set()
    for pattern in patterns:
        places = (pattern.database, pattern.schema)
        if any(part is not None and part.is_wild() for part in places) or _is_partly_wild(pattern.name):
            raise Invalid(
                "This pattern needs the warehouse's list of tables",
                subject=pattern.text,
                why="it contains a *, and the connection cannot sign in yet",
                next_step="Name schema and table (schema.* works too), or an administrator's connection to read with",
                fields=("via",),
            )
        database = connection.database if pattern.database is None else _folded(pattern.database)
        tables.add(Object("table", database, _folded(pattern.schema), _folded(pattern.name)))
    return inventory_of(connection.database, tables, frozenset())


def inventory_of(own: str, tables: set[Object], external: frozenset[Place]) -> Inventory:
    """The inventory of `tables` and their schemas; `own` is the connection's database.

    Owners are left out: a grant to the owner of a table changes nothing.
    """
    places = {(one.database, one.schema) for one in tables}
    return Inventory(
        databases=frozenset({own, *(database for database, _ in places)}),
        schemas=frozenset(Schema(database, name, (database, name) in external) for database, name in places),
        tables=frozenset(tables),
    )


def _matching(pattern: TablePattern, inventory: Inventory, database: str) -> list[Object]:
    return [
        one
        for one in inventory.tables
        if not is_system_schema(one.schema)
        and pattern.matches(TableName(one.database, one.schema, one.name), default_database=database)
    ]


def _in_schema(to: Grantee, place: Place, wanted: _Wanted, *, external: bool) -> Iterator[SpecGrant]:
    if external:
        yield _grant(to, "schema", place, "usage")
    elif wanted.whole:
        yield _grant(to, "schema", place, "usage", "select")
    else:
        yield _grant(to, "schema", place, "usage")
        yield from (_grant(to, "table", (*place, table.name), "select") for table in sorted(wanted.tables))


def _grant(to: Grantee, target: str, names: tuple[str, ...], *privileges: str) -> SpecGrant:
    parts = tuple(NamePart(name, exact=True) for name in names)
    return SpecGrant(to, target, parts, "", privileges, (), 1)


def _is_every(part: NamePart) -> bool:
    return not part.exact and set(part.text) == {EVERY_TABLE}


def _is_partly_wild(part: NamePart) -> bool:
    return part.is_wild() and not _is_every(part)


def _folded(part: NamePart) -> str:
    return part.text if part.exact else part.text.lower()  # Redshift folds unquoted names (redshift-facts §4.1)
