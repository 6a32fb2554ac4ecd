"""System views: the columns of redshift-facts §5.2 and §4.5, and rows that equal the plain catalog below."""

# ruff: noqa: E501 — a case stands on one line where it can

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.sandbox.warehouse import Session, Warehouse, unique

HOSTILE = [
    'quo"te', "apo'strophe", "dot.ted", "back\\slash", " blank ", "select", "ünïcödé 表", "%_like", "a" * 63, "semi;colon",
    "new\nline", "-- comment", "$$dollar$$", ":param", "user",
]  # fmt: skip

COLUMNS = {
    "svv_redshift_databases": "database_name:character varying(128) database_owner:integer database_type:character"
    " varying(32) database_acl:character varying(128) database_options:character varying(128)"
    " database_isolation_level:character varying(128)",
    "svv_redshift_schemas": "database_name:character varying(128) schema_name:character varying(128) schema_owner:integer"
    " schema_type:character varying(128) schema_acl:character varying(128) schema_option:character varying(128)",
    "svv_all_schemas": "database_name:character varying(128) schema_name:character varying(128) schema_owner:integer"
    " schema_type:character varying(128) schema_acl:character varying(128) source_database:character varying(128)"
    " schema_option:character varying(256)",
    "svv_all_tables": "database_name:character varying(128) schema_name:character varying(128) table_name:character"
    " varying(128) table_acl:character varying(128) table_type:character varying(128) remarks:character varying(256)",
    "svv_redshift_tables": "database_name:character varying(128) schema_name:character varying(128) table_name:character"
    " varying(128) table_type:character varying(128) table_acl:character varying(128) remarks:character varying(128)"
    " table_owner:character varying(128)",
    "svv_all_columns": "database_name:character varying(128) schema_name:character varying(128) table_name:character"
    " varying(128) column_name:character varying(128) ordinal_position:integer column_default:character varying(4000)"
    " is_nullable:character varying(3) data_type:character varying(128) character_maximum_length:integer"
    " numeric_precision:integer numeric_scale:integer remarks:character varying(256)",
    "svv_redshift_columns": "database_name:character varying(128) schema_name:character varying(128) table_name:character"
    " varying(128) column_name:character varying(128) ordinal_position:integer data_type:character varying(32)"
    " column_default:character varying(4000) is_nullable:character varying(3) encoding:character varying(128)"
    " distkey:boolean sortkey:integer column_acl:character varying(128) remarks:character varying(256)",
    "svv_tables": "table_catalog:text table_schema:text table_name:text table_type:text remarks:text",
    "svv_columns": "table_catalog:text table_schema:text table_name:text column_name:text ordinal_position:integer"
    " column_default:text is_nullable:text data_type:text character_maximum_length:integer numeric_precision:integer"
    " numeric_precision_radix:integer numeric_scale:integer datetime_precision:integer interval_type:text"
    " interval_precision:text character_set_catalog:text character_set_schema:text character_set_name:text"
    " collation_catalog:text collation_schema:text collation_name:text domain_name:text remarks:text",
    "svv_table_info": "database:text schema:text table_id:oid table:text encoded:text diststyle:text sortkey1:text"
    " max_varchar:integer sortkey1_enc:character(32) sortkey_num:integer size:bigint pct_used:numeric(10,4) empty:bigint"
    " unsorted:numeric(5,2) stats_off:numeric(5,2) tbl_rows:numeric(38,0) skew_sortkey1:numeric(19,2)"
    " skew_rows:numeric(19,2) estimated_visible_rows:numeric(38,0) risk_event:text vacuum_sort_benefit:numeric(12,2)"
    " create_time:timestamp without time zone",
    "pg_table_def": "schemaname:name tablename:name column:name type:text encoding:character(32) distkey:boolean"
    " sortkey:integer notnull:boolean",
    "svv_external_schemas": "esoid:oid eskind:integer schemaname:name esowner:integer databasename:text esoptions:text",
    "svv_external_tables": "redshift_database_name:text schemaname:text tablename:text tabletype:text location:text"
    " input_format:text output_format:text serialization_lib:text serde_parameters:text compressed:integer"
    " parameters:text",
    "svv_external_columns": "redshift_database_name:text schemaname:text tablename:text columnname:text external_type:text"
    " columnnum:integer part_key:integer is_nullable:text",
    "svv_external_databases": "eskind:integer esoptions:text databasename:text location:text parameters:text",
    "svv_mv_info": "database_name:character(128) schema_name:character(128) user_name:character(128) name:character(128)"
    " is_stale:character(1) state:integer autorewrite:character(1) autorefresh:character(1)",
    "svv_relation_privileges": "namespace_name:text relation_name:text privilege_type:text identity_id:integer"
    " identity_name:text identity_type:text admin_option:boolean",
    "svv_schema_privileges": "namespace_name:text privilege_type:text identity_id:integer identity_name:text"
    " identity_type:text admin_option:boolean privilege_scope:text",
    "svv_database_privileges": "database_name:text privilege_type:text identity_id:integer identity_name:text"
    " identity_type:text admin_option:boolean privilege_scope:text",
    "svv_column_privileges": "namespace_name:text relation_name:text column_name:text privilege_type:text"
    " identity_id:integer identity_name:text identity_type:text",
    "svv_default_privileges": "schema_name:text object_type:text owner_id:integer owner_name:text owner_type:text"
    " privilege_type:text grantee_id:integer grantee_name:text grantee_type:text admin_option:boolean",
    "svv_user_grants": "user_id:integer user_name:text role_id:integer role_name:text admin_option:boolean",
    "svv_role_grants": "role_id:integer role_name:text granted_role_id:integer granted_role_name:text",
    "pg_user": "usename:name usesysid:integer usecreatedb:boolean usesuper:boolean usecatupd:boolean passwd:text"
    " valuntil:timestamp with time zone useconfig:text[]",
    "pg_group": "groname:name grosysid:integer grolist:integer[]",
}
OPENING_COLUMNS = {
    "sys_query_history": "user_id query_id query_label transaction_id session_id database_name query_type status"
    " result_cache_hit start_time end_time elapsed_time queue_time execution_time error_message returned_rows"
    " returned_bytes query_text redshift_version",
    "sys_query_detail": "user_id query_id child_query_sequence stream_id segment_id step_id step_name table_id table_name"
    " is_rrscan start_time end_time duration alert",
}


