"""What the views show and no spec can express: rights of PUBLIC, grant options, system privileges, options of users.

No step changes any of it; it becomes notes. Together with `state.decode`, every row of the privilege views that
`state.statements` reads is in the state or here. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from wharfinger.access.model import EVERYBODY, PRIVILEGES, Grantee, Object
from wharfinger.access.state.columns import (
    grantee_of,
    is_true,
    objects_word,
    privilege_of,
    settings,
    word,
)
from wharfinger.access.state.decode import Read, routine_rights
from wharfinger.core.names import display_part
from wharfinger.core.session import Row

BeyondKind = Literal["right", "grant option", "role", "admin option", "system privilege", "option"]


@dataclass(frozen=True, slots=True, order=True)
class Beyond:
    """One such fact about a grantee.

    `what` is the privilege, role, system privilege or option. For a right or a grant option `on` names the object, and
    `within` the schema or database around it, for a sentence that counts many.
    """

    grantee: Grantee
    kind: BeyondKind
    what: str
    on: str = ""
    within: str = ""


def beyond(warehouse: Read, databases: Mapping[str, Read]) -> tuple[Beyond, ...]:
    """Everything of the rows of `state.statements` that no spec can express, except what `OtherRight` holds."""
    found = {*_of_roles(warehouse), *_of_users(warehouse), *_of_databases(warehouse)}
    for database, read in databases.items():
        found.update(_of_database(database, read))
    return tuple(sorted(found))


def _anybody(name: object, kind: object) -> Grantee:
    """The grantee of a row, whatever its kind."""
    if word(kind) == "public":
        return EVERYBODY
    return grantee_of(name, kind) or Grantee("other", f"{word(kind)} {name!s}")


def _has_option(row: Row, index: int) -> bool:
    """Whether the row's admin_option is true; not every server has that column."""
    return len(row) > index and is_true(row[index])


def _of_roles(warehouse: Read) -> Iterator[Beyond]:
    for row in warehouse.get("role users", []):
        role, user = str(row[0]), Grantee("user", str(row[1]))
        if role.startswith("sys:"):
            yield Beyond(user, "role", role)
        if _has_option(row, 2):
            yield Beyond(user, "admin option", role)
    for granted, holder, *_ in warehouse.get("role roles", []):
        if str(granted).startswith("sys:") and not str(holder).startswith("sys:"):
            yield Beyond(Grantee("role", str(holder)), "role", str(granted))
    for privilege, who, kind in warehouse.get("system privileges", []):
        if not str(who).startswith("sys:"):  # those of the system roles are Redshift's own
            yield Beyond(_anybody(who, kind), "system privilege", str(privilege).upper())


def _of_users(warehouse: Read) -> Iterator[Beyond]:
    for row in warehouse["users"]:
        for setting in sorted(settings(row[3])):
            if setting != "search_path":
                yield _option(row[0], f"SET {setting}")
    for name, createdb, until, limit in warehouse.get("user options", []):
        if is_true(createdb):
            yield _option(name, "CREATEDB")
        if until is not None and str(until).lower() != "infinity":
            yield _option(name, f"VALID UNTIL {until!s}")
        if limit is not None and str(limit).upper() not in ("UNLIMITED", "-1", ""):
            yield _option(name, f"CONNECTION LIMIT {limit!s}")
    for name, access, timeout in warehouse.get("user info", []):
        if str(access).upper() == "UNRESTRICTED":
            yield _option(name, "SYSLOG ACCESS UNRESTRICTED")
        if timeout is not None and str(timeout) != "0":
            yield _option(name, f"SESSION TIMEOUT {timeout!s}")


def _option(user: object, text: str) -> Beyond:
    return Beyond(Grantee("user", str(user)), "option", text)


