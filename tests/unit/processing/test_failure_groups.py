"""Failures of a run, those with one cause together."""

from __future__ import annotations

from wharfinger.core.errors import NotFound, Refused, WharfingerError, error_of
from wharfinger.core.names import TableName
from wharfinger.core.rights import MissingRight, grant
from wharfinger.jobs.model import JobState
from wharfinger.processing.failures import FailureGroup, failure_groups
from wharfinger.processing.model import Processed

USER = '"IAM:analyst"'


def denied(name: str, kind: str = "", position: int = 1) -> Refused:
    right = MissingRight("USAGE" if kind else "SELECT", kind, name, USER)
    why = f"permission denied for {kind.lower() or 'relation'} {name} (Position: {position})"
    return Refused(f"No right to use {name}", why=why, next_step=f"As owner: {grant([right])}", lacks=right)


def groups(**errors: WharfingerError) -> list[FailureGroup]:
    """The groups of tables that failed; a name is `database__schema__table`."""
    tables = {
        TableName(*name.split("__")): {"profile": JobState("failed", error.record()), "describe": JobState("completed")}
        for name, error in errors.items()
    }
    return failure_groups(Processed("run", tables, 0, 0, 0.0))  # type: ignore[arg-type]


def test_tables_of_a_schema_without_usage_are_one_group() -> None:
    (group,) = groups(dev__raw__a=denied("raw", "SCHEMA", 60), dev__raw__b=denied("raw", "SCHEMA", 106))

    assert [table.name for table in group.tables] == ["a", "b"]
    assert group.error["why"] == "permission denied for schema raw"
    assert group.error["next_step"] == f"As owner: GRANT USAGE ON SCHEMA raw TO {USER}"
    assert group.lacks_a_right


def test_tables_without_select_get_one_grant() -> None:
    names = ["raw.a", 'raw."The B"', "web.c"]
    (group,) = groups(dev__raw__a=denied(names[0]), dev__raw__b=denied(names[1]), dev__web__c=denied(names[2]))

    assert group.error["what"] == "No right to read these tables"
    assert group.error["next_step"] == f'As owner: GRANT SELECT ON raw."The B", raw.a, web.c TO {USER}'


def test_databases_and_schemas_stay_apart() -> None:
    assert len(groups(dev__raw__a=denied("raw.a"), marketing__raw__a=denied("raw.a"))) == 2
    assert len(groups(dev__raw__a=denied("raw", "SCHEMA"), dev__web__a=denied("web", "SCHEMA"))) == 2


def test_other_errors_are_together_only_where_every_word_is_the_same() -> None:
    found = groups(
        dev__raw__a=NotFound("gone", why="x (Position: 1)", next_step="Look"),
        dev__raw__b=NotFound("gone", why="x (Position: 2)", next_step="Look"),
        dev__raw__c=NotFound("gone", why="y", next_step="Look"),
    )

    assert [len(group.tables) for group in found] == [2, 1]
    assert not any(group.lacks_a_right for group in found)


def test_a_lone_failure_keeps_its_own_words() -> None:
    error = denied("raw.a", position=7)
    (group,) = groups(dev__raw__a=error)

    assert group.error == error.record()


def test_a_missing_right_is_stored_with_its_error() -> None:
    error = denied('raw."The B"')

    assert error_of(error.record()).lacks == error.lacks
    assert error_of(NotFound("gone", next_step="Look").record()).lacks is None
