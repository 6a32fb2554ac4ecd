"""The list of users, groups and roles behind TO or FROM in GRANT and REVOKE."""

from __future__ import annotations

from dataclasses import dataclass

from wharfinger_sandbox.dialect.cursor import Cursor
from wharfinger_sandbox.dialect.groups_and_roles import role_name
from wharfinger_sandbox.dialect.names import ident
from wharfinger_sandbox.dialect.roles import engine_group, engine_role, engine_user
from wharfinger_sandbox.dialect.values import Refused, unsupported


@dataclass(frozen=True, slots=True)
class Grantee:
    """One grantee. `kind` is user, group, role or public; `option` is True with WITH GRANT OPTION."""

    kind: str
    name: str
    option: bool = False

    def sql(self) -> str:
        """The grantee in a GRANT or REVOKE of the engine."""
        if self.kind == "public":
            return "public"
        spell = {"user": engine_user, "group": engine_group, "role": engine_role}[self.kind]
        return ident(spell(self.name))

    def document(self) -> dict[str, str]:
        """The grantee in a request to a catalog procedure."""
        return {"type": self.kind, "name": self.name}


def grantees(cursor: Cursor, *, granting: bool) -> list[Grantee]:
    """The grantees after TO or FROM; WITH GRANT OPTION may follow each user. Raises Refused."""
    cursor.need("to" if granting else "from")
    found = []
    while True:
        found.append(_grantee(cursor))
        if not cursor.take_op(","):
            return found


def _grantee(cursor: Cursor) -> Grantee:
    if cursor.take("group"):
        kind, name = "group", cursor.name()
    elif cursor.at("role") and not (cursor.peek().is_op(",") or cursor.peek().kind == "end"):
        cursor.next()
        kind, name = "role", role_name(cursor)
    elif cursor.take("public"):
        kind, name = "public", "public"
    elif cursor.token.is_word("iam_role"):
        raise unsupported("GRANT … TO IAM_ROLE (Lake Formation)")
    else:
        kind, name = "user", cursor.user()
    option = cursor.take("with", "grant", "option")
    if option and kind in ("group", "public"):
        raise Refused("0LP01", "grant options can only be granted to individual users")
    return Grantee(kind, name, option)
