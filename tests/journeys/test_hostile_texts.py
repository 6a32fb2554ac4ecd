"""Names and texts that look like markup or control a terminal are printed as they are, or spelled out."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.command_line import Run
from tests.doors.test_terminal import Terminal
from tests.journeys.warehouse import Warehouse

MARKUP = ["[red]", "[bold]x[/bold]", "[/]", ":smile:"]
SPELLED = {"esc\x1b[31m": "esc\\x1b[31m", "bidi\u202eesrever": "bidi\\u202eesrever", "two\nlines": "two lines"}
NAMES = [*MARKUP, *SPELLED]
SCHEMA = "hostile_texts"


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@pytest.fixture
def warehouse(warehouse: Warehouse) -> Warehouse:
    """A warehouse with a table under each hostile name."""
    warehouse.redshift(f"create schema {SCHEMA}")
    for name in NAMES:
        warehouse.redshift(
            f"create table {SCHEMA}.{quoted(name)} ({quoted(name)} integer, word varchar(60))",
            f"insert into {SCHEMA}.{quoted(name)} values (1, '{name}')",
            f"comment on table {SCHEMA}.{quoted(name)} is 'About {name}'",
        )
    return warehouse


def test_each_command_prints_hostile_names_as_they_are(warehouse: Warehouse, cli: Run, home: Path) -> None:
    table = [f"{SCHEMA}.{quoted(name)}" for name in NAMES]
    commands = [
        ["tables", "refresh", "admin"],
        ["tables", "select", "admin", f"{SCHEMA}.*"],
        ["tables", "list", "admin", "--selected"],
        ["process", "admin"],
        *(["show", "admin", one] for one in table),
        *(["describe", "admin", one, "--text", f"Mine {name}"] for one, name in zip(table, NAMES, strict=True)),
        ["show", "admin", f"{SCHEMA}.{quoted('[green]' + NAMES[4])}"],
        ["connection", "show", NAMES[4]],
        ["tables", "deselect", "admin", *table],
    ]
    printed = ""
    for command in commands:
        answer = cli(*command)
        assert "\x1b" not in answer.out + answer.err
        assert "\u202e" not in answer.out + answer.err
        printed += answer.out + answer.err
    for name in NAMES:
        shown = SPELLED.get(name, name)
        assert f"About {shown}" in printed
        assert f": Mine {shown}" in printed
        assert f"{SCHEMA}.{quoted(shown)}" in printed


def test_on_a_terminal_hostile_names_control_nothing_and_json_has_them_whole(
    warehouse: Warehouse, cli: Run, home: Path
) -> None:
    cli("tables", "refresh", "admin")
    cli("tables", "select", "admin", f"{SCHEMA}.*")
    listed = Terminal(home, "tables", "list", "admin", "--selected")
    assert listed.finish() == 0
    for name in NAMES:
        shown = SPELLED.get(name, name)
        assert quoted(shown) in listed.plain()
    assert "esc\x1b" not in listed.text
    assert "\u202e" not in listed.text

    document = cli("tables", "list", "admin", "--selected", "--json").document
    assert sorted(one["name"] for one in document["tables"]) == sorted(NAMES)
