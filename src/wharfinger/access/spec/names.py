"""Names in a spec compared with the names that exist. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from wharfinger.access.model import SYSTEM_RELATIONS, Grantee, GranteeKind, Object, Schema, State, spelled
from wharfinger.access.spec.model import Spec
from wharfinger.core.names import NamePart, display_part


def as_spelled(spec: Spec, live: State) -> Spec:
    """`spec` with users, groups and roles as the warehouse spells them."""
    users = {user.name for user in live.users}
    existing: dict[GranteeKind, Collection[str]] = {"user": users, "group": live.groups, "role": live.roles}

    def name(kind: GranteeKind, text: str) -> str:
        return spelled(text, existing[kind], kind)

    def grantee(one: Grantee) -> Grantee:
        return Grantee(one.kind, name(one.kind, one.name))

    return replace(
        spec,
        users=tuple(replace(user, name=name("user", user.name)) for user in spec.users),
        groups=tuple(
            replace(team, name=name("group", team.name), members=tuple(map(grantee, team.members)))
            for team in spec.groups
        ),
        roles=tuple(
            replace(team, name=name("role", team.name), members=tuple(map(grantee, team.members)))
            for team in spec.roles
        ),
        grants=tuple(
            replace(grant, to=grantee(grant.to), future=tuple(name("user", one) for one in grant.future))
            for grant in spec.grants
        ),
    )


def is_system_relation(parts: tuple[NamePart, ...]) -> bool:
    """Whether a table's name is that of one system view or table, such as pg_catalog.svv_table_info."""
    name = parts[-1].text.lower()
    named = not parts[-1].is_wild() and name.startswith(SYSTEM_RELATIONS)
    return parts[-2].text.lower() == "pg_catalog" and named


def is_routine(one: Object, name: NamePart, arguments: str) -> bool:
    """Whether `one` is the function or procedure of that name with those `arguments`, brackets and all."""
    head, _, rest = one.name.rpartition("(")
    return name.matches(head) and f"({rest}" == arguments


def expanded(privileges: tuple[str, ...], all_of_them: tuple[str, ...]) -> tuple[str, ...]:
    """`privileges`, with `all` replaced by `all_of_them`."""
    return all_of_them if privileges == ("all",) else privileges


def inside(one: Object, schema: Schema) -> bool:
    """Whether `one` lies in `schema`."""
    return (one.database, one.schema) == (schema.database, schema.name)


def found(part: NamePart, existing: Iterable[str]) -> str | None:
    """The existing name that `part` means: as written, else in lower case, else the first that matches."""
    fitting = sorted(name for name in existing if part.matches(name))
    for candidate in (part.text, part.text.lower()):
        if candidate in fitting:
            return candidate
    return fitting[0] if fitting else None


def spelled_part(part: NamePart, existing: Iterable[str]) -> str:
    """The existing name that `part` means, else its own text, folded unless it was quoted."""
    return found(part, existing) or (part.text if part.exact else part.text.lower())


def dotted(parts: tuple[NamePart, ...]) -> str:
    """A name as it was typed."""
    return ".".join(display_part(part.text) if part.exact else part.text for part in parts)
