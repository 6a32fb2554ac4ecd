from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import botocore.exceptions as boto
import pytest
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError
from redshift_connector.error import InterfaceError, OperationalError, ProgrammingError

from wharfinger.adapters.aws.causes import AWS_CAUSES, Cause
from wharfinger.adapters.aws.errors import OTHER, Finding, Place, is_from_aws, of_aws
from wharfinger.adapters.redshift.causes import ENGINE_CAUSES, WIRE_CAUSES
from wharfinger.adapters.redshift.errors import of_engine, of_wire
from wharfinger.connections.parsing import SECRETS, TEXTS
from wharfinger.core.verbs import call

PLACE = Place("cluster demo", "us-east-1", "dev", "demo.example:5439", "IAM:analyst")
EVERY_CAUSE = (*AWS_CAUSES, OTHER, *ENGINE_CAUSES, *WIRE_CAUSES)


def client_error(code: str, message: str = "", status: int = 400, operation: str = "ExecuteStatement") -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)


def denied(action: str, resource: str = "arn:aws:redshift:us-east-1:1:dbuser:demo/alice") -> str:
    return f"User: arn:aws:iam::1:user/a is not authorized to perform: {action} on resource: {resource} because no …"


# The numbers are the rows of redshift-facts §7.
AWS = [
    (1, boto.NoRegionError(), "no-region", "invalid", "region"),
    (2, boto.NoCredentialsError(), "no-credentials", "invalid", "identity"),
    (3, boto.ProfileNotFound(profile="x"), "no-such-profile", "not_found", "identity"),
    (4, boto.EndpointConnectionError(endpoint_url="https://x"), "endpoint-unreachable", "unavailable", "region"),
    (4, boto.ConnectTimeoutError(endpoint_url="https://x"), "endpoint-unreachable", "unavailable", "region"),
    (5, boto.InvalidRegionError(region_name="us east"), "no-such-region", "invalid", "region"),
    (6, client_error("ExpiredTokenException"), "expired-credentials", "refused", "identity"),
    (6, client_error("ExpiredToken", status=403), "expired-credentials", "refused", "identity"),
    (6, boto.UnauthorizedSSOTokenError(), "sign-in-again", "refused", "identity"),
    (7, client_error("InvalidClientTokenId", status=403), "unknown-keys", "refused", "identity"),
    (7, client_error("UnrecognizedClientException"), "unknown-keys", "refused", "identity"),
    (7, client_error("InvalidSignatureException"), "wrong-secret-key", "refused", "identity"),
    (8, client_error("AccessDeniedException", denied("redshift-data:ExecuteStatement")), "data-api-denied", "refused",
     "sign-in"),
    (9, client_error("ValidationException", denied("redshift:GetClusterCredentials")), "named-user-denied", "refused",
     "sign-in"),
    (9, client_error("AccessDenied", denied("redshift:GetClusterCredentials"), 403), "named-user-denied", "refused",
     "sign-in"),
    (10, client_error("ValidationException", denied("redshift:GetClusterCredentialsWithIAM")), "iam-user-denied",
     "refused", "sign-in"),
    (11, client_error("ValidationException", denied("redshift-serverless:GetCredentials")), "workgroup-denied",
     "refused", "sign-in"),
    (12, client_error("ValidationException", "Redshift endpoint doesn't exist in this region."), "no-such-target",
     "not_found", "target"),
    (13, client_error("ValidationException", "Either ClusterIdentifier, WorkgroupName or SessionId must be provided."),
     "no-target", "invalid", "target"),
    (14, client_error("ClusterNotFound", "Cluster x not found.", 404), "no-such-cluster", "not_found", "target"),
    (15, client_error("ResourceNotFoundException", "workgroup x"), "resource-not-found", "not_found", "target"),
    (16, client_error("ResourceNotFoundException", "Secrets Manager can't find the specified secret."),
     "no-such-secret", "not_found", "sign-in"),
    (17, client_error("AccessDeniedException", denied("secretsmanager:GetSecretValue")), "secret-denied", "refused",
     "sign-in"),
    (34, client_error("ValidationException", "Session is not available"), "session-gone", "unavailable", ""),
    (34, client_error("ValidationException", "Session with Id: a is invalid"), "session-gone", "unavailable", ""),
    (35, client_error("ActiveStatementsExceededException"), "too-many-statements", "unavailable", ""),
    (36, client_error("ThrottlingException", "Rate exceeded"), "throttled", "unavailable", ""),
    (36, client_error("ValidationException", "Service returned error code ThrottlingException (Service: X)"),
     "throttled-by-message", "unavailable", ""),
    (37, client_error("ValidationException", "Database response exceeded size limit"), "result-too-big", "failed", ""),
    (38, client_error("ResourceNotFoundException", "Query does not have result. Please check query status"),
     "no-result", "failed", ""),
    (40, boto.ParamValidationError(report="Invalid length for parameter Parameters[0].value"), "bad-argument",
     "invalid", "target"),
    (46, client_error("ValidationException", "RedshiftDbUser principal tag is required"), "principal-tag-missing",
     "refused", "sign-in"),
    (0, boto.PartialCredentialsError(provider="env", cred_var="x"), "partial-credentials", "invalid", "identity"),
    (0, client_error("AccessDenied", denied("sts:AssumeRole"), 403), "assume-role-denied", "refused", "identity"),
    (0, client_error("AccessDenied", denied("redshift:DescribeClusters"), 403), "list-denied", "refused", "target"),
    (0, client_error("InternalServerException", status=500), "aws-internal-error", "unavailable", ""),
    (0, client_error("503", status=503), "aws-internal-error", "unavailable", ""),
    (0, boto.ConnectionClosedError(endpoint_url="https://x"), "connection-dropped", "unavailable", ""),
    (0, boto.ReadTimeoutError(endpoint_url="https://x"), "connection-dropped", "unavailable", ""),
    (15, client_error("ResourceNotFoundException", "no workgroup", operation="GetWorkgroup"), "no-such-cluster",
     "not_found", "target"),
    (0, boto.ParamValidationError(report="Invalid length for parameter ExternalId, value: 1"), "bad-role", "invalid",
     "identity"),
    (0, boto.SSLError(endpoint_url="https://x", error="[SSL: WRONG_VERSION_NUMBER] wrong version number"), "no-tls",
     "failed", "region"),
    (0, boto.SSLError(endpoint_url="https://x", error="CERTIFICATE_VERIFY_FAILED: certificate has expired"),
     "outdated-certificate", "failed", "region"),
    (0, boto.SSLError(endpoint_url="https://x", error="UNEXPECTED_EOF"), "tls-failed", "failed", "region"),
    (0, boto.ProxyConnectionError(proxy_url="http://proxy"), "proxy-unreachable", "unavailable", "region"),
    (0, ResponseParserError("invalid XML received: <html>the page</html>"), "not-aws", "failed", "region"),
    (0, client_error("404", status=404), "unknown-to-endpoint", "failed", "region"),
    (0, boto.SSLError(endpoint_url="https://x", error="CERTIFICATE_VERIFY_FAILED"), "untrusted-certificate", "failed",
     "region"),
    (0, ValueError("Invalid endpoint: nonsense"), "malformed-endpoint", "invalid", "region"),
    (0, client_error("ResourceExistsException"), "secret-exists", "conflict", ""),
    (0, client_error("SomethingNew", "never seen"), "other", "failed", ""),
]  # fmt: skip

