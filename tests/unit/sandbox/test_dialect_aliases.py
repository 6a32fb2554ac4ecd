"""Lateral column aliases: where they are allowed, and what replaces them."""

from __future__ import annotations

import pytest

from wharfinger_sandbox.dialect import Context, translate
from wharfinger_sandbox.dialect.aliases import MOST_BYTES, inlined, may_use_aliases, query_of, with_query

# The name that is no column is between ^; the text after the arrow replaces it.
INLINED = [
    "select clicks / views as p, round(100 * ^p^, 1) as q from raw → (clicks / views)",
    "select a + 1 b, ^b^ * 2 from t → (a + 1)",
    "select (a) b, ^b^ from t → ((a))",
    "select case when a then 1 else 0 end flag, ^flag^ + 1 from t → (case when a then 1 else 0 end)",
    "select n.name as SCHEM from n where 1 = 1 and ^SCHEM^ like 'x' → (n.name)",
    "select n.name as schem from n where ^schem^ like 'x' union all select m.name as schem from m → (n.name)",
    "select n.name as schem from n union all select m.name as schem from m where ^schem^ like 'x' → (m.name)",
    "select x from (select q as z, ^z^ + 1 as x from t) u → (q)",
    "with c as (select q as z, ^z^ + 1 as x from t) select x from c → (q)",
    "select distinct q as z, ^z^ + 1 from t → (q)",
    'select a as "my x", ^"my x"^ || 1 as b from t → (a)',
    "select f(a, b) as z, g(h(^z^)) from t → (f(a, b))",
    "select sum(a) as s, ^s^ / count(*) as mean from t group by b → (sum(a))",
    "select a as z, row_number() over (partition by ^z^ order by a) from t → (a)",
    "select a as z, (select max(b) from u) as m, ^z^ from t → (a)",
    "insert into t select a as z, ^z^ + 1 from u → (a)",
]
NOT_INLINED = [
    "select ^b * 2 as c, a + 1 as b from t",
    "select a as z from t group by a having ^z > 1",
    "select a as z from t join u on u.b = ^z",
    "select a as z from t order by 1 + ^z",
    "select a as z, t.^z from t",
    "select a as z, ^z(1) from t",
    "select a is null, ^null from t",
    "select a as z, ^y from t",
    "delete from t where ^z = 1",
]


@pytest.mark.parametrize("case", INLINED)
def test_an_alias_in_scope_takes_the_place_of_the_unknown_name(case: str) -> None:
    marked, expression = case.split(" → ")
    before, name, after = marked.split("^")
    assert may_use_aliases(before + name + after)
    assert inlined(before + name + after, len(before) + 1) == before + expression + after


@pytest.mark.parametrize("case", NOT_INLINED)
def test_a_name_that_is_no_alias_in_scope_is_kept(case: str) -> None:
    assert inlined(case.replace("^", ""), case.index("^") + 1) is None


@pytest.mark.parametrize(
    "query",
    [
        "select 1",
        "select a as x, b as y from t where c > 1 order by a",
        "select cast(a as int), cast(b as int) from t",
        "select " + ", ".join(f"{number} as column_{number}" for number in range(52)),
    ],
)
def test_a_query_whose_aliases_stand_once_is_not_asked_about(query: str) -> None:
    assert not may_use_aliases(query)


def test_a_text_that_would_grow_without_bound_is_not_inlined() -> None:
    query = f"select '{'x' * (MOST_BYTES // 2)}' as a, a from t"
    assert inlined(query, query.rindex(", a") + 3) is None


@pytest.mark.parametrize(
    "sql",
    [
        "create view v as select a as z, z + 1 as y from t",
        "create view v as select a as z, z || '\\\\' as y from s.t with no schema binding",
        "create view v as select 'it''s' || a as z, z || 'x' as y from s.t with no schema binding",
        "create materialized view v diststyle all as select a as z, z || '''' as y from t",
        "create table v diststyle even as select a as z, z + 1 as y from t",
        "create table v as select a as z, z + 1 as y from t",
        "select a as z, z + 1 as y from t",
    ],
)
def test_a_query_inside_a_statement_is_found_and_replaced(sql: str) -> None:
    translation = translate(sql, Context("dev", user="awsuser", superuser=True))
    query = query_of(translation)
    assert query is not None
    better = query.replace(", z ", ", (a) ")
    replaced = with_query(translation, better)
    assert query_of(replaced) is None or replaced.sql != translation.sql
    assert replaced.sql == translation.sql.replace(", z ", ", (a) ")


@pytest.mark.parametrize("sql", ["set query_group to 'a'", "insert into t values (1)", "create table t (a int)"])
def test_a_statement_without_a_query_has_no_aliases(sql: str) -> None:
    assert query_of(translate(sql, Context("dev", user="awsuser"))) is None
