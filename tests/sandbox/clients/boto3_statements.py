"""boto3, whatever its version: statements, batches, sessions, results, lists, paginators."""

import json
import sys
import uuid

import boto3
from botocore.exceptions import ClientError

CLUSTER = {"ClusterIdentifier": "demo-cluster", "Database": "dev"}
WORKGROUP = {"WorkgroupName": "demo-workgroup", "Database": "dev"}
ENDED = ("FINISHED", "FAILED", "ABORTED")

data = boto3.client("redshift-data")
members = data.meta.service_model.operation_model("ExecuteStatement").input_shape.members


def ended(id):
    while (said := data.describe_statement(Id=id))["Status"] not in ENDED:
        pass
    return said


def run(sql, **target):
    return ended(data.execute_statement(Sql=sql, **(target or CLUSTER))["Id"])


def rows(id):
    pages = data.get_paginator("get_statement_result").paginate(Id=id)
    return [[next(iter(field.values())) for field in record] for page in pages for record in page["Records"]]


def values(sql, **target):
    return rows(run(sql, **target)["Id"])


def refusal(call, **given):
    try:
        call(**given)
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["Error"]["Message"]]
    raise AssertionError("it was not refused")


table = f"client_{uuid.uuid4().hex[:10]}"
types = run(
    "select 1::smallint, 2::bigint, 1.50::decimal(10,2), 2.5::float8, true, 'é'::varchar(9), date '2024-01-31',"
    " timestamp '2022-02-22', null::int, json_parse('{\"a\": [1, 2]}')"
)
session = data.execute_statement(Sql="create temp table kept as select 7 as n", SessionKeepAliveSeconds=60, **CLUSTER)
ended(session["Id"])
batch = ended(
    data.batch_execute_statement(
        Sqls=[f"create table {table} (a int, b varchar(20))", f"insert into {table} values (1, 'x'), (2, 'y')",
              f"select count(*) from {table}"], **CLUSTER
    )["Id"]
)  # fmt: skip
named = data.execute_statement(
    Sql=f"select b from {table} where a = :a", Parameters=[{"name": "a", "value": "2"}], StatementName=table, **CLUSTER
)
ended(named["Id"])
big = run("select n, repeat('x', 1000) from (select row_number() over () as n from raw_shop.orders limit 3000) as t")
first = data.get_statement_result(Id=big["Id"])
failed = run("select * from nowhere")
document = {
    "version": boto3.__version__,
    "long_poll": "WaitTimeSeconds" in members,
    "user": values("select current_user"),
    "workgroup": values("select current_user", **WORKGROUP),
    "types": rows(types["Id"])[0],
    "type_names": [column["typeName"] for column in data.get_statement_result(Id=types["Id"])["ColumnMetadata"]],
    "session": values("select n from kept", SessionId=session["SessionId"]),
    "batch": [one["Status"] for one in batch["SubStatements"]],
    "batch_rows": rows(batch["SubStatements"][2]["Id"]),
    "named": rows(named["Id"]),
    "listed": [
        one["Id"] == named["Id"]
        for page in data.get_paginator("list_statements").paginate(StatementName=table)
        for one in page["Statements"]
    ],
    "pages": "NextToken" in first,
    "big": [len(rows(big["Id"])), first["TotalNumRows"]],
    "failed": [failed["Status"], failed["Error"]],
    "no_result": refusal(data.get_statement_result, Id=run(f"drop table {table}")["Id"]),
    "no_cluster": refusal(data.execute_statement, Sql="select 1", ClusterIdentifier="nope", Database="dev"),
    "databases": [
        one for page in data.get_paginator("list_databases").paginate(**CLUSTER) for one in page["Databases"]
    ],
    "schemas": [
        one
        for page in data.get_paginator("list_schemas").paginate(**CLUSTER, PaginationConfig={"PageSize": 2})
        for one in page["Schemas"]
    ],
    "tables": [
        one["name"]
        for page in data.get_paginator("list_tables").paginate(
            SchemaPattern="raw_stripe", **CLUSTER, PaginationConfig={"PageSize": 3}
        )
        for one in page["Tables"]
    ],
    "columns": [
        [one["name"], one["typeName"]]
        for page in data.get_paginator("describe_table").paginate(
            Schema="raw_shop", Table="orders", **CLUSTER, PaginationConfig={"PageSize": 4}
        )
        for one in page["ColumnList"]
    ],
    "caller": boto3.client("sts").get_caller_identity()["Arn"],
    "clusters": [
        one["ClusterIdentifier"]
        for page in boto3.client("redshift").get_paginator("describe_clusters").paginate()
        for one in page["Clusters"]
    ],
    "workgroups": [
        one["workgroupName"]
        for page in boto3.client("redshift-serverless").get_paginator("list_workgroups").paginate()
        for one in page["workgroups"]
    ],
}
json.dump(document, sys.stdout)