ENGINE = [
    (18, 'FATAL: password authentication failed for user "alice"', "password-refused", "refused", "sign-in"),
    (19, 'FATAL: database "nope" does not exist', "no-such-database", "not_found", "database"),
    (20, 'FATAL: no pg_hba.conf entry for host "::ffff:1.2.3.4", user "a", SSL off', "tls-needed", "refused",
     "sign-in"),
    (27, "ERROR: permission denied for schema raw_shop", "schema-denied", "refused", "catalog"),
    (28, "ERROR: permission denied for relation orders", "relation-denied", "refused", ""),
    (28, "ERROR: permission denied for table orders", "relation-denied", "refused", ""),
    (28, "ERROR: permission denied for relation svv_table_info", "table-info-denied", "refused", "table-info"),
    (29, "ERROR: permission denied for database marketing", "database-denied", "refused", "database"),
    (30, 'ERROR: relation "nope" does not exist\n  Position: 15', "no-such-relation", "not_found", ""),
    (31, 'ERROR: user "alice" already exists', "already-exists", "conflict", ""),
    (32, "ERROR: user \"a\" can't be dropped because the user owns some object", "user-not-empty", "conflict", ""),
    (33, "ERROR: current transaction is aborted, commands ignored until end of transaction block",
     "transaction-aborted", "failed", ""),
    (37, "ERROR: Packet for query is too large", "row-too-big", "failed", ""),
    (39, "ERROR: Specified types or functions (one per INFO message) not supported on Redshift tables.",
     "leader-only", "failed", ""),
    (42, 'FATAL: connection limit "1998" exceeded for non-superusers', "connection-limit", "unavailable", "sign-in"),
    (44, "ERROR: cross-database reference to database x is not implemented", "cross-database", "failed", "database"),
    (0, "ERROR: could not open relation with OID 12345", "table-replaced", "unavailable", ""),
    (0, "ERROR: Query (1234) cancelled on user's request", "cancelled-by-warehouse", "failed", ""),
    (0, "the statement was cancelled", "cancelled-by-warehouse", "failed", ""),
    (0, "ERROR: division by zero", "engine", "failed", ""),
    (0, "", "engine", "failed", ""),
]  # fmt: skip

