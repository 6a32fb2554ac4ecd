"""Access as flat values: desired state and live state have one type, so that a plan is their difference.

Names are spelled as the database spells them. Users, groups and roles are compared without case, except `IAM:` and
`IAMR:` names, which keep theirs (redshift-facts §4.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from wharfinger.core.names import display_part, quote_ident
from wharfinger.core.verbs import Call

GranteeKind = Literal["user", "group", "role", "public", "other"]
ObjectKind = Literal["database", "schema", "table", "function", "procedure"]
OtherKind = Literal["column", "default", "scope"]
Credentials = Literal["password", "iam"]

TABLE_PRIVILEGES = ("select", "insert", "update", "delete", "references", "drop", "alter", "truncate")
SCHEMA_PRIVILEGES = ("usage", "create", "alter")
DATABASE_PRIVILEGES = ("create", "temp", "usage", "alter")
FUNCTION_PRIVILEGES = ("execute",)

PRIVILEGES: dict[ObjectKind, tuple[str, ...]] = {
    "table": TABLE_PRIVILEGES,
    "schema": SCHEMA_PRIVILEGES,
    "database": DATABASE_PRIVILEGES,
    "function": FUNCTION_PRIVILEGES,
    "procedure": FUNCTION_PRIVILEGES,
}
"""What can be granted on each kind of object (redshift-facts §4.2)."""

SYSTEM_USERS = frozenset({"rdsdb"})
SYSTEM_RELATIONS = ("svv_", "svl_", "stl_", "stv_", "sys_", "svcs_")
"""Prefixes of the system views and tables on which SELECT can be granted one by one (redshift-facts §4.4)."""


def is_federated(user: str) -> bool:
    """Whether a user is that of an IAM identity, which signs in with IAM only (redshift-facts §2)."""
    return user.startswith(("IAM:", "IAMR:"))


def fold(name: str, kind: GranteeKind = "user") -> str:
    """The spelling under which a user, group or role is compared: lower case, except for users of IAM identities."""
    return name if kind == "user" and is_federated(name) else name.lower()


def spelled(name: str, existing: Iterable[str], kind: GranteeKind = "user") -> str:
    """The existing spelling of a user, group or role that `name` means; `name` folded where there is none."""
    alike = {one for one in existing if fold(one, kind) == fold(name, kind)}
    for candidate in (name, fold(name, kind)):
        if candidate in alike:
            return candidate
    return min(alike, default=fold(name, kind))


def routine_sql(schema: str, name: str) -> str:
    """A function or procedure as SQL names it; `name` holds its argument types too, as `Object.name` does."""
    head, _, arguments = name.rpartition("(")
    return f"{quote_ident(schema)}.{quote_ident(head)}({arguments}"


@dataclass(frozen=True, slots=True, order=True)
class Grantee:
    """Who holds a right: a user, a group or a role; or `EVERYBODY`, which no spec can name.

    The kind `other` is for kinds of a newer Redshift; `name` then has the kind's word too.
    """

    kind: GranteeKind
    name: str

    def __str__(self) -> str:
        if self.kind == "other":
            return self.name
        return f"{self.kind} {self.name}" if self.name else self.kind.upper()

    def sql(self) -> str:
        """The grantee as a statement names it after TO or FROM."""
        if self.kind == "public":
            return "public"
        return ("" if self.kind == "user" else f"{self.kind} ") + quote_ident(self.name)


EVERYBODY = Grantee("public", "")


@dataclass(frozen=True, slots=True, order=True)
class Object:
    """What a right is on. `schema` and `name` are empty where the kind has none.

    The `name` of a function or procedure holds its argument types too, as in `total(integer, character varying)`.
    """

    kind: ObjectKind
    database: str
    schema: str = ""
    name: str = ""

    @property
    def depth(self) -> int:
        """How deep an object of this kind is nested; 0 for a database."""
        return get_args(ObjectKind).index(self.kind)


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """One privilege of one grantee on one object."""

    grantee: Grantee
    privilege: str
    on: Object


@dataclass(frozen=True, slots=True, order=True)
class DefaultRight:
    """One privilege on the tables that `creator` will make in a schema (redshift-facts §4.3)."""

    grantee: Grantee
    privilege: str
    creator: str
    database: str
    schema: str


@dataclass(frozen=True, slots=True, order=True)
class ScopedRight:
    """One privilege on all tables of a schema, present and future, whoever makes them; never for a group (§4.2)."""

    grantee: Grantee
    privilege: str
    database: str
    schema: str


@dataclass(frozen=True, slots=True, order=True)
class OtherRight:
    """A right that no spec can express: on a column, on what a creator makes in any schema, on other scopes.

    It stays unchanged unless it blocks a desired right; it is revoked when its holder or its creator is removed.
    `objects` is the word after ON or FOR (`tables`, `functions`, …); `schema` is empty where it means all.
    """

    kind: OtherKind
    grantee: Grantee
    privilege: str
    database: str
    schema: str = ""
    table: str = ""
    column: str = ""
    objects: str = ""
    creator: str = ""

    def words(self) -> str:
        """The right in words, such as `select on column raw.charges.amount`."""
        place = f"schema {display_part(self.schema)}" if self.schema else f"database {display_part(self.database)}"
        if self.kind == "column":
            where = ".".join(display_part(part) for part in (self.schema, self.table, self.column))
            return f"{self.privilege} on column {where}"
        if self.kind == "default":
            return f"{self.privilege} on {self.objects} that {self.creator} will make in {place}"
        return f"{self.privilege} on all {self.objects} of {place}, present and future"


@dataclass(frozen=True, slots=True, order=True)
class Member:
    """A user in a group."""

    group: str
    user: str


@dataclass(frozen=True, slots=True, order=True)
class RoleMember:
    """A user or a role that holds a role; groups cannot (redshift-facts §4.1)."""

    role: str
    grantee: Grantee


@dataclass(frozen=True, slots=True, order=True)
class User:
    """A database user. `search_path` is None for a user without its own setting.

    `credentials` is how a declared user signs in; None for a live user, because no view shows it. `id` is a live
    user's usesysid (redshift-facts §4.5.8), 0 for a declared one.
    """

    name: str
    search_path: tuple[str, ...] | None = None
    credentials: Credentials | None = field(default=None, compare=False)
    superuser: bool = field(default=False, compare=False)
    id: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, order=True)
class Schema:
    """A schema of one database; `external` ones take USAGE only."""

    database: str
    name: str
    external: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class State:
    """Users, groups, roles, schemas, memberships and rights: those that exist, or those that are desired."""

    users: frozenset[User] = frozenset()
    groups: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    schemas: frozenset[Schema] = frozenset()
    members: frozenset[Member] = frozenset()
    role_members: frozenset[RoleMember] = frozenset()
    rights: frozenset[Right] = frozenset()
    defaults: frozenset[DefaultRight] = frozenset()
    scoped: frozenset[ScopedRight] = frozenset()
    others: frozenset[OtherRight] = frozenset()


@dataclass(frozen=True, slots=True)
class Inventory:
    """The objects that exist, for turning patterns into rights.

    `owners` maps a database, schema or table to its owner, who needs no right on it and is listed with none. `tables`
    contains the `views` too.
    """

    databases: frozenset[str] = frozenset()
    shared_databases: frozenset[str] = frozenset()
    schemas: frozenset[Schema] = frozenset()
    tables: frozenset[Object] = frozenset()
    functions: frozenset[Object] = frozenset()
    owners: Mapping[Object, str] = field(default_factory=dict)
    views: frozenset[Object] = frozenset()


@dataclass(frozen=True, slots=True)
class Note:
    """What a person should know and no step shows: a sentence. `call` is a verb that helps; each door words it.

    `gap` is true when something was not looked at, so that a plan without steps does not prove much about it.
    """

    about: str
    text: str
    call: Call | None = None
    gap: bool = False
