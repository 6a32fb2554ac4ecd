"""What may be written into a record of the queue."""

from __future__ import annotations

from typing import Any

import pytest

from wharfinger.adapters.work.dbos_engine import IdsOnly

WORK = "0123456789abcdef" * 2 + "-3"


@pytest.mark.parametrize("value", [None, True, False, {"args": (WORK,), "kwargs": {}}])
def test_ids_and_the_results_of_steps_are_recorded(value: Any) -> None:
    serializer = IdsOnly()
    assert serializer.deserialize(serializer.serialize(value)) == value


def test_of_an_exception_its_class_is_recorded() -> None:
    serializer = IdsOnly()
    text = serializer.serialize(ValueError("alice@example.com"))
    assert "alice" not in text
    assert str(serializer.deserialize(text)) == "ValueError"


@pytest.mark.parametrize(
    "value",
    ["dev.raw.orders", 7, [WORK], {"args": ("dev.raw.orders",)}, {"args": (WORK,), "kwargs": {"name": "x"}}, {}],
)
def test_anything_else_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="ids of attempts"):
        IdsOnly().serialize(value)
