"""Redshift statements that create the generated tables and their comments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wharfinger_sandbox.data.generate import referenced_column
from wharfinger_sandbox.data.spec import Column, Table, View, literal
from wharfinger_sandbox.dialect.names import ident, qualified


def create_table(table: Table, tables: Mapping[str, Table]) -> str:
    """The CREATE TABLE of `table`, with a foreign key for each reference to a primary key of `tables`."""
    lines = [_column(column) for column in table.columns]
    lines += [_primary_key(table)] if any(column.primary_key for column in table.columns) else []
    lines += [_foreign_key(column, tables) for column in table.columns if _references_key(column, tables)]
    body = ",\n  ".join(lines)
    return f"create table {qualified((table.schema, table.name))} (\n  {body}\n) {table.attributes}".rstrip()


def _column(column: Column) -> str:
    words = (ident(column.name), column.type, column.attributes, "not null" if column.not_null else "")
    return " ".join(word for word in words if word)


def _primary_key(table: Table) -> str:
    return f"primary key ({', '.join(ident(column.name) for column in table.columns if column.primary_key)})"


def _references_key(column: Column, tables: Mapping[str, Table]) -> bool:
    return bool(column.references) and referenced_column(column, tables)[1].primary_key


def _foreign_key(column: Column, tables: Mapping[str, Table]) -> str:
    parent, key = referenced_column(column, tables)
    target = f"{qualified((parent.schema, parent.name))} ({ident(key.name)})"
    return f"foreign key ({ident(column.name)}) references {target}"


def table_comments(table: Table) -> Iterator[str]:
    """COMMENT ON statements for the table and those of its columns that have a comment."""
    name = qualified((table.schema, table.name))
    if table.comment:
        yield f"comment on table {name} is {literal(table.comment)}"
    for column in table.columns:
        if column.comment:
            yield f"comment on column {name}.{ident(column.name)} is {literal(column.comment)}"


def view_comments(view: View) -> Iterator[str]:
    """COMMENT ON statements for the view and those of its columns that have a comment."""
    name = qualified((view.schema, view.name))
    if view.comment:
        yield f"comment on view {name} is {literal(view.comment)}"
    for column, text in view.column_comments.items():
        yield f"comment on column {name}.{ident(column)} is {literal(text)}"


def in_dependency_order(tables: Mapping[str, Table]) -> list[Table]:
    """The tables of one database, each after those it refers to."""
    done: dict[str, Table] = {}

    def visit(table: Table) -> None:
        for column in table.columns:
            path = column.references.rpartition(".")[0]
            if path and path != table.path and path not in done:
                visit(tables[path])
        done[table.path] = table

    for table in tables.values():
        if table.path not in done:
            visit(table)
    return list(done.values())
