"""redshift_connector, whatever its version: sign-in, types, parameters, transactions, the catalog."""

import datetime
import json
import os
import sys
import uuid
from decimal import Decimal
from pathlib import Path

import redshift_connector

ready = json.loads(Path(os.environ["READY_FILE"]).read_text())
wire, admin = ready["wire"], ready["admin"]
place = {"host": wire["host"], "port": wire["port"], "database": "dev"}
table = f"driver_{uuid.uuid4().hex[:10]}"


def connect(**how):
    return redshift_connector.connect(**(how or {"user": admin["user"], "password": admin["password"], **place}))


def who(**how):
    with connect(**how) as connection, connection.cursor() as cursor:
        cursor.execute("select current_user")
        return cursor.fetchone()[0]


def refusal(act):
    try:
        act()
    except redshift_connector.Error as error:
        return [type(error).__name__, error.args[0]["C"], error.args[0]["M"]]
    raise AssertionError("it was not refused")


iam = {"iam": True, "database": "dev", "region": "us-east-1"}
keys = {
    "access_key_id": os.environ["AWS_ACCESS_KEY_ID"],
    "secret_access_key": os.environ["AWS_SECRET_ACCESS_KEY"],
}
cluster = {**iam, "cluster_identifier": "demo-cluster"}
workgroup = {**iam, "is_serverless": True, "serverless_work_group": "demo-workgroup"}
document = {
    "version": redshift_connector.__version__,
    "users": {
        "password": who(),
        "plain": who(user=admin["user"], password=admin["password"], ssl=False, **place),
        "cluster": who(db_user="awsuser", **cluster),
        "cluster by keys": who(db_user="awsuser", **cluster, **keys),
        "cluster by address": who(db_user="awsuser", **cluster, host=wire["host"], port=wire["port"]),
        "group federation": who(group_federation=True, **cluster),
        "workgroup": who(**workgroup),
        "workgroup by address": who(**workgroup, host=wire["host"], port=wire["port"]),
    },
    "wrong password": refusal(lambda: connect(user="awsuser", password="not it", **place)),
}

connection = connect()
cursor = connection.cursor()
cursor.execute(
    f"create table {table} (id integer not null primary key, name varchar(20), amount decimal(12,2) encode az64,"
    f" at timestamp, day date, doc super, raw varbyte(10)) diststyle key distkey (id) sortkey (at)"
)
connection.rollback()
document["rolled back"] = refusal(lambda: cursor.execute(f"select * from {table}"))
connection.rollback()
cursor.execute(
    f"create table {table} (id integer not null primary key, name varchar(20), amount decimal(12,2), at timestamp,"
    " day date, doc super, raw varbyte(10)) diststyle key distkey (id) sortkey (at)"
)
cursor.execute(f"create table {table}_lines (id bigint, parent integer references {table} (id))")
cursor.execute(f"create view {table}_view as select id, name from {table}")
cursor.executemany(
    f"insert into {table} (id, name, amount, at, day) values (%s, %s, %s, %s, %s)",
    [
        [1, "é'", Decimal("1.50"), datetime.datetime(2024, 1, 2, 3, 4, 5, 678000), datetime.date(2024, 1, 2)],
        [2, None, None, None, None],
    ],
)
cursor.execute(f"update {table} set doc = json_parse('{{\"a\": [1, 2]}}'), raw = 'abc'::varbyte where id = 1")
document["updated"] = cursor.rowcount
connection.commit()
cursor.execute(f"select * from {table} order by id")
document["rows"] = [[str(value) if value is not None else None for value in row] for row in cursor.fetchall()]
document["types"] = [column[1] for column in cursor.description]
cursor.execute(
    "select 1::smallint, 2::bigint, 2.5::float4, 3.5::float8, true, 'a'::char(3), timestamptz '2024-01-02 03:04:05+02',"
    " time '01:02:03', interval '1 day', null"
)
document["values"] = [str(value) for value in cursor.fetchone()]

document["styles"] = {}
for style, sql, given in (
    ("qmark", "select ?::int + 1", (1,)),
    ("numeric", "select :1::int + 1", (1,)),
    ("named", "select :a::int + 1", {"a": 1}),
    ("format", "select %s::int + 1", (1,)),
    ("pyformat", "select %(a)s::int + 1", {"a": 1}),
):
    cursor.paramstyle = style
    cursor.execute(sql, given)
    document["styles"][style] = cursor.fetchone()[0]
cursor.paramstyle = "format"

cursor.execute("select id, note from raw_shop.orders")
document["pieces"] = [len(cursor.fetchmany(7)), len(cursor.fetchall())]
connection.rollback()
connection.autocommit = True
document["transaction refused"] = refusal(lambda: cursor.execute("select 1/0"))
cursor.execute("create or replace function public.larger(float, float) returns float stable as "
               "$$ select case when $1 > $2 then $1 else $2 end $$ language sql")  # fmt: skip
cursor.execute(f"create or replace procedure public.nothing_{table}(a int, b varchar(10)) as "
               "$$ begin null; end $$ language plpgsql")  # fmt: skip


def asked(name, *arguments):
    """Rows as dictionaries with lower-case names; the driver's words where this version of it has no such call."""
    try:
        found = getattr(cursor, name)(*arguments)
    except redshift_connector.InterfaceError as error:
        return str(error)
    names = [column[0].lower() for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in found]


document["catalog"] = {
    "catalogs": asked("get_catalogs"),
    "schemas": asked("get_schemas"),
    "tables": asked("get_tables", "dev", "public", f"{table}%"),
    "columns": asked("get_columns", "dev", "public", table, "%"),
    "primary keys": asked("get_primary_keys", "dev", "public", table),
    "imported keys": asked("get_imported_keys", "dev", "public", f"{table}_lines"),
    "exported keys": asked("get_exported_keys", "dev", "public", table),
    "table privileges": asked("get_table_privileges", "dev", "public", table),
    "procedures": asked("get_procedures", "dev", "public", "nothing%"),
    "functions": asked("get_functions", "dev", "public", "larger"),
    "function columns": asked("get_function_columns", "dev", "public", "larger", "%"),
    "procedure columns": asked("get_procedure_columns", "dev", "public", f"nothing_{table}", "%"),
}
for statement in (
    f"drop view {table}_view", f"drop table {table}_lines", f"drop table {table}",
    f"drop procedure public.nothing_{table}(int, varchar)", "drop function public.larger(float, float)",
):  # fmt: skip
    cursor.execute(statement)
connection.close()
json.dump(document, sys.stdout, default=str)