WIRE = [
    (21, InterfaceError("Server refuses SSL"), "tls-refused", "failed", "target"),
    (22, InterfaceError("communication error", OSError("[SSL: CERTIFICATE_VERIFY_FAILED] unable to get local issuer")),
     "untrusted-server", "failed", "target"),
    (22, InterfaceError("communication error", OSError("CERTIFICATE_VERIFY_FAILED Hostname mismatch, certificate …")),
     "wrong-host-name", "failed", "target"),
    (23, OperationalError("connection time out", TimeoutError("timed out")), "no-answer", "unavailable", "target"),
    (24, InterfaceError("communication error", ConnectionRefusedError(111, "Connection refused")), "connection-refused",
     "unavailable", "target"),
    (25, InterfaceError("communication error", OSError(-2, "Name or service not known")), "no-such-host", "not_found",
     "target"),
    (26, InterfaceError("BrokenPipe: server socket closed. Please check …"), "connection-lost", "unavailable",
     "target"),
    (18, InterfaceError({"S": "FATAL", "C": "28000", "M": 'password authentication failed for user "a"'}),
     "password-refused", "refused", "sign-in"),
    (28, ProgrammingError({"S": "ERROR", "C": "42501", "M": "permission denied for relation t"}), "relation-denied",
     "refused", ""),
    (0, ProgrammingError({"S": "FATAL", "C": "28000", "M": "something about the login"}), "login-refused", "refused",
     "sign-in"),
    (0, ProgrammingError({"S": "ERROR", "C": "57014", "M": "canceling statement due to user request"}),
     "cancelled-by-warehouse", "failed", ""),
]  # fmt: skip


@pytest.mark.parametrize(("row", "raised", "cause", "kind", "check"), AWS, ids=lambda value: str(value)[:40])
def test_what_boto3_raises_is_told_with_cause_and_check(
    row: int, raised: Exception, cause: str, kind: str, check: str
) -> None:
    assert is_from_aws(raised)
    found = of_aws(raised, PLACE)
    error = found.error("the subject")
    assert (found.cause.id, error.kind, error.check) == (cause, kind, check)
    assert error.subject == "the subject"
    assert "{" not in error.what + error.next_step


@pytest.mark.parametrize(("row", "text", "cause", "kind", "check"), ENGINE, ids=lambda value: str(value)[:40])
def test_what_the_engine_says_is_told_with_cause_and_check(
    row: int, text: str, cause: str, kind: str, check: str
) -> None:
    found = of_engine(text, PLACE)
    error = found.error("the subject")
    assert (found.cause.id, error.kind, error.check) == (cause, kind, check)
    assert "{" not in error.what + error.next_step


@pytest.mark.parametrize(("row", "raised", "cause", "kind", "check"), WIRE, ids=lambda value: str(value)[:40])
def test_what_the_wire_driver_raises_is_told_with_cause_and_check(
    row: int, raised: Exception, cause: str, kind: str, check: str
) -> None:
    found = of_wire(raised, PLACE)
    error = found.error("the subject")
    assert (found.cause.id, error.kind, error.check) == (cause, kind, check)
    assert "{" not in error.what + error.next_step


REFUSED = 'FATAL: password authentication failed for user "IAM:ann"'


@pytest.mark.parametrize(
    ("sign_in", "cause", "fields", "says"),
    [
        ("db-user", "no-such-db-user", ("db_user",), "CREATE USER ann PASSWORD DISABLE"),
        ("secret", "secret-refused", ("secret_arn",), "in the secret"),
        ("iam", "iam-user-refused", (), 'CREATE USER "IAM:ann" PASSWORD DISABLE'),
        ("password", "password-refused", ("user", "password"), "its password"),
        ("", "password-refused", ("user", "password"), "its password"),
    ],
)
def test_a_refused_login_is_told_by_the_way_of_signing_in(
    sign_in: str, cause: str, fields: tuple[str, ...], says: str
) -> None:
    found = of_engine(REFUSED, replace(PLACE, sign_in=sign_in, user="ann"))
    error = found.error("the subject")

    assert (found.cause.id, error.check, error.fields) == (cause, "sign-in", fields)
    assert says in error.next_step


def test_a_secret_that_is_incomplete_fails_sign_in_only_where_a_secret_signs_in() -> None:
    raised = client_error("ValidationException", "The secret must be a JSON object with username and password.")

    assert of_aws(raised, replace(PLACE, sign_in="secret")).cause.id == "secret-incomplete"
    assert of_aws(raised, replace(PLACE, sign_in="iam")).cause.id == "not-valid"


