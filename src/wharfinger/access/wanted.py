"""What a spec asks for, over what exists: the desired state, and notes on what Redshift cannot do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from wharfinger.access.decode import signature
from wharfinger.access.model import (
    SCHEMA_PRIVILEGES,
    DefaultRight,
    Inventory,
    Member,
    Note,
    Object,
    Right,
    RoleMember,
    Schema,
    ScopedRight,
    State,
    User,
    is_system_schema,
)
from wharfinger.access.spec import NEXT_STEP, Spec, SpecGrant, SpecUser
from wharfinger.connections.model import TargetKind
from wharfinger.core.errors import Invalid
from wharfinger.core.names import NamePart, display_part

ALL_ON_TABLES = ("select", "insert", "update", "delete", "references", "drop")
"""What `all` means on a table: what svv_relation_privileges lists (redshift-facts §4.5). `alter` and `truncate` are
newer and not on every cluster, so they are granted by name only."""
ALL_ON_SCHEMA = ("usage", "create")
ALL_ON_DATABASE = ("create", "temp")

SYSTEM_SCHEMA_TEXT = (
    "nothing is granted over system schemas: every user can read pg_catalog and information_schema already, and the "
    "grant itself fails with permission denied. For row counts and sizes in dbt's documentation grant select on "
    "svv_table_info instead: {on: table pg_catalog.svv_table_info, privileges: [select]}"
)
EXTERNAL_SCHEMA_TEXT = "an external schema takes usage only; what may be read in it is decided by its external catalog"
SHARED_DATABASE_TEXT = "a database made from a datashare takes usage only"


@dataclass(slots=True)
class _Desired:
    rights: set[Right] = field(default_factory=set)
    defaults: set[DefaultRight] = field(default_factory=set)
    scoped: set[ScopedRight] = field(default_factory=set)
    notes: list[Note] = field(default_factory=list)


def wanted(
    spec: Spec,
    inventory: Inventory,
    *,
    database: str,
    target_kind: TargetKind,
    users: Iterable[str] = (),
    source: str = "the spec",
) -> tuple[State, tuple[Note, ...]]:
    """The state that `spec` asks for in `database`, given what exists.

    `users` are the names that exist besides the declared ones; a creator in `future` must be one or the other. Raises
    Invalid with the line of a schema, table, database, function or creator that does not exist, and of a user that
    cannot be on this kind of target.
    """
    builder = _Builder(spec, inventory, database, target_kind, frozenset(users), source)
    return builder.state(), tuple(dict.fromkeys(builder.desired.notes))


class _Builder:
    def __init__(
        self,
        spec: Spec,
        inventory: Inventory,
        database: str,
        target_kind: TargetKind,
        users: frozenset[str],
        source: str,
    ) -> None:
        self.spec, self.inventory, self.database, self.target_kind = spec, inventory, database, target_kind
        self.known_users = users | {user.name for user in spec.users}
        self.source = source
        self.declared = frozenset(self._declared_schema(parts) for parts in spec.schemas)
        self.desired = _Desired()

    def state(self) -> State:
        users = frozenset(self._user(user) for user in self.spec.users)
        for grant in self.spec.grants:
            getattr(self, f"_on_{grant.on_kind()}")(grant)
        return State(
            users=users,
            groups=frozenset(group.name for group in self.spec.groups),
            roles=frozenset(role.name for role in self.spec.roles),
            schemas=self.declared,
            members=frozenset(
                Member(group.name, member.name) for group in self.spec.groups for member in group.members
            ),
            role_members=frozenset(
                RoleMember(role.name, member) for role in self.spec.roles for member in role.members
            ),
            rights=frozenset(self.desired.rights),
            defaults=frozenset(self.desired.defaults),
            scoped=frozenset(self.desired.scoped),
        )

    def _wrong(self, line: int, why: str, next_step: str = NEXT_STEP) -> Invalid:
        return Invalid("The access spec is wrong", subject=f"{self.source}, line {line}", why=why, next_step=next_step)

    def _declared_schema(self, parts: tuple[NamePart, ...]) -> Schema:
        database = _spelled(parts[0], self.inventory.databases) if len(parts) == 2 else self.database
        existing = {schema.name for schema in self.inventory.schemas if schema.database == database}
        return Schema(database, _spelled(parts[-1], existing))

    def _user(self, user: SpecUser) -> User:
        federated = user.name.startswith(("IAM:", "IAMR:"))
        if user.credentials == "iam" and self.target_kind == "workgroup" and not federated:
            raise self._wrong(
                user.line,
                f"user {user.name}: on a workgroup an IAM identity always signs in as IAM:<user> or IAMR:<role>",
                f"Name the user IAM:{user.name} or IAMR:{user.name}, or give it credentials: password",
            )
        if user.credentials == "password" and federated:
            raise self._wrong(user.line, f"user {user.name} signs in with IAM; a password would never be asked for")
        return User(user.name, user.search_path, user.credentials)

    def _on_database(self, grant: SpecGrant) -> None:
        name = self._database(grant.parts[0], grant)
        privileges = _all(grant.privileges, ALL_ON_DATABASE)
        if name in self.inventory.shared_databases:
            privileges = self._only_usage(privileges, name, SHARED_DATABASE_TEXT)
        self._rights(grant, privileges, [Object("database", name)])

    def _on_schema(self, grant: SpecGrant) -> None:
        schema = self._schema(grant.parts, grant)
        if schema is None:
            return
        privileges = _all(grant.privileges, ALL_ON_SCHEMA)
        if schema.external:
            privileges = self._only_usage(privileges, schema.name, EXTERNAL_SCHEMA_TEXT)
        on_schema = [privilege for privilege in privileges if privilege in SCHEMA_PRIVILEGES]
        on_tables = [privilege for privilege in privileges if privilege not in SCHEMA_PRIVILEGES]
        self._rights(grant, on_schema, [Object("schema", schema.database, schema.name)])
        if grant.future and grant.to.kind == "role":
            self.desired.scoped |= {ScopedRight(grant.to, one, schema.database, schema.name) for one in on_tables}
            return
        self._rights(grant, on_tables, [table for table in self.inventory.tables if _in(table, schema)])
        self._future(grant, on_tables, schema)

    def _future(self, grant: SpecGrant, privileges: list[str], schema: Schema) -> None:
        for creator in grant.future:
            if creator not in self.known_users:
                raise self._wrong(grant.line, f"future: user {creator} does not exist and is not declared")
            self.desired.defaults |= {
                DefaultRight(grant.to, privilege, creator, schema.database, schema.name) for privilege in privileges
            }

    def _on_table(self, grant: SpecGrant) -> None:
        system = grant.parts[-2].text.lower() == "pg_catalog" and grant.parts[-1].text.lower() == "svv_table_info"
        schema = None if system else self._schema(grant.parts[:-1], grant)
        if system:
            tables = [Object("table", self.database, "pg_catalog", "svv_table_info")]
        elif schema is None:
            return
        else:
            tables = [one for one in self.inventory.tables if _in(one, schema) and grant.parts[-1].matches(one.name)]
        if not tables and not grant.parts[-1].is_wild():
            raise self._wrong(grant.line, f"{grant.target} {_dotted(grant.parts)} does not exist")
        self._rights(grant, _all(grant.privileges, ALL_ON_TABLES), tables)

    def _on_function(self, grant: SpecGrant) -> None:
        schema = self._schema(grant.parts[:-1], grant)
        if schema is None:
            return
        wanted_name = signature(grant.parts[-1].text, grant.arguments).lower()
        functions = [one for one in self.inventory.functions if _in(one, schema) and one.name.lower() == wanted_name]
        if not functions:
            raise self._wrong(grant.line, f"function {_dotted(grant.parts)}({grant.arguments}) does not exist")
        self._rights(grant, _all(grant.privileges, ("execute",)), functions)

    def _rights(self, grant: SpecGrant, privileges: Iterable[str], objects: Iterable[Object]) -> None:
        objects = list(objects)
        self.desired.rights |= {Right(grant.to, privilege, one) for privilege in privileges for one in objects}

    def _only_usage(self, privileges: tuple[str, ...], about: str, text: str) -> tuple[str, ...]:
        if set(privileges) - {"usage"}:
            self.desired.notes.append(Note(about, text))
        return ("usage",)

    def _database(self, part: NamePart, grant: SpecGrant) -> str:
        for name in self.inventory.databases | self.inventory.shared_databases:
            if part.matches(name):
                return name
        raise self._wrong(grant.line, f"database {part.text} does not exist")

    def _schema(self, parts: tuple[NamePart, ...], grant: SpecGrant) -> Schema | None:
        database = self._database(parts[0], grant) if len(parts) == 2 else self.database
        if is_system_schema(parts[-1].text.lower()):
            self.desired.notes.append(Note(f"schema {parts[-1].text}", SYSTEM_SCHEMA_TEXT))
            return None
        for schema in sorted(self.inventory.schemas | self.declared):
            if schema.database == database and parts[-1].matches(schema.name):
                return schema
        raise self._wrong(
            grant.line,
            f"schema {_dotted(parts)} does not exist",
            f"Correct the name, or list {parts[-1].text} under schemas: to have it made",
        )


def _all(privileges: tuple[str, ...], meaning: tuple[str, ...]) -> tuple[str, ...]:
    return meaning if privileges == ("all",) else privileges


def _in(one: Object, schema: Schema) -> bool:
    return (one.database, one.schema) == (schema.database, schema.name)


def _spelled(part: NamePart, existing: Iterable[str]) -> str:
    """The existing name that `part` means, else its own text, folded unless it was quoted."""
    for name in sorted(existing):
        if part.matches(name):
            return name
    return part.text if part.exact else part.text.lower()


def _dotted(parts: tuple[NamePart, ...]) -> str:
    return ".".join(display_part(part.text) if part.exact else part.text for part in parts)
