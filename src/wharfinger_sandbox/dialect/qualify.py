"""QUALIFY, the only clause that is rewritten with a parser."""

from __future__ import annotations

from wharfinger_sandbox.dialect.values import Refused, unsupported


def without_qualify(sql: str) -> str:
    """The query with each QUALIFY clause as the WHERE of an outer query.

    Raises Refused for `SELECT *`, which would return the added column, and for a query that sqlglot cannot parse.
    """
    # Imported here, since sqlglot is large and few statements have a QUALIFY.
    import sqlglot
    from sqlglot import exp
    from sqlglot.transforms import eliminate_qualify

    try:
        tree = sqlglot.parse_one(sql, read="postgres")
    except sqlglot.errors.SqlglotError as error:
        raise unsupported("This form of QUALIFY") from error
    for select in list(tree.find_all(exp.Select)):
        if select.args.get("qualify") is None:
            continue
        if select.is_star:
            raise unsupported("QUALIFY with SELECT *")
        replaced = eliminate_qualify(select)
        if select is tree:
            tree = replaced
        elif replaced is not select:
            select.replace(replaced)
    text = tree.sql(dialect="postgres")
    if "qualify" in text.lower().split():
        raise Refused("0A000", "This form of QUALIFY is not supported by the sandbox")
    return text
