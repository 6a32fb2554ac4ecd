"""Masks the values of columns that look personal, before a profile is stored. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from wharfinger.catalog.model import Column
from wharfinger.personal.masks import mask, masked_sample
from wharfinger.personal.model import Choice
from wharfinger.personal.recognition import recognise
from wharfinger.profiling.model import ColumnProfile, TableProfile


def mask_columns(
    table: str, columns: Sequence[Column], profiles: Sequence[ColumnProfile], choices: Mapping[str, Choice]
) -> tuple[ColumnProfile, ...]:
    """The figures of a table's columns, with the values (samples, min and max) of personal columns masked.

    `table` is the table's name without its schema, `choices` the owner's choices by column name. Counts are unchanged.
    """
    types = {column.name: column.type for column in columns}
    return tuple(_column(table, types[one.name], one, choices.get(one.name)) for one in profiles)


def with_choice(
    table: str, columns: Sequence[Column], profile: TableProfile, column: str, choice: Choice | None
) -> TableProfile:
    """A stored profile after the owner's choice about one of its columns; None means automatic recognition.

    Values that are to be masked are masked at once. Values that were masked cannot be recovered: where they are to be
    visible, the profile's signature is made invalid, so that the table counts as changed and is measured again.
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
    replacement = mask(found.kind)
    return replace(
        profile,
        min=replacement if profile.min is not None else None,
        max=replacement if profile.max is not None else None,
        samples=masked_sample(found.kind, profile.samples),
        masked=True,
    )
