"""Keys are read from the texts of their constraints, whatever the names of the columns."""

from __future__ import annotations

import pytest

from wharfinger.catalog.keys import Constraint, columns_of, keys_from
from wharfinger.catalog.model import ForeignKey, Keys
from wharfinger.core.names import TableName

ORDERS = TableName("dev", "shop", "orders")


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ("PRIMARY KEY (id)", (("id",), ())),
        ("UNIQUE (b, a)", (("b", "a"), ())),
        ('PRIMARY KEY ("a,b", "c)d", "e""f", g)', (("a,b", "c)d", 'e"f', "g"), ())),
        ("FOREIGN KEY (order_id) REFERENCES shop.orders(id)", (("order_id",), ("id",))),
        ('FOREIGN KEY (a, "b c") REFERENCES s."t(1)"(x, "y(")', (("a", "b c"), ("x", "y("))),
        ("FOREIGN KEY (ünïcode) REFERENCES orders(id)", (("ünïcode",), ("id",))),
        ("", ((), ())),
    ],
)
def test_columns_are_read_from_a_constraint(definition: str, expected: object) -> None:
    assert columns_of(definition) == expected


def test_columns_of_a_table_that_is_not_selected_are_left_out() -> None:
    constraints = [
        Constraint("p", "PRIMARY KEY (id)"),
        Constraint("u", "UNIQUE (code, kind)"),
        Constraint("f", "FOREIGN KEY (order_id) REFERENCES shop.orders(id)", ORDERS),
    ]

    known = keys_from(constraints, is_selected=lambda table: table == ORDERS)
    unknown = keys_from(constraints, is_selected=lambda _: False)

    assert known == Keys(("id",), (("code", "kind"),), (ForeignKey(("order_id",), ORDERS, ("id",)),))
    assert unknown.foreign == (ForeignKey(("order_id",), ORDERS, ()),)


def test_the_strongest_key_of_a_column_is_told() -> None:
    keys = Keys(("id",), (("id", "code"),), (ForeignKey(("code",), ORDERS),))

    assert [keys.of(name) for name in ("id", "code", "other")] == ["primary", "foreign", None]
    assert Keys(unique=(("code",),)).of("code") == "unique"


def test_a_key_that_points_at_nothing_known_is_left_out() -> None:
    lost = Constraint("f", "FOREIGN KEY (a) REFERENCES gone(b)", None)
    assert keys_from([lost], is_selected=lambda _: True) == Keys()
