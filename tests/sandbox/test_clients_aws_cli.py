"""The AWS CLI, configured by environment variables only."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest
from tests.conftest import LAST_RESORT, Sandbox
from tests.sandbox.client_environments import CLIENTS, ask

pytestmark = pytest.mark.clients

CLUSTER = ["--cluster-identifier", "demo-cluster", "--database", "dev"]
WORKGROUP = ["--workgroup-name", "demo-workgroup", "--database", "dev"]


def run(sandbox: Sandbox, *commands: list[str], identity: str = "admin") -> list[dict[str, Any]]:
    answers: list[dict[str, Any]] = ask(sandbox, CLIENTS, "aws_cli.py", json.dumps(commands), identity=identity)
    return answers


def done(sandbox: Sandbox, *commands: list[str], identity: str = "admin") -> list[Any]:
    """The documents that `commands` print; every command must succeed."""
    answers = run(sandbox, *commands, identity=identity)
    assert [(one["exit"], one["error"]) for one in answers] == [(0, "")] * len(commands)
    return [one["out"] for one in answers]


def test_the_program_itself_runs_by_the_environment_alone(sandbox: Sandbox) -> None:
    told = subprocess.run(
        [str(CLIENTS.parent / "aws"), "sts", "get-caller-identity"],
        env={**sandbox.env("analyst"), "PATH": "/usr/bin:/bin", "AWS_PAGER": ""},
        capture_output=True,
        text=True,
        check=True,
        timeout=LAST_RESORT,
    )
    assert json.loads(told.stdout)["Arn"] == "arn:aws:iam::123456789012:user/analyst"


def test_a_statement_is_executed_described_and_read(sandbox: Sandbox) -> None:
    started, described, result = done(
        sandbox,
        ["redshift-data", "execute-statement", *CLUSTER, "--sql", "select 1 as one, 'é' as text, null as nothing"],
        ["redshift-data", "describe-statement", "--id", "$Id"],
        ["redshift-data", "get-statement-result", "--id", "$Id"],
    )
    assert started["DbUser"] == "IAM:admin"
    assert (described["Status"], described["ResultRows"]) == ("FINISHED", 1)
    assert result["Records"] == [[{"longValue": 1}, {"stringValue": "é"}, {"isNull": True}]]
    assert [column["name"] for column in result["ColumnMetadata"]] == ["one", "text", "nothing"]


def test_a_batch_with_parameters_and_the_list_of_statements(sandbox: Sandbox) -> None:
    started, described, listed = done(
        sandbox,
        ["redshift-data", "batch-execute-statement", *WORKGROUP, "--sqls", "select 1", "select 2",
         "--statement-name", "by the command line"],
        ["redshift-data", "describe-statement", "--id", "$Id"],
        ["redshift-data", "list-statements", "--statement-name", "by the command", "--max-items", "1"],
    )  # fmt: skip
    assert [one["Status"] for one in described["SubStatements"]] == ["FINISHED", "FINISHED"]
    assert listed["Statements"][0]["Id"] == started["Id"]


def test_the_catalog_is_listed(sandbox: Sandbox) -> None:
    databases, schemas, tables, columns = done(
        sandbox,
        ["redshift-data", "list-databases", *CLUSTER],
        ["redshift-data", "list-schemas", *WORKGROUP, "--schema-pattern", "raw_%"],
        ["redshift-data", "list-tables", *CLUSTER, "--schema-pattern", "raw_stripe", "--page-size", "2"],
        ["redshift-data", "describe-table", *CLUSTER, "--schema", "raw_shop", "--table", "orders"],
    )
    assert {"dev", "marketing"} <= set(databases["Databases"])
    assert {"raw_shop", "raw_stripe"} <= set(schemas["Schemas"])
    assert all(schema.startswith("raw") for schema in schemas["Schemas"])
    assert {"charges", "refunds"} <= {one["name"] for one in tables["Tables"]}
    assert columns["TableName"] == "orders"
    assert columns["ColumnList"][0]["typeName"] == "int8"


def test_clusters_workgroups_and_their_credentials(sandbox: Sandbox) -> None:
    clusters, named, own, workgroups, serverless = done(
        sandbox,
        ["redshift", "describe-clusters"],
        ["redshift", "get-cluster-credentials", "--cluster-identifier", "demo-cluster", "--db-user", "awsuser"],
        ["redshift", "get-cluster-credentials-with-iam", "--cluster-identifier", "demo-cluster"],
        ["redshift-serverless", "list-workgroups"],
        ["redshift-serverless", "get-credentials", "--workgroup-name", "demo-workgroup"],
    )
    (cluster,), (workgroup,) = clusters["Clusters"], workgroups["workgroups"]
    wire = sandbox.ready["wire"]
    assert cluster["Endpoint"] == {"Address": wire["host"], "Port": wire["port"]}
    assert workgroup["endpoint"]["port"] == wire["port"]
    assert (named["DbUser"], own["DbUser"], serverless["dbUser"]) == ("IAM:awsuser", "IAM:admin", "IAM:admin")


def test_a_secret_made_on_the_command_line_signs_in(sandbox: Sandbox) -> None:
    admin = sandbox.ready["admin"]
    secret = json.dumps({"username": admin["user"], "password": admin["password"]})
    made, _, described, value, _ = done(
        sandbox,
        ["secretsmanager", "create-secret", "--name", "cli/awsuser", "--secret-string", secret],
        ["redshift-data", "execute-statement", *CLUSTER, "--secret-arn", "$ARN", "--sql", "select current_user"],
        ["redshift-data", "describe-statement", "--id", "$Id"],
        ["redshift-data", "get-statement-result", "--id", "$Id"],
        ["secretsmanager", "delete-secret", "--secret-id", "cli/awsuser", "--force-delete-without-recovery"],
    )
    assert described["SecretArn"] == made["ARN"]
    assert value["Records"] == [[{"stringValue": "awsuser"}]]


def test_a_refusal_ends_with_awss_message(sandbox: Sandbox) -> None:
    denied, unknown, missing = run(
        sandbox,
        ["redshift", "describe-clusters"],
        [
            "redshift-data",
            "execute-statement",
            "--cluster-identifier",
            "nope",
            "--database",
            "dev",
            "--sql",
            "select 1",
        ],
        ["redshift-data", "describe-statement", "--id", "00000000-0000-0000-0000-000000000000"],
        identity="analyst",
    )
    assert {denied["exit"], unknown["exit"], missing["exit"]} == {255}
    assert "(AccessDenied) when calling the DescribeClusters operation: User: arn:aws:iam::" in denied["error"]
    assert "(ValidationException)" in unknown["error"]
    assert "(ResourceNotFoundException)" in missing["error"]
