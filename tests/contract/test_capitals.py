"""Names with capitals, which Redshift folds even in double quotes unless enable_case_sensitive_identifier is on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.contract.doors import Door

from wharfinger.core.session import Statement, Usage

MIXED = 'select "Id" from contract_capitals."Camel ""Case"""'


@pytest.fixture
def mixed(door: Door) -> Iterator[None]:
    door.engine(
        "drop schema if exists contract_capitals cascade",
        "create schema contract_capitals",
        'create table contract_capitals."Camel ""Case""" ("Id" int)',
        'insert into contract_capitals."Camel ""Case""" values (7)',
    )
    yield
    door.engine("drop schema contract_capitals cascade")


@pytest.mark.usefixtures("mixed")
def test_a_name_with_capitals_is_not_folded(door: Door) -> None:
    usage = Usage()
    session = door.open(usage)
    assert session.run(Statement(MIXED)).one() == (7,)
    assert usage.statements == len(door.calls()["statements"]) == 2


@pytest.mark.usefixtures("mixed")
def test_forty_names_with_capitals_travel_in_two_batches(door: Door) -> None:
    usage = Usage()
    outcomes = door.open(usage).run_all([Statement(MIXED)] * 40)
    assert [outcome.unwrap().one() for outcome in outcomes] == [(7,)] * 40
    calls = door.calls()
    assert usage.statements == len(calls["statements"])
    if not door.is_wire:
        assert calls["operations"].get("BatchExecuteStatement", 0) == 2


@pytest.mark.usefixtures("mixed")
def test_names_with_capitals_are_changed_together(door: Door) -> None:
    insert = 'insert into contract_capitals."Camel ""Case""" values (8)'
    door.open().together([Statement(insert), Statement(insert)])
    assert door.open().run(Statement(MIXED.replace('"Id"', "count(*)"))).one() == (3,)


@pytest.mark.usefixtures("mixed")
def test_a_pinned_session_keeps_names_too_also_after_a_rollback(door: Door) -> None:
    usage = Usage()
    with door.open(usage).pinned() as pinned:
        for _ in range(2):
            pinned.run(Statement("begin"))
            assert pinned.run(Statement(MIXED)).one() == (7,)
            pinned.run(Statement("rollback"))
        assert pinned.run(Statement(MIXED)).one() == (7,)
        assert pinned.run(Statement(MIXED)).one() == (7,)
    calls = door.calls()
    assert usage.statements == len(calls["statements"]) == 11
