"""SQLAlchemy with the Redshift dialect over the driver named in the first argument: reflection, DDL, DML."""

import datetime
import json
import os
import sys
import uuid
from decimal import Decimal
from pathlib import Path

import sqlalchemy as sa

ready = json.loads(Path(os.environ["READY_FILE"]).read_text())
wire, admin = ready["wire"], ready["admin"]
driver = sys.argv[1]
tls = {"sslmode": "verify-full", "sslrootcert": wire["ca_file"]} if driver == "psycopg2" else {}
url = sa.URL.create(
    f"redshift+{driver}", admin["user"], admin["password"], wire["host"], wire["port"], "dev",
)  # fmt: skip
engine = sa.create_engine(url, connect_args=tls)
inspector = sa.inspect(engine)
name = f"alchemy_{uuid.uuid4().hex[:10]}"

reflected = sa.MetaData()
reflected.reflect(engine, schema="raw_shop", only=["orders"])
views = sa.MetaData()
views.reflect(engine, schema="analytics", views=True)

metadata = sa.MetaData()
one = sa.Table(
    name,
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String(30), nullable=False, comment="who"),
    sa.Column("amount", sa.Numeric(12, 2)),
    sa.Column("at", sa.DateTime),
    schema="public",
    comment="made by a client",
    redshift_diststyle="KEY",
    redshift_distkey="id",
    redshift_sortkey=["at"],
)
two = sa.Table(
    f"{name}_lines",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("parent", sa.Integer, sa.ForeignKey(f"public.{name}.id")),
    schema="public",
)
metadata.create_all(engine)
metadata.create_all(engine)
with engine.begin() as connection:
    connection.execute(
        one.insert(),
        [
            {"id": 1, "name": "a'b%", "amount": Decimal("1.50"), "at": datetime.datetime(2024, 1, 2, 3, 4, 5)},
            {"id": 2, "name": "é", "amount": None, "at": None},
        ],
    )
    connection.execute(two.insert(), [{"id": 10, "parent": 1}, {"id": 11, "parent": 1}])
with engine.connect() as connection:
    joined = connection.execute(
        sa.select(one.c.name, sa.func.count(two.c.id), sa.func.sum(one.c.amount))
        .select_from(one.outerjoin(two))
        .group_by(one.c.name)
        .order_by(one.c.name)
    ).all()
    updated = connection.execute(one.update().where(one.c.id == 1).values(name="z")).rowcount
    connection.rollback()
    after_rollback = connection.execute(sa.select(one.c.name).where(one.c.id == 1)).scalar_one()
    deleted = connection.execute(two.delete()).rowcount
    connection.commit()
    streamed = sum(
        1
        for _ in connection.execution_options(stream_results=True, yield_per=500).execute(
            sa.text("select id from raw_shop.orders")
        )
    )

fresh = sa.inspect(engine)


def columns(table, schema):
    return [[column["name"], str(column["type"]), column["nullable"]] for column in fresh.get_columns(table, schema)]


document = {
    "version": sa.__version__,
    "schemas": inspector.get_schema_names(),
    "tables": inspector.get_table_names("raw_stripe"),
    "views": inspector.get_view_names("analytics"),
    "orders": columns("orders", "raw_shop"),
    "orders key": inspector.get_pk_constraint("orders", "raw_shop"),
    "orders parents": inspector.get_foreign_keys("orders", "raw_shop"),
    "orders comment": inspector.get_table_comment("orders", "raw_shop")["text"],
    "orders options": inspector.get_table_options("orders", "raw_shop"),
    "view": inspector.get_view_definition("stg_customers", "analytics"),
    "reflected": sorted(reflected.tables),
    "reflected views": sorted(views.tables),
    "made": columns(name, "public"),
    "made options": fresh.get_table_options(name, "public"),
    "made comment": fresh.get_table_comment(name, "public")["text"],
    "made key": fresh.get_pk_constraint(name, "public")["constrained_columns"],
    "made parent": [key["referred_table"] == name for key in fresh.get_foreign_keys(f"{name}_lines", "public")],
    "there": [fresh.has_table(name, "public"), fresh.has_table(f"{name}_no", "public")],
    "joined": [[row[0], row[1], str(row[2])] for row in joined],
    "counts": [updated, after_rollback, deleted, streamed],
}
metadata.drop_all(engine)
document["gone"] = not sa.inspect(engine).has_table(name, "public")
json.dump(document, sys.stdout, default=str)
