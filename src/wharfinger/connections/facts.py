"""What the probes of a connection test find out, and the problems they find instead."""

from __future__ import annotations

from dataclasses import dataclass

from wharfinger.connections.model import Caller, Target
from wharfinger.core.errors import WharfingerError
from wharfinger.core.verbs import Call


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do next: a sentence, the fields that are wrong, and the verb that would help."""

    text: str = ""
    fields: tuple[str, ...] = ()
    call: Call | None = None

    def __bool__(self) -> bool:
        return bool(self.text or self.fields or self.call)


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as a fact: what a probe got instead of an answer."""

    kind: str
    what: str
    why: str = ""
    next_step: str = ""
    check: str = ""
    fields: tuple[str, ...] = ()
    call: Call | None = None

    @classmethod
    def of(cls, error: WharfingerError, statement: str = "") -> Problem:
        """The problem that `error` describes.

        `statement` is the label of the probe's statement; it is left out of the text.
        """
        head = error.what if error.subject in ("", statement) else f"{error.what}: {error.subject}"
        return cls(error.kind, head, error.why, error.next_step, error.check, error.fields, error.call)

    @property
    def detail(self) -> str:
        """What happened and why, in one line."""
        return f"{self.what}. {self.why}" if self.why else self.what

    @property
    def advice(self) -> Advice:
        """What the error says to do next."""
        return Advice(self.next_step, self.fields, self.call)


@dataclass(slots=True)
class Facts:
    """What the probes found; None where nothing was asked yet.

    `known_regions` is empty when they are not known; `region_trouble` is why the region cannot exist. `others` are the
    region's targets when the wanted one is missing. `user` and `database` are what the warehouse answered, `query` the
    answer to `select 1`, `catalog` the number of visible schemas, `table_info` whether svv_table_info can be read.
    """

    known_regions: frozenset[str] = frozenset()
    region_trouble: str = ""
    caller: Caller | Problem | None = None
    target: Target | Problem | None = None
    others: tuple[Target, ...] = ()
    user: str | Problem | None = None
    database: str | Problem | None = None
    query: int | Problem | None = None
    catalog: int | Problem | None = None
    table_info: bool | Problem | None = None
