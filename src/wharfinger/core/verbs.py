"""The verbs: what an actor can do. Permissions, the audit log and every door use the same names.

A verb's name is `capability:verb`. `VERBS` lists them all with the least role that may use each; the command line, the
portal and the agents' tools each map these names to their own commands, pages and tools.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Role = Literal["member", "editor", "administrator"]

ROLES: tuple[Role, ...] = ("member", "editor", "administrator")
"""The roles, the least first. Each may do what those before it may."""

VERBS: Mapping[str, Role] = {
    "connection:list": "member",
    "connection:show": "member",
    "connection:discover": "administrator",
    "connection:add": "administrator",
    "connection:test": "editor",
    "connection:rename": "administrator",
    "connection:remove": "administrator",
    "connection:policy": "administrator",
    "connection:grants": "administrator",
    "connection:network": "administrator",
    "tables:list": "member",
    "tables:refresh": "editor",
    "tables:select": "editor",
    "tables:deselect": "editor",
    "process:estimate": "editor",
    "process:start": "editor",
    "process:watch": "member",
    "process:cancel": "editor",
    "show:table": "member",
    "describe:set": "editor",
    "describe:clear": "editor",
    "describe:personal": "editor",
    "dbt:import": "editor",
    "dbt:profile": "editor",
    "dbt:check": "member",
    "access:plan": "administrator",
    "access:plans": "administrator",
    "access:apply": "administrator",
    "access:verify": "administrator",
    "access:inspect": "administrator",
    "access:check": "administrator",
    "access:rotate": "administrator",
    "access:remove": "administrator",
    "keys:show": "administrator",
    "keys:move": "administrator",
    "audit:list": "administrator",
}


@dataclass(frozen=True, slots=True)
class Call:
    """A verb with the arguments it would take: what an error recommends, not yet worded for a door.

    `arguments` are field names (snake case, as in REST) and values; an empty value stands for one that the reader
    has to fill in.
    """

    verb: str
    arguments: tuple[tuple[str, str | tuple[str, ...]], ...] = ()

    def record(self) -> dict[str, object]:
        """The call as JSON values, for storage."""
        return {"verb": self.verb, "arguments": [[name, value] for name, value in self.arguments]}

    @classmethod
    def from_record(cls, record: Mapping[str, object]) -> Call:
        """The opposite of `record`."""
        arguments = record["arguments"]
        if not isinstance(arguments, Sequence):
            raise TypeError("the arguments of a call are a list")
        return cls(
            str(record["verb"]),
            tuple((str(name), value if isinstance(value, str) else tuple(value)) for name, value in arguments),
        )


def call(verb: str, **arguments: str | Sequence[str]) -> Call:
    """A `Call` of a listed verb. Raises KeyError for a name that is not in `VERBS`: that is a bug."""
    if verb not in VERBS:
        raise KeyError(verb)
    given = ((name, value if isinstance(value, str) else tuple(value)) for name, value in arguments.items())
    return Call(verb, tuple(given))
