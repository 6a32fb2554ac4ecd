"""What can go wrong with AWS, as data: how to know it, what to call it, what to do about it.

Rows of redshift-facts §7 are named by number. The first row that fits counts, so the more special stand first.
`aws_errors` applies the table; `engine_causes` holds what the engine and the wire say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from wharfinger.core.errors import Conflict, Failed, Invalid, NotFound, Refused, Unavailable, WharfingerError

PATIENT = 10
"""Attempts for what passes by itself when one waits: throttling, too many active statements."""

BRIEF = 5
"""Attempts for a slip of the service or the line, and for credentials that may have been renewed beside us."""

UNREACHABLE = 3
"""Attempts for an address that nobody answers at; a wrong address should be told soon."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One row: `codes` are AWS error codes, exception class names or SQLSTATEs; `text` is searched in the message.

    Both given, both must fit. `what` and `next_step` may use the named groups of `text` and the words of
    `aws_errors.Place`. `check` is the check of a connection test that this fails; `attempts` says how often the call is
    made before giving up (1: never again).
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


def codes(names: str) -> frozenset[str]:
    """A set from names with blanks between."""
    return frozenset(names.split())


def pattern(text: str) -> re.Pattern[str]:
    """A pattern that looks anywhere in a message, without regard to case."""
    return re.compile(text, re.IGNORECASE | re.DOTALL)


_ACTION = r"not authorized to perform: (?P<action>{action})(?: on resource: (?P<resource>\S+))?"

