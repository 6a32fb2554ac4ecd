"""Masks the values of columns that look personal, before anything is kept of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from wharfinger.catalog.model import Column
from wharfinger.personal.recognition import Choice, mask, masked, recognise
from wharfinger.profiling.model import ColumnProfile, TableProfile


def with_masks(
    table: str, columns: Sequence[Column], profiles: Sequence[ColumnProfile], choices: dict[str, Choice] | None = None
) -> tuple[ColumnProfile, ...]:
    """The facts with values, min and max too, masked where the column looks personal; counts stay.

    `choices` are the owner's words on columns, which settle it.
    """
    types = {column.name: column.type for column in columns}
    chosen = choices or {}
    return tuple(_column(table, types[one.name], one, chosen.get(one.name)) for one in profiles)


def heeding(
    table: str, columns: Sequence[Column], profile: TableProfile, column: str, choice: Choice | None
) -> TableProfile:
    """A kept profile after the owner's word on one of its columns; None leaves it to the recognisers again.

    What is to be masked is masked at once. Values that are behind a mask already are in nobody's hands: where they are
    to be seen, the signature is spoilt, so that the table counts as changed and is measured again.
    """
    types = {one.name: one.type for one in columns}
    known = profile.column(column)
    if known is None or column not in types:
        return profile
    if known.masked and choice in (None, "none"):
        return replace(profile, signature=replace(profile.signature, columns=""))
    now = _column(table, types[column], replace(known, masked=False), choice)
    return replace(profile, columns=tuple(now if one.name == column else one for one in profile.columns))


def _column(table: str, type_: str, profile: ColumnProfile, choice: Choice | None) -> ColumnProfile:
    bounds = [bound for bound in (profile.min, profile.max) if bound is not None]
    found = recognise(profile.name, type_, [*profile.samples, *bounds], table=table, choice=choice)
    if found is None:
        return profile
    stars = mask(found.kind)
    return replace(
        profile,
        min=stars if profile.min is not None else None,
        max=stars if profile.max is not None else None,
        samples=masked(found.kind, profile.samples),
        masked=True,
    )