def _of_databases(warehouse: Read) -> Iterator[Beyond]:
    for row in warehouse["database rights"]:
        database, privilege, who, kind = row[:4]
        on = Object("database", str(database))
        yield from _right(_anybody(who, kind), privilege, on, grantable=_has_option(row, 4))
    for arn, command, who, kind in warehouse.get("iam rights", []):
        yield Beyond(_anybody(who, kind), "right", f"assumerole for {word(command)}", f"IAM role {arn!s}")


def _of_database(database: str, read: Read) -> Iterator[Beyond]:
    for row in read["schema rights"]:
        schema, privilege, who, kind, scope = row[:5]
        if word(scope) == "schema":
            on = Object("schema", database, str(schema))
            yield from _right(_anybody(who, kind), privilege, on, grantable=_has_option(row, 5))
        elif _has_option(row, 5):
            place = f"all {word(scope)} of schema {_dotted(database, schema)}"
            yield Beyond(_anybody(who, kind), "grant option", privilege_of(privilege), place)
    for row in read["table rights"]:
        schema, table, privilege, who, kind = row[:5]
        on = Object("table", database, str(schema), str(table))
        yield from _right(_anybody(who, kind), privilege, on, grantable=_has_option(row, 5))
    for on, row in routine_rights(database, read):
        privilege, who, kind = row[:3]
        yield from _right(_anybody(who, kind), privilege, on, grantable=_has_option(row, 3))
    for row in read["defaults"]:
        if _has_option(row, 6):
            place = f"schema {_dotted(database, row[0])}" if row[0] else f"database {display_part(database)}"
            what = f"{objects_word(row[1])} that {row[2]!s} will make in {place}"
            yield Beyond(_anybody(row[4], row[5]), "grant option", privilege_of(row[3]), what)
    for row in read["database scopes"]:
        if _has_option(row, 4):
            place = f"all {word(row[3])} of database {display_part(database)}"
            yield Beyond(_anybody(row[1], row[2]), "grant option", privilege_of(row[0]), place)
    yield from _of_languages(database, read.get("language rights", []), read.get("model rights", []))


def _of_languages(database: str, languages: Iterable[Row], models: Iterable[Row]) -> Iterator[Beyond]:
    for row in languages:
        language, privilege, who, kind = row[:4]
        on = f"language {display_part(str(language))} of database {display_part(database)}"
        yield from _held(_anybody(who, kind), privilege, on, "", grantable=_has_option(row, 4))
    for row in models:
        schema, model, privilege, who, kind = row[:5]
        on = f"model {_dotted(database, schema, model)}"
        yield from _held(_anybody(who, kind), privilege, on, "", grantable=_has_option(row, 5))


def _right(who: Grantee, privilege: object, on: Object, *, grantable: bool) -> Iterator[Beyond]:
    """A right that `state.decode` leaves out, and the grant option of any."""
    managed = who.kind in ("user", "group", "role") and privilege_of(privilege) in PRIVILEGES[on.kind]
    label, within = _label(on)
    if not managed:
        yield from _held(who, privilege, label, within, grantable=grantable)
    elif grantable:
        yield Beyond(who, "grant option", privilege_of(privilege), label, within)


def _held(who: Grantee, privilege: object, on: str, within: str, *, grantable: bool) -> Iterator[Beyond]:
    yield Beyond(who, "right", privilege_of(privilege), on, within)
    if grantable:
        yield Beyond(who, "grant option", privilege_of(privilege), on, within)


def _label(on: Object) -> tuple[str, str]:
    if on.kind == "database":
        return f"database {display_part(on.database)}", ""
    schema = f"schema {_dotted(on.database, on.schema)}"
    if on.kind == "schema":
        return schema, ""
    if on.kind in ("function", "procedure"):
        head, _, arguments = on.name.rpartition("(")
        return f"{on.kind} {_dotted(on.database, on.schema, head)}({arguments}", f"{on.kind}s of {schema}"
    return f"{on.kind} {_dotted(on.database, on.schema, on.name)}", f"{on.kind}s of {schema}"


def _dotted(*parts: object) -> str:
    return ".".join(display_part(str(part)) for part in parts)
