"""The cost of statements, computed before they are sent."""

from __future__ import annotations

from wharfinger.core.batches import MAX_BATCH, Cost, batches, cost_of
from wharfinger.core.session import Statement

SHORT, LONG, BOUND = Statement("select 1"), Statement("select '" + "x" * 60_000 + "'"), Statement("x", (("a", "1"),))
CAPITALS = Statement('select * from "S"."T"')


def test_statements_are_grouped_below_forty_and_below_the_size_and_parameters_go_alone() -> None:
    sizes = [[index for index, _ in group] for group in batches([SHORT] * 41 + [LONG, LONG, SHORT, BOUND, SHORT])]
    assert sizes == [list(range(40)), [40, 41], [42, 43], [44], [45]]


def test_a_batch_costs_a_look_and_a_result_for_each_and_a_single_statement_no_look() -> None:
    assert cost_of([]) == Cost(0, 0)
    assert cost_of([SHORT]) == Cost(1, 2)
    assert cost_of([SHORT, SHORT]) == Cost(2, 4)
    assert cost_of([LONG, LONG]) == Cost(2, 4)
    assert cost_of([SHORT] * (MAX_BATCH + 2)) == Cost(42, 46)


def test_the_setting_that_keeps_capitals_is_a_statement_too() -> None:
    assert cost_of([CAPITALS]) == Cost(2, 3)
    assert cost_of([CAPITALS, SHORT]) == Cost(3, 4)
    assert cost_of([CAPITALS] * MAX_BATCH) == Cost(42, 44)