@pytest.fixture(scope="module")
def session(warehouse: Warehouse) -> Iterator[Session]:
    with warehouse.session() as session:
        yield session


@pytest.mark.parametrize("view", COLUMNS)
def test_a_view_has_the_columns_of_the_facts_in_their_order(warehouse: Warehouse, view: str) -> None:
    with warehouse.engine() as engine:
        rows = engine.execute(
            "select attname || ':' || format_type(atttypid, atttypmod) from pg_attribute"
            " where attrelid = to_regclass('pg_catalog.' || %s) and attnum > 0 order by attnum",
            [view],
        ).fetchall()
    assert " ".join(row[0] for row in rows) == COLUMNS[view]


@pytest.mark.parametrize("view", OPENING_COLUMNS)
def test_a_history_view_begins_with_the_columns_of_the_facts(session: Session, view: str) -> None:
    expected = OPENING_COLUMNS[view].split()
    assert session.columns(f"select * from {view} limit 0")[: len(expected)] == expected


@pytest.fixture(scope="module")
def hostile(session: Session) -> str:
    """A schema with a table of each hostile name, each with a column of the same name and comments."""
    schema = unique("hostile")
    session.run(f"create schema {schema}")
    for name in HOSTILE:
        quoted = '"' + name.replace('"', '""') + '"'
        text = name.replace("'", "''")
        session.run(
            f"create table {schema}.{quoted} ({quoted} varchar(7), n numeric(10,2) not null)",
            f"comment on table {schema}.{quoted} is 'about {text}'",
            f"comment on column {schema}.{quoted}.{quoted} is 'in {text}'",
        )
    return schema


