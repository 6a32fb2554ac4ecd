"""The leaving procedure: what must be undone in every database before a user can be dropped. Pure.

DROP USER looks at the current database only and leaves objects of others with an owner called "unknown"; rights,
default privileges and memberships block it (redshift-facts §4.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from wharfinger.access.changes import Change
from wharfinger.access.model import Grantee, Object, Right, State
from wharfinger.access.steps import Step, routine, steps
from wharfinger.core.names import quote_ident, quote_literal
from wharfinger.core.session import Row, Statement


@dataclass(frozen=True, slots=True, order=True)
class Owned:
    """An object that the leaving user owns; `kind` is the word after ALTER."""

    database: str
    kind: str
    schema: str = ""
    name: str = ""

    def sql(self) -> str:
        """The object as ALTER names it."""
        if self.kind in ("function", "procedure"):
            return f"{self.kind} {routine(self.schema, self.name)}"
        if self.kind == "table":
            return f"table {quote_ident(self.schema)}.{quote_ident(self.name)}"
        return f"{self.kind} {quote_ident(self.name or self.schema or self.database)}"


def owned_statements(user: str) -> dict[str, Statement]:
    """What reads the objects a user owns in one database; all from PG_* tables, so that no rights hide any."""
    who = f"(select usesysid from pg_user where usename = {quote_literal(user)})"
    # Temporary tables end with their session, and nobody else can alter them.
    lasting = "n.nspname not like 'pg!_temp!_%' escape '!'"
    # oidvectortypes is PostgreSQL 8.0's; that Redshift kept it is unverified. pg_proc_info tells procedures apart.
    routines = (
        "select n.nspname, p.proname || '(' || oidvectortypes(p.proargtypes) || ')' from pg_catalog.pg_proc_info p"
        f" join pg_catalog.pg_namespace n on n.oid = p.pronamespace where p.proowner = {who} and p.prokind"
    )
    return {
        "table": Statement(
            "select n.nspname, c.relname from pg_catalog.pg_class c"
            " join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
            f" where c.relkind in ('r', 'v', 'm') and c.relowner = {who} and {lasting}",
            label="owned tables",
        ),
        "schema": Statement(
            f"select n.nspname, '' from pg_catalog.pg_namespace n where n.nspowner = {who} and {lasting}",
            label="owned schemas",
        ),
        "function": Statement(f"{routines} <> 'p'", label="owned functions"),
        "procedure": Statement(f"{routines} = 'p'", label="owned procedures"),
    }


def owned_databases(user: str) -> Statement:
    """What reads the databases a user owns."""
    return Statement(
        "select datname from pg_catalog.pg_database"
        f" where datdba = (select usesysid from pg_user where usename = {quote_literal(user)})",
        label="owned databases",
    )


def owned(database: str, read: Mapping[str, Iterable[Row]]) -> Iterator[Owned]:
    """The rows of `owned_statements` as values."""
    for kind, rows in read.items():
        for schema, name in rows:
            yield Owned(database, kind, str(schema), str(name or ""))


def leaving_steps(
    user: str, state: State, possessions: Iterable[Owned], *, new_owner: str, database: str
) -> tuple[Step, ...]:
    """Every step to the user's end: owners, default privileges, rights, memberships, and last the DROP USER.

    `database` is where the steps go that belong to the whole warehouse.
    """
    return (
        *(_handed_over(one, user, new_owner) for one in sorted(possessions)),
        *steps(_taken(Grantee("user", user), state), database=database, tables=frozenset()),
        Step(database, f"drop user {quote_ident(user)}", f"user {user} leaves", destructive=True),
    )


def _handed_over(one: Owned, user: str, new_owner: str) -> Step:
    return Step(
        one.database,
        f"alter {one.sql()} owner to {quote_ident(new_owner)}",
        f"user {user} owns it; what has an owner cannot lose its user",
        destructive=True,
    )


def _taken(who: Grantee, state: State) -> Iterator[Change]:
    defaults = [one for one in state.defaults if one.grantee == who or one.creator == who.name]
    yield from (Change("remove", one) for one in sorted(defaults, key=lambda one: (one.database, one.schema, one)))
    others = [one for one in state.others if one.grantee == who or one.creator == who.name]
    yield from (Change("remove", one) for one in sorted(others))
    scoped = [one for one in state.scoped if one.grantee == who]
    yield from (Change("remove", one) for one in sorted(scoped, key=lambda one: (one.database, one.schema, one)))
    rights = [right for right in state.rights if right.grantee == who]
    yield from (Change("remove", one) for one in sorted(rights, key=_place, reverse=True))
    yield from (Change("remove", one) for one in sorted(state.members) if one.user == who.name)
    yield from (Change("remove", one) for one in sorted(state.role_members) if one.grantee == who)


def _place(right: Right) -> tuple[int, Object, str]:
    return right.on.depth, right.on, right.privilege