@pytest.mark.parametrize(("profile", "cause"), [("work", "no-credentials-in-profile"), ("", "no-credentials")])
def test_who_named_a_profile_is_not_told_to_name_one(profile: str, cause: str) -> None:
    found = of_aws(boto.NoCredentialsError(), replace(PLACE, profile=profile))

    assert found.cause.id == cause
    assert profile in found.error("the subject").what


def test_the_answer_of_a_stranger_is_not_repeated() -> None:
    error = of_aws(ResponseParserError("invalid XML received: <html>hunter2</html>"), PLACE).error("the subject")

    assert "hunter2" not in str(error)


@pytest.mark.parametrize("cause", EVERY_CAUSE, ids=lambda cause: cause.id)
def test_every_row_of_the_tables_says_what_happened_and_what_to_do_next(cause: Cause) -> None:
    words = {**PLACE.words(), "action": "a", "resource": "r", "name": "n", "relation": "s.n"}
    error = Finding(cause, "said", words).error("the subject")
    assert error.what
    assert len(error.next_step.split()) > 1
    assert "{" not in error.what + error.next_step + str(error.call)
    assert error.check in ("", "region", "identity", "target", "sign-in", "database", "catalog", "table-info")
    assert set(error.fields) <= {*TEXTS, *SECRETS}


@pytest.mark.parametrize("cause", EVERY_CAUSE, ids=lambda cause: cause.id)
def test_no_row_of_the_tables_names_an_option_or_a_command_of_ours(cause: Cause) -> None:
    assert not re.search(r"wharfinger|(?<!\w)--\w", cause.what + cause.next_step)


def test_a_verb_that_helps_is_called_with_the_region_and_leaves_the_connection_open() -> None:
    missing = client_error("ClusterNotFound")
    assert of_aws(missing, PLACE).error("").call == call("connection:discover", region="us-east-1")
    assert of_aws(missing, Place()).error("").call == call("connection:discover", region="")
    denied = client_error("AccessDenied")
    assert of_aws(denied, PLACE).error("").call == call("connection:policy", connection="")


def test_a_refused_action_is_named_with_its_resource() -> None:
    error = of_aws(client_error("AccessDeniedException", denied("redshift-data:ExecuteStatement", "arn:x")), PLACE)
    assert "Allow redshift-data:ExecuteStatement on arn:x" in error.error("").next_step


def test_a_missing_grant_is_written_out_with_the_tables_schema_and_the_user() -> None:
    sql = 'select * from "Raw Shop"."or""ders" join x.y on true'
    error = of_engine('ERROR: permission denied for relation or"ders', PLACE, sql=sql).error("")
    assert 'GRANT SELECT ON "Raw Shop"."or""ders" TO "IAM:analyst"' in error.next_step
    error = of_engine("ERROR: permission denied for relation y", PLACE, sql=sql).error("")
    assert 'GRANT SELECT ON x.y TO "IAM:analyst"' in error.next_step
    error = of_engine("ERROR: permission denied for relation z", Place(), sql=sql).error("")
    assert "GRANT SELECT ON z TO this database user" in error.next_step


def test_a_position_is_told_but_not_taken_for_part_of_a_name() -> None:
    error = of_engine("ERROR: permission denied for schema a b\n  Position: 15", PLACE).error("")
    assert error.why == "permission denied for schema a b (Position: 15)"
    assert error.next_step == 'As owner or superuser: GRANT USAGE ON SCHEMA "a b" TO "IAM:analyst"'


def test_a_parameters_value_never_reaches_the_error() -> None:
    report = "Invalid type for parameter Sql, value: secret, type x, valid parameter secret, type: <class 'int'>"
    error = of_aws(boto.ParamValidationError(report=report), PLACE).error("")
    assert error.why == "Parameter validation failed: Sql"
    said = "1 validation error detected: Value 'a 'secret' at 'x' b' at 'sql' failed to satisfy constraint: …"
    error = of_aws(client_error("ValidationException", said), PLACE).error("")
    assert error.why.endswith("detected: Value … at 'sql' failed to satisfy constraint: …")


def test_only_the_first_line_of_a_message_is_kept() -> None:
    said = "The request signature we calculated does not match.\nThe Canonical String: x-amz-security-token:SECRET"
    error = of_aws(client_error("InvalidSignatureException", said), PLACE).error("")
    assert "SECRET" not in str(error)
    assert len(of_aws(client_error("X", "a" * 5000), PLACE).error("").why) <= 600


def test_only_exceptions_of_aws_are_taken_for_such() -> None:
    assert not is_from_aws(ValueError("something else"))
    assert not is_from_aws(KeyError("Id"))


def test_nearly_every_known_failure_has_a_case_here() -> None:
    rows = {row for table in (AWS, ENGINE, WIRE) for row, *_ in table if row}
    assert len(rows) >= 38
    assert all(re.match(r"[a-z-]+\Z", cause.id) for cause in (*AWS_CAUSES, *ENGINE_CAUSES, *WIRE_CAUSES))