def test_hostile_names_are_listed_as_they_are(session: Session, hostile: str) -> None:
    tables = session.run(f"select table_name, remarks from svv_all_tables where schema_name = '{hostile}'")
    assert sorted(tables) == sorted((name, f"about {name}") for name in HOSTILE)
    columns = session.run(
        "select table_name, column_name, ordinal_position, is_nullable, data_type, character_maximum_length,"
        f" numeric_precision, numeric_scale, remarks from svv_all_columns where schema_name = '{hostile}'"
    )
    expected = [(name, name, 1, "YES", "character varying", 7, None, None, f"in {name}") for name in HOSTILE]
    expected += [(name, "n", 2, "NO", "numeric", None, 10, 2, None) for name in HOSTILE]
    assert sorted(columns, key=str) == sorted(expected, key=str)
    shown = session.run(f"show tables from schema dev.{hostile}")
    assert [row[2] for row in shown] == sorted(HOSTILE)


def test_hostile_names_come_whole_from_another_database(warehouse: Warehouse, session: Session, hostile: str) -> None:
    with warehouse.session(database="marketing") as there:
        here = session.run(f"select * from svv_all_columns where schema_name = '{hostile}' order by 3, 5")
        assert there.run(f"select * from svv_all_columns where schema_name = '{hostile}' order by 3, 5") == here
        assert there.run(f"show tables from schema dev.{hostile}") == session.run(f"show tables from schema {hostile}")


def test_the_views_list_what_the_plain_catalog_has(session: Session, hostile: str) -> None:
    plain = session.run(
        "select n.nspname, c.relname, a.attname, a.attnum::int, format_type(a.atttypid, a.atttypmod), not a.attnotnull"
        " from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace"
        f" where n.nspname = '{hostile}' and a.attnum > 0"
    )
    assert len(plain) == 2 * len(HOSTILE)
    ours = session.run(
        "select schema_name, table_name, column_name, ordinal_position, data_type, is_nullable = 'yes'"
        f" from svv_redshift_columns where schema_name = '{hostile}'"
    )
    assert sorted(ours) == sorted(plain)
    by_tables = session.run(
        f"select table_name from svv_tables where table_schema = '{hostile}' and table_type = 'BASE TABLE'"
    )
    assert sorted(by_tables) == sorted((name,) for name in HOSTILE)


def test_every_kind_of_relation_is_what_redshift_calls_it(session: Session) -> None:
    schema, lake = unique("kinds"), unique("lake")
    session.run(
        f"create schema {schema}",
        f"create table {schema}.t (a int) diststyle even",
        f"create view {schema}.v as select a from {schema}.t",
        f"create view {schema}.l as select a from {schema}.t with no schema binding",
        f"create materialized view {schema}.m auto refresh yes as select a from {schema}.t",
        f"create external schema {lake} from data catalog database 'lakes' iam_role 'arn:aws:iam::123456789012:role/x'",
        f"create external table {lake}.e (a varchar(9), b array<int>) partitioned by (d date) stored as parquet"
        " location 's3://bucket/e/'",
    )
    both = f"in ('{schema}', '{lake}')"
    assert sorted(session.run(f"select table_name, table_type from svv_all_tables where schema_name {both}")) == [
        ("e", "EXTERNAL TABLE"), ("l", "VIEW"), ("m", "VIEW"), ("t", "TABLE"), ("v", "VIEW"),
    ]  # fmt: skip
    shown = [(row[2], row[3], row[10]) for row in session.run(f"show tables from schema {schema}")]
    assert shown == [
        ("l", "VIEW", "LATE BINDING VIEW"), ("m", "VIEW", "MATERIALIZED VIEW"), ("t", "TABLE", "REGULAR TABLE"),
        ("v", "VIEW", "REGULAR VIEW"),
    ]  # fmt: skip
    kinds = session.run(
        f"select relname, relkind from pg_class c join pg_namespace n on n.oid = c.relnamespace where nspname {both} order by 1"
    )
    assert kinds == [("l", "v"), ("m", "v"), ("t", "r"), ("v", "v")]
    assert session.run(f"select trim(name), is_stale, autorefresh from svv_mv_info where schema_name = '{schema}'") == [
        ("m", "f", "t")
    ]
    assert session.run(f"select location, input_format from svv_external_tables where schemaname = '{lake}'") == [
        ("s3://bucket/e/", "parquet")
    ]
    assert session.run(
        f"select columnname, external_type, columnnum, part_key from svv_external_columns where schemaname = '{lake}' order by 3"
    ) == [("a", "varchar(9)", 1, 0), ("b", "array<int>", 2, 0), ("d", "date", 3, 1)]
    assert session.refusal(f"select * from {lake}.e") == "reading an external table is not supported by the sandbox"
    assert session.run(f"select schema_type, source_database from svv_all_schemas where schema_name = '{lake}'") == [
        ("external", "lakes")
    ]
    late = session.run(
        "select * from pg_get_late_binding_view_cols() cols(view_schema name, view_name name, col_name name,"
        f" col_type varchar, col_num int) where view_schema = '{schema}'"
    )
    assert late == [(schema, "l", "a", "integer", 1)]
    in_pg = f"select count(*) from pg_attribute a join pg_class c on c.oid = attrelid where relname = 'l' and attnum > 0 and relnamespace = '{schema}'::regnamespace"
    assert session.value(in_pg) == 0
    by_information_schema = session.run(
        f"select table_name, table_type from information_schema.tables where table_schema {both} order by 1"
    )
    assert by_information_schema == [("l", "VIEW"), ("m", "VIEW"), ("t", "BASE TABLE"), ("v", "VIEW")]
    assert session.run(f'select distinct table_name from information_schema."columns" where table_schema {both} order by 1') == [
        ("m",), ("t",), ("v",),
    ]  # fmt: skip
    assert session.run(
        "select table_name from information_schema.views"
        f" where table_schema = '{schema}' and view_definition ilike '%create materialized view%'"
    ) == [("m",)]


