"""Access as flat values: desired state and live state are the same kind, so that a plan is their difference.

Names are spelled as the database spells them. Users, groups and roles are compared without case, except `IAM:` and
`IAMR:` names, which keep theirs (redshift-facts §4.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from wharfinger.core.names import quote_ident

GranteeKind = Literal["user", "group", "role", "public"]
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
"""How the names of system views and tables begin that may be opened one by one (redshift-facts §4.4)."""


def is_federated(user: str) -> bool:
    """Whether a user is that of an IAM identity, which signs in with IAM only (redshift-facts §2)."""
    return user.startswith(("IAM:", "IAMR:"))


def fold(name: str, kind: GranteeKind = "user") -> str:
    """The spelling under which a user, group or role is compared: lower case, but for users of IAM identities."""
    return name if kind == "user" and is_federated(name) else name.lower()


def spelled(name: str, existing: Iterable[str], kind: GranteeKind = "user") -> str:
    """The existing spelling of a user, group or role that `name` means; `name` folded where there is none."""
    alike = {one for one in existing if fold(one, kind) == fold(name, kind)}
    for candidate in (name, fold(name, kind)):
        if candidate in alike:
            return candidate
    return min(alike, default=fold(name, kind))


@dataclass(frozen=True, slots=True, order=True)
class Grantee:
    """Who holds a right: a user, a group or a role; or `EVERYBODY`, of whom no spec speaks."""

    kind: GranteeKind
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".rstrip()

    def sql(self) -> str:
        """The grantee as a statement names it behind TO or FROM."""
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
        """How far inside a database an object of its kind is; a database itself is outermost."""
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
    """A right that no spec speaks of: on a column, on what a creator makes anywhere, on a scope beyond one's tables.

    A spec leaves it alone, save where it stands in the way; it is taken when its holder or its creator leaves.
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
    """A database user. `search_path` is None where the user has none of its own.

    `credentials` is what to make the user with; a live user always reads None, because a database does not tell.
    """

    name: str
    search_path: tuple[str, ...] | None = None
    credentials: Credentials | None = field(default=None, compare=False)
    superuser: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True, order=True)
class Schema:
    """A schema of one database; `external` ones take USAGE only."""

    database: str
    name: str
    external: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class State:
    """Who is there and what they hold; for a desired state, who should be and what they should hold."""

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
    """The objects of the databases in question, for turning patterns into rights on what exists.

    `owners` tells who owns a database, schema or table: an owner needs no right, and is listed with none. `views` are
    among `tables`.
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
    """Something a person should know that no step can say."""

    about: str
    text: str
