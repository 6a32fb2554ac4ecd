"""The lexer, the splitting of statements, quoting and error texts, for arbitrary texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wharfinger_sandbox.dialect import Context, reword, split, translate
from wharfinger_sandbox.dialect.lexer import END, lex, render
from wharfinger_sandbox.dialect.names import fold, ident, literal
from wharfinger_sandbox.dialect.relations import relations

PIECES = [
    "select 1",
    "'a;b'",
    '"x;y"',
    "$$ ; $$",
    "$q$ ';' $q$",
    "/* ; /* ; */ */",
    "--;\n",
    "e'\\';'",
    "(",
    ")",
    ":p",
    "::int",
]
SQL = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=12).map(" ".join)


@given(SQL)
def test_tokens_put_together_are_the_text(sql: str) -> None:
    tokens = lex(sql)
    assert render(tokens) == sql
    assert tokens[-1].kind == END


@given(
    st.lists(st.sampled_from([piece for piece in PIECES if piece not in ("(", ")", "--;\n")]), min_size=1, max_size=6)
)
def test_a_text_is_cut_at_its_top_level_semicolons_only(pieces: list[str]) -> None:
    assert split(" ;\n".join(pieces) + ";") == [piece for piece in pieces if not piece.startswith("/*")]


@pytest.mark.parametrize(
    ("sql", "statements"),
    [
        ("", []),
        ("  ;; ", []),
        ("-- nothing\n;", []),
        ("select 1", ["select 1"]),
        ("select 1;", ["select 1"]),
        ("select ';' ; select 2 -- ; no\n; select 3", ["select ';'", "select 2 -- ; no", "select 3"]),
        ("create procedure p() as $$ begin; end; $$ language plpgsql; call p()",
         ["create procedure p() as $$ begin; end; $$ language plpgsql", "call p()"]),
    ],
)  # fmt: skip
def test_split_knows_comments_and_quotes(sql: str, statements: list[str]) -> None:
    assert split(sql) == statements


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1))
def test_a_quoted_name_is_one_token_that_means_the_name(name: str) -> None:
    (token, end) = lex(ident(name))
    assert (token.kind, token.low, end.kind) == ("quoted", name, END)


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])))
def test_a_literal_is_one_token(text: str) -> None:
    tokens = lex(literal(text))
    assert [token.kind for token in tokens] == ["string", END]


@given(st.text())
def test_folding_changes_ascii_letters_only(text: str) -> None:
    folded = fold(text)
    assert [a for a, b in zip(text, folded, strict=True) if a != b] == [a for a in text if "A" <= a <= "Z"]


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("select 1", []),
        ("select a from t", [("t",)]),
        (
            "select a, b from s.t x, u join v on x.a = v.b where c in (select d from w)",
            [("s", "t"), ("u",), ("v",), ("w",)],
        ),
        ("with c as (select * from t) select * from c, d.s.u", [("t",), ("d", "s", "u")]),
        ("with c (a, b) as (select 1, 2) select * from c", []),
        ("select extract(year from d), trim(both 'x' from e) from t", [("t",)]),
        ("select * from generate_series(1, 2) g, lateral (select 1) x", []),
        ("select * from (a join b using (id)) natural join c", [("a",), ("b",), ("c",)]),
        ("insert into s.t (a, b) select a, b from u", [("s", "t"), ("u",)]),
        ("update t set a = 1 from u where t.x = u.x", [("t",), ("u",)]),
        ("delete from t using u where 1 = 1", [("t",), ("u",)]),
        ("select a is distinct from b from t order by a, b", [("t",)]),
        ("select * from a union select * from b group by c, d", [("a",), ("b",)]),
        ('select * from "S"."T t"', [("S", "T t")]),
    ],
)
def test_the_relations_of_a_query_are_found(sql: str, found: list[tuple[str, ...]]) -> None:
    assert relations(lex(sql)) == found


@pytest.mark.parametrize(
    ("engine", "redshift"),
    [
        (("42501", "permission denied for table t"), ("42501", "permission denied for relation t")),
        (
            ("42501", "permission denied for view svv_table_info"),
            ("42501", "permission denied for relation svv_table_info"),
        ),
        (("42501", "permission denied for schema s"), ("42501", "permission denied for schema s")),
        (("42501", "must be owner of materialized view m"), ("42501", "must be owner of relation m")),
        (("42704", 'role "bob" does not exist'), ("42704", 'user "bob" does not exist')),
        (("42704", 'role "g/team" does not exist'), ("42704", 'group "team" does not exist')),
        (("42704", 'role "r/etl" does not exist'), ("42704", 'role "etl" does not exist')),
        (
            ("0A000", 'cross-database references are not implemented: "marketing.public.x"'),
            ("0A000", 'cross-database reference to "marketing" is not supported by the sandbox'),
        ),
        (
            ("55000", 'foreign-data wrapper "wf_external" has no handler'),
            ("0A000", "reading an external table is not supported by the sandbox"),
        ),
        (("42883", "function wf_engine_avg(text) does not exist"), ("42883", "function avg(text) does not exist")),
        (("42501", 'permission denied for "g/team"'), ("42501", 'permission denied for "team"')),
        (("42P01", 'relation "x" does not exist'), ("42P01", 'relation "x" does not exist')),
        (
            ("23505", 'duplicate key value violates unique constraint "pg_type_typname_nsp_index"'),
            ("XX000", "could not complete because of conflict with concurrent transaction"),
        ),
        (("42710", 'type "t" already exists'), ("42P07", 'relation "t" already exists')),
    ],
)
def test_the_engines_errors_come_in_redshifts_words(engine: tuple[str, str], redshift: tuple[str, str]) -> None:
    assert reword(*engine) == redshift


def test_an_unknown_statement_is_passed_to_the_engine() -> None:
    context = Context(database="dev")
    assert translate("selec 1", context).sql == "selec 1"
    assert translate("", context).sql == ""