def test_table_info_counts_rows_without_reading_them(warehouse: Warehouse, session: Session) -> None:
    schema = unique("info")
    session.run(
        f"create schema {schema}",
        f'create table {schema}.full ("a b" varchar(30), n int) distkey ("a b") sortkey (n, "a b")',
        f"create table {schema}.empty (a int)",
        f"insert into {schema}.full select 'x', 1 union all select 'y', 2 union all select 'z', 3",
        f"delete from {schema}.full where n = 3",
        "select pg_stat_force_next_flush()",
        f"analyze {schema}.full",
    )
    scans = f"select seq_scan from pg_stat_all_tables where schemaname = '{schema}' and relname = 'full'"
    with warehouse.engine() as engine:
        before = engine.execute(scans.encode()).fetchall()
        rows = session.run(
            'select "schema", "table", diststyle, sortkey1, sortkey_num, max_varchar, tbl_rows, estimated_visible_rows,'
            f" size, sortkey1_enc from svv_table_info where schema = '{schema}'"
        )
        after = engine.execute(scans.encode()).fetchall()
    assert rows == [(schema, "full", "KEY(a b)", "n", 2, 30, 3, 2, 1, "none".ljust(32))]
    assert before == after


def test_pg_table_def_shows_the_search_path_only(session: Session) -> None:
    schema = unique("def")
    session.run(
        f"create schema {schema}", f"create table {schema}.t (a int not null distkey sortkey, b varchar(5) encode zstd)"
    )
    query = f'select "column", type, encoding, distkey, sortkey, "notnull" from pg_table_def where schemaname = \'{schema}\' order by 1'
    assert session.run(query) == []
    session.run(f"set search_path to public, {schema}")
    assert session.run(query) == [
        ("a", "integer", "none".ljust(32), True, 1, True),
        ("b", "character varying(5)", "zstd".ljust(32), False, 0, False),
    ]
    session.run("set search_path to default")