AWS_CAUSES: tuple[Cause, ...] = (
    Cause(
        "no-region", Invalid, "No AWS region is set",  # row 1
        "Give the connection a region, or set AWS_REGION", "region", codes("NoRegionError"),
    ),
    Cause(
        "no-such-region", Invalid, "Not an AWS region: {region}",  # row 5
        "Write a region as us-east-1 or eu-central-1", "region",
        codes("InvalidRegionError UnknownEndpointError EndpointResolutionError UnknownRegionError"),
    ),
    Cause(
        "malformed-endpoint", Invalid, "The endpoint URL is malformed",
        "Write it whole, as https://host:port, or leave it out to use AWS's own", "region",
        codes("ValueError InvalidEndpointConfigurationError"),
    ),
    Cause(
        "no-credentials", Invalid, "No AWS credentials were found",  # row 2
        "Give an access key, name a profile, or sign in with `aws sso login` or `aws configure`", "identity",
        codes("NoCredentialsError"),
    ),
    Cause(
        "partial-credentials", Invalid, "The AWS credentials are incomplete",
        "Give both the access key id and the secret access key", "identity", codes("PartialCredentialsError"),
    ),
    Cause(
        "no-such-profile", NotFound, "There is no such AWS profile",  # row 3
        "See `aws configure list-profiles`; the files are those of the user who runs this", "identity",
        codes("ProfileNotFound"),
    ),
    Cause(
        "unreadable-profile", Invalid, "The AWS configuration files cannot be read",
        "Mend ~/.aws/config or ~/.aws/credentials", "identity",
        codes("ConfigParseError InvalidConfigError ConfigNotFound InfiniteLoopConfigError UnknownCredentialError"),
    ),
    Cause(
        "sign-in-again", Refused, "The AWS sign-in has ended",  # row 6
        "Sign in again: aws sso login", "identity",
        codes("UnauthorizedSSOTokenError SSOTokenLoadError TokenRetrievalError LoginRefreshRequired "
               "LoginTokenLoadError"),
    ),
    Cause(
        "credentials-not-given", Refused, "The source of AWS credentials did not give any",
        "Try it alone: aws sts get-caller-identity", "identity",
        codes("CredentialRetrievalError MetadataRetrievalError RefreshWithMFAUnsupportedError"),
    ),
    Cause(
        "throttled", Unavailable, "AWS throttles the calls",  # row 36
        "Wait a little and try again; other programs of this account share the quota", "",
        codes(
            "ThrottlingException Throttling ThrottledException RequestLimitExceeded TooManyRequestsException "
            "SlowDown RequestThrottled RequestThrottledException BandwidthLimitExceeded"
        ),
        attempts=PATIENT, throttled=True,
    ),
    Cause(
        "throttled-in-disguise", Unavailable, "AWS throttles the calls",  # row 36, in a code the SDK does not retry
        "Wait a little and try again; other programs of this account share the quota", "",
        text=pattern(r"ThrottlingException|Rate exceeded|SlowDown"),
        attempts=PATIENT, throttled=True,
    ),
    Cause(
        "too-many-statements", Unavailable, "The warehouse has as many active statements as it takes",  # row 35
        "Wait until others have ended, then try again", "", codes("ActiveStatementsExceededException"),
        attempts=PATIENT,
    ),
    Cause(
        "too-many-sessions", Unavailable, "The warehouse has as many sessions as it takes",
        "Wait until others have ended, then try again", "", codes("ActiveSessionsExceededException"), attempts=PATIENT,
    ),
    Cause(
        "too-many-waiters", Unavailable, "Too many requests wait for one statement",
        "Try again", "", codes("ActiveWaitingRequestsExceededException"),  # the session goes on without waiting
    ),
    Cause(
        "expired-credentials", Refused, "The AWS credentials have expired",  # row 6
        "Get new ones: aws sso login, or new temporary keys with their session token", "identity",
        codes("ExpiredToken ExpiredTokenException RequestExpired"), attempts=BRIEF, expired=True,
    ),
    Cause(
        "wrong-clock", Refused, "AWS refuses the request's time",
        "Set this machine's clock; AWS allows five minutes", "identity",
        text=pattern(r"Signature expired|Signature not yet current|RequestTimeTooSkewed"),
    ),
    Cause(
        "unknown-keys", Refused, "AWS does not know these credentials",  # row 7
        "Check the access key id; temporary keys need their session token too", "identity",
        codes("InvalidClientTokenId UnrecognizedClientException InvalidAccessKeyId AuthFailure "
               "MissingAuthenticationToken MissingAuthenticationTokenException InvalidToken "
               "NotAuthorized OptInRequired"),
    ),
    Cause(
        "wrong-secret-key", Refused, "The secret access key does not fit the access key id",
        "Copy both halves of the key again, without spaces around", "identity",
        codes("SignatureDoesNotMatch InvalidSignatureException IncompleteSignature IncompleteSignatureException"),
    ),
    Cause(
        "assume-role-denied", Refused, "The role may not be assumed",
        "Allow {action} on the role for this identity, name this identity in the role's trust policy, and give the "
        "external id if the policy asks for one", "identity", text=pattern(_ACTION.format(action=r"sts:AssumeRole\w*")),
    ),
    Cause(
        "named-user-denied", Refused, "This identity may not sign in as the database user",  # row 9
        "Allow {action} on {resource}, or use sign-in iam, which needs no named user", "sign-in",
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
        "policy of that name", "sign-in", text=pattern(_ACTION.format(action=r"redshift-serverless:GetCredentials")),
    ),
    Cause(
        "secret-denied", Refused, "This identity may not read the secret",  # row 17
        "Allow {action} on {resource} (AWS's managed policy: tag the secret RedshiftDataFullAccess), and kms:Decrypt "
        "if it has a key of its own", "sign-in",
        text=pattern(_ACTION.format(action=r"(?:secretsmanager:\w+|kms:\w+)")),
    ),
    Cause(
        "list-denied", Refused, "This identity may not look at clusters or workgroups",
        "Allow {action} on {resource}, or go on without: name the cluster or workgroup yourself", "target",
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
        "Compare its policy with `wharfinger connection policy`", "",
        codes("AccessDeniedException AccessDenied UnauthorizedOperation AccessDeniedFault 403"),
    ),
    Cause(
        "principal-tag-missing", Refused, "The identity has no tag RedshiftDbUser",  # row 46
        "Tag the principal RedshiftDbUser=<user>, or use an IAM identity", "sign-in",
        text=pattern(r"RedshiftDbUser principal tag is required"),
    ),
    Cause(
        "no-such-target", NotFound, "There is no {target} in {region}",  # row 12
        "Look with `wharfinger connection discover --region {region}`: the name, the region, cluster or workgroup, and "
        "whether it is paused", "target", text=pattern(r"endpoint doesn't exist in this region"),
    ),
    Cause(
        "no-target", Invalid, "Neither cluster nor workgroup is named",  # row 13
        "Give the connection exactly one of them", "target",
        text=pattern(r"Either ClusterIdentifier, WorkgroupName or SessionId"),
    ),
    Cause(
        "no-such-cluster", NotFound, "There is no {target} in {region}",  # row 14
        "Look with `wharfinger connection discover --region {region}`", "target",
        codes("ClusterNotFound ClusterNotFoundFault"),
    ),
    Cause(
        "no-such-secret", NotFound, "The secret does not exist",  # row 16
        "Give the secret's full ARN, in the region of the connection", "sign-in",
        text=pattern(r"can't find the specified secret"),
    ),
    Cause(
        "no-such-object", NotFound, "There is no such object in S3",
        "Compare bucket and key with `aws s3 ls`", "", codes("NoSuchKey NoSuchBucket"),
    ),
    Cause(
        "secret-there", Conflict, "There is a secret of that name already",
        "Choose another name, or see what it is; nothing was overwritten", "", codes("ResourceExistsException"),
    ),
    Cause(
        "secret-deleted", Conflict, "The secret is marked for deletion",
        "aws secretsmanager restore-secret brings it back while its waiting time lasts", "sign-in",
        text=pattern(r"marked for deletion|scheduled for deletion"),
    ),
    Cause(
        "secret-sealed", Refused, "The secret's own key does not open it for this identity",
        "Allow kms:Decrypt on the key that the secret is encrypted with", "sign-in",
        codes("DecryptionFailure EncryptionFailure KMSAccessDeniedException"),
    ),
    Cause(
        "secret-of-another-cluster", Invalid, "The secret does not fit the target",
        "Its JSON needs username and password, and dbClusterIdentifier, if there, must name this cluster", "sign-in",
        text=pattern(r"dbClusterIdentifier"),
    ),
    Cause(
        "session-gone", Unavailable, "The Data API session is gone",  # row 34
        "Try again: a new one is opened", "", text=pattern(r"Session (?:is not available|with Id: .* is invalid)"),
    ),
    Cause(
        "no-result", Failed, "The statement has no result",  # row 38
        "", "", text=pattern(r"Query does not have result"),
    ),
    Cause(
        "result-too-big", Failed, "The result is too big for the Data API",  # row 37
        "Ask for fewer rows or columns, or cut long texts: a row may hold 64 KB, a result 500 MB", "",
        text=pattern(r"response exceeded size limit|Packet for query is too large"),
    ),
    Cause(
        "statement-too-long", Invalid, "The statement is longer than the Data API takes",
        "Make it shorter than 100 KB", "", text=pattern(r"(?:statement|query|sql)\b.*(?:100 ?KB|too long|exceeds)"),
    ),
    Cause(
        "gone", NotFound, "It is not there (any more)",  # row 15
        "Look with `wharfinger connection discover --region {region}`; a result is kept for 24 hours", "target",
        codes("ResourceNotFoundException ResourceNotFound"),
    ),
    Cause(
        "bad-argument", Invalid, "AWS does not take an argument of this call",  # rows 40 and 41
        "Compare the connection's cluster, workgroup, database and user with their spelling in AWS", "target",
        codes("ParamValidationError"),
    ),
    Cause(
        "not-valid", Invalid, "AWS finds the request not valid", "", "target",
        codes("ValidationException ValidationError InvalidParameterValue InvalidParameterCombination "
               "MalformedQueryString"),
    ),
    Cause(
        "untrusted-certificate", Failed, "The certificate of the AWS endpoint is not trusted",  # row 22
        "If a proxy opens TLS here, give its CA in AWS_CA_BUNDLE", "region", codes("SSLError"),
    ),
    Cause(
        "endpoint-unreachable", Unavailable, "The AWS endpoint cannot be reached",  # row 4
        "Check the region's name, the proxy, and whether this network lets one out or has a VPC endpoint", "region",
        codes("EndpointConnectionError ConnectTimeoutError ProxyConnectionError"), attempts=UNREACHABLE,
    ),
    Cause(
        "connection-dropped", Unavailable, "The connection to AWS broke off", "Try again", "",
        codes("ConnectionClosedError ReadTimeoutError HTTPClientError ConnectionError IncompleteReadError "
               "ResponseStreamingError"),
        attempts=BRIEF,
    ),
    Cause(
        "aws-trouble", Unavailable, "AWS has trouble of its own", "Try again in a while", "",
        codes("InternalServerException InternalServerError InternalFailure InternalServiceError ServiceUnavailable "
               "ServiceUnavailableException 500 502 503 504"),
        attempts=BRIEF,
    ),
    Cause(
        "statement-not-started", Unavailable, "Redshift could not start the statement", "Try again in a while", "",
        codes("ExecuteStatementException BatchExecuteStatementException DatabaseConnectionException "
               "QueryTimeoutException"),
    ),
)  # fmt: skip
