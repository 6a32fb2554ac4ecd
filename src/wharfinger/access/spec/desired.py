"""The state that a spec asks for, given what exists, and notes on what Redshift cannot do. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from wharfinger.access.model import (
    SCHEMA_PRIVILEGES,
    DefaultRight,
    Grantee,
    Inventory,
    Member,
    Note,
    Object,
    ObjectKind,
    Right,
    RoleMember,
    Schema,
    ScopedRight,
    State,
    User,
    is_federated,
)
from wharfinger.access.spec.model import Spec, SpecGrant, SpecUser
from wharfinger.access.spec.names import (
    as_spelled,
    dotted,
    expanded,
    found,
    inside,
    is_routine,
    is_system_relation,
    spelled_part,
)
from wharfinger.access.state.columns import signature
from wharfinger.connections.model import TargetKind
from wharfinger.core.errors import Invalid
from wharfinger.core.names import NamePart, is_system_schema
from wharfinger.core.suggestions import did_you_mean

ALL_ON_TABLES = ("select", "insert", "update", "delete", "references", "drop")
"""What `all` means on a table: what svv_relation_privileges lists (redshift-facts §4.5). `alter` and `truncate` are
newer and not on every cluster, so they are granted by name only."""
ALL_ON_SCHEMA = ("usage", "create")
ALL_ON_DATABASE = ("create", "temp")

SYSTEM_SCHEMA_TEXT = (
    "nothing is granted on system schemas: every user can read pg_catalog and information_schema already, and the "
    "grant itself fails with permission denied. For row counts and sizes in dbt's documentation grant select on "
    "svv_table_info instead: {on: table pg_catalog.svv_table_info, privileges: [select]}"
)
EXTERNAL_SCHEMA_TEXT = "an external schema takes usage only; its external catalog decides who reads which table"
SHARED_DATABASE_TEXT = "a database made from a datashare takes usage only"
NO_FUTURE_TEXT = "tables made there later are not covered; name the users who make them, as in future: [{}]"
OTHER_MAKER_TEXT = "{} made tables there too and is not in future: {} will not be able to read its next tables"
CORRECT = "Correct that line of the spec"
NOTHING_MATCHES_TEXT = "no table matches it now, so there is nothing to grant"


@dataclass(slots=True)
class _Collected:
    rights: set[Right] = field(default_factory=set)
    defaults: set[DefaultRight] = field(default_factory=set)
    scoped: set[ScopedRight] = field(default_factory=set)
    notes: list[Note] = field(default_factory=list)


def desired_state(
    spec: Spec,
    inventory: Inventory,
    live: State,
    *,
    database: str,
    target_kind: TargetKind,
    source: str = "the spec",
) -> tuple[State, tuple[Note, ...]]:
    """The state that `spec` asks for, with names spelled as in `live` and `inventory`.

    Names without a database belong to `database`. Raises Invalid with the line of a schema, table, database, function
    or creator that neither exists nor is declared, and of a user that cannot exist on this kind of target.
    """
    builder = _Builder(as_spelled(spec, live), inventory, live, database, target_kind, source)
    return builder.state(), tuple(dict.fromkeys(builder.collected.notes))


class _Builder:
    def __init__(
        self, spec: Spec, inventory: Inventory, live: State, database: str, target_kind: TargetKind, source: str
    ) -> None:
        self.spec, self.inventory, self.database, self.target_kind = spec, inventory, database, target_kind
        self.known_users = {user.name for user in live.users} | {user.name for user in spec.users}
        self.source = source
        self.declared = frozenset(self._declared_schema(parts) for parts in spec.schemas)
        self.collected = _Collected()

    def state(self) -> State:
        users = frozenset(self._user(user) for user in self.spec.users)
        for grant in self.spec.grants:
            self._grant(grant)
        for grant in self.spec.grants:
            self._note_future(grant)
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
            rights=frozenset(self.collected.rights),
            defaults=frozenset(self.collected.defaults),
            scoped=frozenset(self.collected.scoped),
        )

    def _wrong(self, line: int, why: str, next_step: str = CORRECT) -> Invalid:
        return Invalid("The access spec is wrong", subject=f"{self.source}, line {line}", why=why, next_step=next_step)

    def _note(self, about: str, text: str) -> None:
        self.collected.notes.append(Note(about, text))

    def _declared_schema(self, parts: tuple[NamePart, ...]) -> Schema:
        database = spelled_part(parts[0], self.inventory.databases) if len(parts) == 2 else self.database
        if database not in self.inventory.databases:
            raise self._wrong(
                self.spec.schemas_line,
                f"schemas: database {dotted(parts[:-1])} does not exist",
                did_you_mean(database, self.inventory.databases, CORRECT),
            )
        existing = {schema.name for schema in self.inventory.schemas if schema.database == database}
        return Schema(database, spelled_part(parts[-1], existing))

    def _user(self, user: SpecUser) -> User:
        federated = is_federated(user.name)
        if user.credentials == "iam" and self.target_kind == "workgroup" and not federated:
            raise self._wrong(
                user.line,
                f"user {user.name}: on a workgroup an IAM identity always signs in as IAM:<user> or IAMR:<role>",
                f"Name the user IAM:{user.name} or IAMR:{user.name}, or give it credentials: password",
            )
        if user.credentials == "password" and federated:
            raise self._wrong(user.line, f"user {user.name} signs in with IAM; Redshift would never ask for a password")
        return User(user.name, user.search_path, user.credentials)

    def _grant(self, grant: SpecGrant) -> None:
        match grant.on_kind():
            case "database":
                self._on_database(grant)
            case "schema":
                self._on_schema(grant)
            case "table":
                self._on_table(grant)
            case "function" | "procedure" as kind:
                self._on_routine(grant, kind)

    def _on_database(self, grant: SpecGrant) -> None:
        name = self._database(grant.parts[0], grant)
        shared = name in self.inventory.shared_databases
        privileges = expanded(grant.privileges, ("usage",) if shared else ALL_ON_DATABASE)
        if shared:
            privileges = self._only_usage(privileges, f"database {name}", SHARED_DATABASE_TEXT)
        elif "usage" in privileges:
            raise self._wrong(grant.line, "usage is granted on databases made from a datashare only")
        self._rights(grant, privileges, [Object("database", name)])

    def _on_schema(self, grant: SpecGrant) -> None:
        schema = self._schema(grant.parts, grant)
        if schema is None:
            return
        privileges = expanded(grant.privileges, ("usage",) if schema.external else ALL_ON_SCHEMA)
        if schema.external:
            privileges = self._only_usage(privileges, f"schema {schema.name}", EXTERNAL_SCHEMA_TEXT)
        on_schema = [privilege for privilege in privileges if privilege in SCHEMA_PRIVILEGES]
        on_tables = [privilege for privilege in privileges if privilege not in SCHEMA_PRIVILEGES]
        self._rights(grant, on_schema, [Object("schema", schema.database, schema.name)])
        if grant.future and not on_tables and not schema.external:
            raise self._wrong(grant.line, "'future' needs a privilege on tables, such as select")
        if grant.future and grant.to.kind == "role":
            self.collected.scoped |= {ScopedRight(grant.to, one, schema.database, schema.name) for one in on_tables}
            return
        if grant.existing:
            self._rights(grant, on_tables, [table for table in self.inventory.tables if inside(table, schema)])
        self._future(grant, on_tables, schema)

    def _future(self, grant: SpecGrant, privileges: list[str], schema: Schema) -> None:
        for creator in grant.future:
            if creator not in self.known_users:
                raise self._wrong(
                    grant.line,
                    f"future: user {creator} does not exist and is not declared",
                    did_you_mean(creator, self.known_users, CORRECT),
                )
            if Grantee("user", creator) != grant.to:  # an owner needs no right on its own tables
                self.collected.defaults |= {
                    DefaultRight(grant.to, privilege, creator, schema.database, schema.name) for privilege in privileges
                }

    def _note_future(self, grant: SpecGrant) -> None:
        """Say which future tables the grant does not cover; Redshift gives no warning (redshift-facts §4.3)."""
        schema = self._schema(grant.parts, grant) if grant.target == "schema" else None
        if schema is None or schema.external or grant.to.kind == "role" or not grant.existing:
            return
        if "select" not in grant.privileges:
            return
        reads = {one.creator for one in self.collected.defaults if _covers(one, grant.to, schema)}
        tables = [one for one in self.inventory.tables if inside(one, schema)]
        makers = sorted({self.inventory.owners.get(table, "") for table in tables} - {"", grant.to.name})
        about = f"schema {schema.name}"
        if not reads:
            self._note(about, NO_FUTURE_TEXT.format(", ".join(makers) or "loader"))
            return
        for maker in makers:
            if maker not in reads:
                self._note(about, OTHER_MAKER_TEXT.format(maker, grant.to))

    def _on_table(self, grant: SpecGrant) -> None:
        if is_system_relation(grant.parts):
            self._on_system_relation(grant)
            return
        schema = self._schema(grant.parts[:-1], grant)
        if schema is None:
            return
        if schema.external:
            self._note(f"schema {schema.name}", EXTERNAL_SCHEMA_TEXT)
            return
        tables = [one for one in self.inventory.tables if inside(one, schema) and grant.parts[-1].matches(one.name)]
        if not tables and not grant.parts[-1].is_wild():
            there = [one.name for one in self.inventory.tables if inside(one, schema)]
            raise self._wrong(
                grant.line,
                f"{grant.target} {dotted(grant.parts)} does not exist",
                did_you_mean(grant.parts[-1].text, there, CORRECT),
            )
        if not tables:
            self._note(dotted(grant.parts), NOTHING_MATCHES_TEXT)
        self._rights(grant, expanded(grant.privileges, ALL_ON_TABLES), tables)

    def _on_system_relation(self, grant: SpecGrant) -> None:
        if grant.privileges != ("select",):
            raise self._wrong(grant.line, "a system view can be read only: privileges: [select]")
        database = self._database(grant.parts[0], grant) if len(grant.parts) == 3 else self.database
        name = grant.parts[-1].text.lower()
        self._rights(grant, ("select",), [Object("table", database, "pg_catalog", name)])

    def _on_routine(self, grant: SpecGrant, kind: ObjectKind) -> None:
        schema = self._schema(grant.parts[:-1], grant)
        if schema is None:
            return
        name = grant.parts[-1]
        arguments = signature("", grant.arguments)
        routines = [
            one
            for one in self.inventory.functions
            if one.kind == kind and inside(one, schema) and is_routine(one, name, arguments)
        ]
        if not routines:
            raise self._wrong(grant.line, f"{kind} {dotted(grant.parts)}({grant.arguments}) does not exist")
        self._rights(grant, expanded(grant.privileges, ("execute",)), routines)

    def _rights(self, grant: SpecGrant, privileges: Iterable[str], objects: Iterable[Object]) -> None:
        """Owners are left out: they need no right on what they own, and none is ever listed (§4.5)."""
        owners = self.inventory.owners
        held = [one for one in objects if grant.to.kind != "user" or owners.get(one) != grant.to.name]
        self.collected.rights |= {Right(grant.to, privilege, one) for privilege in privileges for one in held}

    def _only_usage(self, privileges: tuple[str, ...], about: str, text: str) -> tuple[str, ...]:
        if set(privileges) - {"usage"}:
            self._note(about, text)
        return ("usage",)

    def _database(self, part: NamePart, grant: SpecGrant) -> str:
        name = found(part, self.inventory.databases | self.inventory.shared_databases)
        if name is None:
            known = self.inventory.databases | self.inventory.shared_databases
            raise self._wrong(
                grant.line, f"database {part.text} does not exist", did_you_mean(part.text, known, CORRECT)
            )
        return name

    def _schema(self, parts: tuple[NamePart, ...], grant: SpecGrant) -> Schema | None:
        """The schema that `parts` names; None for a system schema, with a note why nothing is granted."""
        database = self._database(parts[0], grant) if len(parts) == 2 else self.database
        if is_system_schema(parts[-1].text.lower()):
            self._note(f"schema {parts[-1].text}", SYSTEM_SCHEMA_TEXT)
            return None
        here = {one.name: one for one in sorted(self.inventory.schemas | self.declared) if one.database == database}
        if name := found(parts[-1], here):
            return here[name]
        raise self._wrong(
            grant.line,
            f"schema {dotted(parts)} does not exist",
            did_you_mean(
                parts[-1].text, here, f"Correct the name, or list {parts[-1].text} under schemas: to have it made"
            ),
        )


def _covers(right: DefaultRight, to: Grantee, schema: Schema) -> bool:
    same_place = (right.database, right.schema) == (schema.database, schema.name)
    return same_place and right.grantee == to and right.privilege == "select"