def test_keys_are_listed_and_not_enforced(session: Session) -> None:
    schema = unique("keys")
    session.run(
        f"create schema {schema}",
        f'create table {schema}.p (id int, "K k" int, v int, primary key (id, "K k"), unique (v))',
        f"create table {schema}.c (id int, k int references {schema}.p (v), foreign key (id, k) references {schema}.p)",
        f"insert into {schema}.p values (1, 1, 1), (1, 1, 1)",
        f"insert into {schema}.c values (8, 9)",
    )
    listed = session.run(
        "select conname, contype, pg_get_constraintdef(oid) from pg_constraint"
        f" where connamespace = '{schema}'::regnamespace order by 1"
    )
    assert listed == [
        ("c_id_fkey", "f", f'FOREIGN KEY (id, k) REFERENCES {schema}.p(id, "k k")'),
        ("c_k_fkey", "f", f"FOREIGN KEY (k) REFERENCES {schema}.p(v)"),
        ("p_pkey", "p", 'PRIMARY KEY (id, "k k")'),
        ("p_v_key", "u", "UNIQUE (v)"),
    ]
    assert session.value(f"select count(*) from {schema}.p") == 2
    assert session.refusal(f"insert into {schema}.p values (null, 1, 1)").startswith("null value in column")
    assert [row[3:6] for row in session.run(f"show constraints primary keys from table {schema}.p")] == [
        ("id", 1, "p_pkey"), ("k k", 2, "p_pkey"),
    ]  # fmt: skip
    exported = session.run(f"show constraints foreign keys exported from table dev.{schema}.p")
    assert [(row[2], row[3], row[6], row[7], row[8], row[11]) for row in exported] == [
        ("p", "id", "c", "id", 1, "c_id_fkey"), ("p", "k k", "c", "k", 2, "c_id_fkey"), ("p", "v", "c", "k", 1, "c_k_fkey"),
    ]  # fmt: skip
    assert session.refusal(f"create table {schema}.d (a int references {schema}.c)") == (
        'there is no primary key for referenced table "c"'
    )
    session.run(f"alter table {schema}.p drop constraint p_v_key cascade", f"drop table {schema}.p cascade")
    assert session.run(f"select conname from pg_constraint where connamespace = '{schema}'::regnamespace") == []
    session.run(f"alter table {schema}.c add primary key (id)")
    assert session.refusal(f"alter table {schema}.c add primary key (k)") == (
        'multiple primary keys for table "c" are not allowed'
    )


def test_what_outside_people_load_belongs_to_the_administrator(warehouse: Warehouse, session: Session) -> None:
    schema = unique("loaded")
    with warehouse.engine() as engine:
        engine.execute(f"create schema {schema}".encode())
        engine.execute(f"create table {schema}.t as select 1 as a".encode())
        engine.execute(f"create view {schema}.v as select a from {schema}.t".encode())
    owners = session.run(
        f"select distinct u.usename from pg_class c join pg_user u on u.usesysid = c.relowner where c.relnamespace = '{schema}'::regnamespace"
    )
    assert owners == [("awsuser",)]
    session.run(f"drop schema {schema} cascade")


def test_the_sandbox_itself_is_not_listed(session: Session) -> None:
    for sql in (
        "select 1 from svv_all_schemas where schema_name = 'pg_internal'",
        "select 1 from svv_tables where table_schema = 'pg_internal' or table_name like 'wf!_%' escape '!' and table_schema = 'pg_catalog'",
        "select 1 from pg_namespace where nspname = 'pg_internal'",
        "select 1 from pg_user where usename in ('wf_engine', 'wf_superuser')",
        "select 1 from svv_relation_privileges where identity_name like 'wf%' or identity_name like 's/%'",
        "select 1 from pg_class where relname like 'wf!_%' escape '!'",
    ):
        assert session.run(sql) == [], sql


def test_a_temporary_table_is_listed_for_its_session_alone(warehouse: Warehouse, session: Session) -> None:
    name = unique("passing")
    session.run(f"create temp table {name} (a int distkey, b varchar(3))")
    query = (
        f"select column_name from information_schema.\"columns\" where table_name = '{name}' order by ordinal_position"
    )
    assert session.run(query) == [("a",), ("b",)]
    assert session.run(f"select 1 from svv_all_tables where table_name = '{name}'") == []
    with warehouse.session() as another:
        assert another.run(query) == []
