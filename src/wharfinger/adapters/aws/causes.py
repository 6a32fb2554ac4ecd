"""The errors of AWS as a table: how to recognise each, what to call it, what to do next.

A comment names the row of redshift-facts §7. The first row that matches is used, so special ones come first.
`aws.errors` applies the table; `redshift.causes` has the errors of the engine and of the wire protocol.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from wharfinger.core.errors import Conflict, Failed, Invalid, NotFound, Refused, Unavailable, WharfingerError
from wharfinger.core.verbs import Call, call

PATIENT = 10
"""Attempts for what ends by itself after a while: throttling, too many active statements."""

BRIEF = 5
"""Attempts for an error of the service or the network, and for credentials that may have been renewed elsewhere."""

UNREACHABLE = 3
"""Attempts for an address that does not answer; a wrong address should be reported soon."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One row: `codes` are AWS error codes (alone, or behind their operation: `GetWorkgroup:…`), SQLSTATEs or names of
    exception classes; `text` is searched in the message.

    When both are given, both must match. A row with a `sign_in` is for connections that sign in so, and one that
    `needs` a word of the place is for places that have it. `what`, `next_step` and the arguments of `call` may use the
    named groups of `text` and the words of `aws.errors.Place`.
    `check` is the check of a connection test that this fails. `attempts` is how often a call is made in all, 1 for no
    retry. `throttled` slows further calls down, `expired` renews the credentials before the next attempt.

    `lacks` is the missing right: the privilege, the kind of object, and its name with the words of `text`. `next_step`
    may say `{grant}` for the GRANT that gives it. `call` never names the connection: errors are stored with tables,
    and a connection may be renamed.
    """

    id: str
    kind: type[WharfingerError]
    what: str
    next_step: str
    check: str = ""
    codes: frozenset[str] = frozenset()
    text: re.Pattern[str] | None = None
    attempts: int = 1
    throttled: bool = False
    expired: bool = False
    sign_in: str = ""
    needs: str = ""
    fields: tuple[str, ...] = ()
    call: Call | None = None
    lacks: tuple[str, str, str] | None = None


def codes(names: str) -> frozenset[str]:
    """The set of the names in `names`, which blanks separate."""
    return frozenset(names.split())


def pattern(text: str) -> re.Pattern[str]:
    """A pattern for `search` in a message, without regard to case."""
    return re.compile(text, re.IGNORECASE | re.DOTALL)


OUTDATED = pattern(r"certificate has expired|certificate is not yet valid")
"""What OpenSSL says about a certificate that is not valid now."""

NO_TLS = pattern(r"WRONG_VERSION_NUMBER|UNKNOWN_PROTOCOL|RECORD_LAYER_FAILURE|HTTP_REQUEST")
"""What OpenSSL says when the other side answers something else than TLS."""

_DISCOVER = call("connection:discover", region="{region_name}")

_ACTION = r"not authorized to perform: (?P<action>{action})(?: on resource: (?P<resource>\S+))?"

AWS_CAUSES: tuple[Cause, ...] = (
    Cause(
        "no-region", Invalid, "No AWS region is set",  # row 1
        "Name the AWS region, set AWS_REGION, or pick a default region with `aws configure`", "region",
        codes("NoRegionError"), fields=("region",),
    ),
    Cause(
        "no-such-region", Invalid, "Not an AWS region: {region}",  # row 5
        "Write a region as us-east-1 or eu-central-1", "region",
        codes("InvalidRegionError UnknownEndpointError EndpointResolutionError UnknownRegionError"),
        fields=("region",),
    ),
    Cause(
        "malformed-endpoint", Invalid, "The endpoint URL is malformed",
        "Write the whole URL, as https://host:port, or leave it out to use AWS's own", "region",
        codes("ValueError InvalidEndpointConfigurationError"), fields=("endpoint_url",),
    ),
    Cause(
        "no-credentials-in-profile", Invalid, "The AWS profile {profile} has no credentials",
        "Run `aws configure` or `aws sso login` for this profile, or name another one", "identity",
        codes("NoCredentialsError"), needs="profile", fields=("aws_profile",),
    ),
    Cause(
        "no-credentials", Invalid, "No AWS credentials were found",  # row 2
        "Sign in with `aws sso login` or `aws configure`, name a profile, or give an access key", "identity",
        codes("NoCredentialsError"), fields=("aws_profile", "access_key_id"),
    ),
    Cause(
        "partial-credentials", Invalid, "The AWS credentials are incomplete",
        "Give both the access key id and the secret access key", "identity", codes("PartialCredentialsError"),
        fields=("access_key_id", "secret_access_key"),
    ),
    Cause(
        "no-such-profile", NotFound, "There is no such AWS profile",  # row 3
        "See `aws configure list-profiles`; the profiles of the user who runs Wharfinger count", "identity",
        codes("ProfileNotFound"), fields=("aws_profile",),
    ),
    Cause(
        "unreadable-profile", Invalid, "The AWS configuration files cannot be read",
        "Correct ~/.aws/config or ~/.aws/credentials", "identity",
        codes("ConfigParseError InvalidConfigError ConfigNotFound InfiniteLoopConfigError UnknownCredentialError"),
    ),
    Cause(
        "sign-in-again", Refused, "The AWS sign-in has ended",  # row 6
        "Sign in again: aws sso login", "identity",
        codes("UnauthorizedSSOTokenError SSOTokenLoadError TokenRetrievalError LoginRefreshRequired "
               "LoginTokenLoadError"),
    ),
    Cause(
        "credentials-not-given", Refused, "The configured source returned no AWS credentials",
        "Try it with: aws sts get-caller-identity", "identity",
        codes("CredentialRetrievalError MetadataRetrievalError RefreshWithMFAUnsupportedError"),
    ),
    Cause(
        "throttled", Unavailable, "AWS throttles the calls",  # row 36
        "Wait a minute and try again; all programs of this AWS account share the quota", "",
        codes(
            "ThrottlingException Throttling ThrottledException RequestLimitExceeded TooManyRequestsException "
            "SlowDown RequestThrottled RequestThrottledException BandwidthLimitExceeded"
        ),
        attempts=PATIENT, throttled=True,
    ),
    Cause(
        "throttled-by-message", Unavailable, "AWS throttles the calls",  # row 36, in a code the SDK does not retry
        "Wait a minute and try again; all programs of this AWS account share the quota", "",
        text=pattern(r"ThrottlingException|Rate exceeded|SlowDown"),
        attempts=PATIENT, throttled=True,
    ),
    Cause(
        "too-many-statements", Unavailable, "The warehouse has reached its limit of active statements",  # row 35
        "Wait until others have ended, then try again", "", codes("ActiveStatementsExceededException"),
        attempts=PATIENT,
    ),
    Cause(
        "too-many-sessions", Unavailable, "The warehouse has reached its limit of sessions",
        "Wait until others have ended, then try again", "", codes("ActiveSessionsExceededException"), attempts=PATIENT,
    ),
    Cause(
        "too-many-waiters", Unavailable, "Too many requests wait for one statement",
        "Try again", "", codes("ActiveWaitingRequestsExceededException"),  # the session polls instead
    ),
    Cause(
        "expired-credentials", Refused, "The AWS credentials have expired",  # row 6
        "Get new ones: aws sso login, or new temporary keys with their session token", "identity",
        codes("ExpiredToken ExpiredTokenException RequestExpired"), attempts=BRIEF, expired=True,
    ),
    Cause(
        "wrong-clock", Refused, "AWS refuses the time of the request",
        "Set this machine's clock; AWS accepts a difference of five minutes", "identity",
        text=pattern(r"Signature expired|Signature not yet current|RequestTimeTooSkewed"),
    ),
    Cause(
        "unknown-keys", Refused, "AWS does not know these credentials",  # row 7
        "Check the access key id. Temporary keys (ASIA…) need their session token too; others (AKIA…) take none, and "
        "AWS_SESSION_TOKEN may be left over", "identity",
        codes("InvalidClientTokenId UnrecognizedClientException InvalidAccessKeyId AuthFailure "
               "MissingAuthenticationToken MissingAuthenticationTokenException InvalidToken "
               "NotAuthorized OptInRequired"),
    ),
    Cause(
        "wrong-secret-key", Refused, "The secret access key does not belong to the access key id",
        "Copy the id and the secret access key again, without spaces around them", "identity",
        codes("SignatureDoesNotMatch InvalidSignatureException IncompleteSignature IncompleteSignatureException"),
    ),
    Cause(
        "assume-role-denied", Refused, "This identity may not assume the role {resource}",
        "Check the role's ARN and the external id. Then allow {action} on the role for this identity, and name this "
        "identity in the role's trust policy", "identity", text=pattern(_ACTION.format(action=r"sts:AssumeRole\w*")),
        fields=("role_arn", "external_id"),
    ),
    Cause(
        "named-user-denied", Refused, "This identity may not sign in as the database user",  # row 9
        "Allow {action} on {resource}, or leave out the database user: sign-in iam needs none", "sign-in",
        text=pattern(_ACTION.format(action=r"redshift:(?:GetClusterCredentials|JoinGroup|CreateClusterUser)(?!WithIAM)")),
    ),
    Cause(
        "iam-user-denied", Refused, "This identity may not sign in to the cluster",  # row 10
        "Allow {action} on {resource}", "sign-in",
        text=pattern(_ACTION.format(action=r"redshift:GetClusterCredentialsWithIAM")),
    ),
    Cause(
        "workgroup-denied", Refused, "This identity may not sign in to the workgroup",  # row 11
        "Allow {action} on {resource}, or tag the workgroup RedshiftDataFullAccess if the identity has AWS's managed "
        "policy AmazonRedshiftDataFullAccess", "sign-in",
        text=pattern(_ACTION.format(action=r"redshift-serverless:GetCredentials")),
    ),
    Cause(
        "secret-denied", Refused, "This identity may not read the secret",  # row 17
        "Allow {action} on {resource} (AWS's managed policy: tag the secret RedshiftDataFullAccess), and kms:Decrypt "
        "if it has its own KMS key", "sign-in",
        text=pattern(_ACTION.format(action=r"(?:secretsmanager:\w+|kms:\w+)")),
    ),
    Cause(
        "list-denied", Refused, "This identity may not look up clusters or workgroups",
        "Allow {action} on {resource}", "target",
        text=pattern(_ACTION.format(action=r"(?:redshift:(?:Describe|List)\w*|redshift-serverless:(?:Get|List)\w*)")),
    ),
    Cause(
        "data-api-denied", Refused, "This identity may not use the Data API",  # row 8
        "Allow {action} on {resource}", "sign-in", text=pattern(_ACTION.format(action=r"redshift-data:\w+")),
    ),
    Cause(
        "action-denied", Refused, "This identity lacks a permission",
        "Allow {action} on {resource}", "", text=pattern(_ACTION.format(action=r"[\w-]+:\w+")),
    ),
    Cause(
        "denied", Refused, "AWS refuses this identity",
        "Compare the identity's policy with the one that the connection needs", "",
        codes("AccessDeniedException AccessDenied UnauthorizedOperation AccessDeniedFault 403"),
        call=call("connection:policy", connection=""),
    ),
    Cause(
        "principal-tag-missing", Refused, "The identity has no tag RedshiftDbUser",  # row 46
        "Tag the principal RedshiftDbUser=<user>, or use an IAM identity", "sign-in",
        text=pattern(r"RedshiftDbUser principal tag is required"),
    ),
    Cause(
        "no-such-target", NotFound, "There is no {target} in {region}",  # row 12
        "Check the name, the region, whether it is a cluster or a workgroup, and that it is not paused", "target",
        text=pattern(r"endpoint doesn't exist in this region"), call=_DISCOVER,
    ),
    Cause(
        "no-target", Invalid, "Neither cluster nor workgroup is named",  # row 13
        "Name exactly one of them", "target",
        text=pattern(r"Either ClusterIdentifier, WorkgroupName or SessionId"), fields=("cluster", "workgroup"),
    ),
    Cause(
        "no-such-cluster", NotFound, "There is no {target} in {region}",  # rows 14 and 15
        "Check its name, its kind and the region, or see which there are", "target",
        codes("ClusterNotFound ClusterNotFoundFault GetWorkgroup:ResourceNotFoundException "
               "GetCredentials:ResourceNotFoundException"), call=_DISCOVER,
    ),
    Cause(
        "no-such-secret", NotFound, "The secret does not exist",  # row 16
        "Give the secret's full ARN, in the region of the connection", "sign-in",
        text=pattern(r"can't find the specified secret"), fields=("secret_arn",),
    ),
    Cause(
        "no-such-object", NotFound, "There is no such object in S3",
        "Compare bucket and key with `aws s3 ls`", "", codes("NoSuchKey NoSuchBucket"),
    ),
    Cause(
        "secret-exists", Conflict, "There is a secret of that name already",
        "Choose another name, or look at that secret first; nothing was overwritten", "",
        codes("ResourceExistsException"),
    ),
    Cause(
        "secret-deleted", Conflict, "The secret is marked for deletion",
        "Restore it before its recovery window ends: aws secretsmanager restore-secret", "sign-in",
        text=pattern(r"marked for deletion|scheduled for deletion"),
    ),
    Cause(
        "secret-not-decrypted", Refused, "This identity may not decrypt the secret",
        "Allow kms:Decrypt on the key that the secret is encrypted with", "sign-in",
        codes("DecryptionFailure EncryptionFailure KMSAccessDeniedException"),
    ),
    Cause(
        "secret-of-another-cluster", Invalid, "The secret does not belong to the target",
        "Its JSON needs username and password; a dbClusterIdentifier in it must name this cluster", "sign-in",
        text=pattern(r"dbClusterIdentifier"),
    ),
    Cause(
        # Redshift says it in other words than the sandbox, which are not known: the words may stand in any order.
        "secret-incomplete", Invalid, "The secret does not hold what signing in needs",
        "Make it a JSON object with username and password", "sign-in", sign_in="secret",  # redshift-facts §1.11.7
        text=pattern(r"(?=.*\bsecret)(?=.*(?:json|username|password))"), fields=("secret_arn",),
    ),
    Cause(
        "session-gone", Unavailable, "The Data API session is gone",  # row 34
        "Try again; a new session is opened", "", text=pattern(r"Session (?:is not available|with Id: .* is invalid)"),
    ),
    Cause(
        "no-result", Failed, "The statement has no result",  # row 38
        "Run a statement that returns rows, such as SELECT or SHOW", "", text=pattern(r"Query does not have result"),
    ),
    Cause(
        "result-too-big", Failed, "The result is too large for the Data API",  # row 37
        "Select fewer rows or columns, or shorten long texts: a row may have 64 KB, a result 500 MB", "",
        text=pattern(r"response exceeded size limit|Packet for query is too large"),
    ),
    Cause(
        "statement-too-long", Invalid, "The statement is too long for the Data API",
        "Make it shorter than 100 KB", "", text=pattern(r"(?:statement|query|sql)\b.*(?:100 ?KB|too long|exceeds)"),
    ),
    Cause(
        "resource-not-found", NotFound, "AWS has no such resource",
        "Results are kept for 24 hours: run the statement again. For a cluster or workgroup, see which there are",
        "target", codes("ResourceNotFoundException ResourceNotFound"), call=_DISCOVER,
    ),
    Cause(
        "bad-role", Invalid, "The role's ARN or its external id does not have the form that AWS needs",
        "Copy both again from the owner of the role", "identity", codes("ParamValidationError"),
        pattern(r"RoleArn|ExternalId"), fields=("role_arn", "external_id"),
    ),
    Cause(
        "bad-argument", Invalid, "AWS does not accept an argument of this call",  # rows 40 and 41
        "Compare the connection's cluster, workgroup, database and user with their spelling in AWS", "target",
        codes("ParamValidationError"),
    ),
    Cause(
        "not-valid", Invalid, "AWS does not accept the request",
        "Correct what AWS's message names: the connection's cluster or workgroup, database, user or secret", "target",
        codes("ValidationException ValidationError InvalidParameterValue InvalidParameterCombination "
               "MalformedQueryString"),
    ),
    Cause(
        "outdated-certificate", Failed, "The certificate of the AWS endpoint is not valid at this time",
        "Set this machine's clock; if it is right, look at the proxy that decrypts TLS in this network", "region",
        codes("SSLError"), OUTDATED,
    ),
    Cause(
        "untrusted-certificate", Failed, "The certificate of the AWS endpoint is not trusted",  # row 22
        "If a proxy decrypts TLS in this network, set AWS_CA_BUNDLE to the file with its CA", "region",
        codes("SSLError"), pattern(r"CERTIFICATE_VERIFY_FAILED|hostname|doesn't match"),
    ),
    Cause(
        "no-tls", Failed, "What answers at the AWS endpoint does not speak TLS",
        "Check the endpoint URL and its port; only this machine itself may be called with http://", "region",
        codes("SSLError"), NO_TLS, fields=("endpoint_url",),
    ),
    Cause(
        "tls-failed", Failed, "TLS with the AWS endpoint failed",
        "Check the endpoint URL if one is set, and the proxy or firewall on the way", "region", codes("SSLError"),
        fields=("endpoint_url",),
    ),
    Cause(
        "proxy-unreachable", Unavailable, "The proxy in this machine's settings does not let the request through",
        "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY", "region", codes("ProxyConnectionError"), attempts=UNREACHABLE,
    ),
    Cause(
        "not-aws", Failed, "What answers at the AWS endpoint is not AWS",
        "Check the endpoint URL, and whether a proxy or a sign-in page of this network answers instead", "region",
        codes("ResponseParserError"), fields=("endpoint_url",),
    ),
    Cause(
        "endpoint-unreachable", Unavailable, "The AWS endpoint cannot be reached",  # row 4
        "Check the region's name, the endpoint URL if one is set, the proxy, and whether this network has a route to "
        "AWS or a VPC endpoint", "region",
        codes("EndpointConnectionError ConnectTimeoutError"), attempts=UNREACHABLE,
    ),
    Cause(
        "connection-dropped", Unavailable, "The connection to AWS was lost", "Try again", "",
        codes("ConnectionClosedError ReadTimeoutError HTTPClientError ConnectionError IncompleteReadError "
               "ResponseStreamingError"),
        attempts=BRIEF,
    ),
    Cause(
        "aws-internal-error", Unavailable, "AWS has an internal error", "Try again in a few minutes", "",
        codes("InternalServerException InternalServerError InternalFailure InternalServiceError ServiceUnavailable "
               "ServiceUnavailableException 500 502 503 504"),
        attempts=BRIEF,
    ),
    Cause(
        "statement-not-started", Unavailable, "Redshift could not start the statement",
        "Try again in a few minutes", "",
        codes("ExecuteStatementException BatchExecuteStatementException DatabaseConnectionException "
               "QueryTimeoutException"),
    ),
    Cause(
        "unknown-to-endpoint", Failed, "The endpoint does not know this request",
        "Check the endpoint URL: it may be that of another service", "region", codes("404 405 501"),
        fields=("endpoint_url",),
    ),
)  # fmt: skip
