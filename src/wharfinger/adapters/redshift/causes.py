"""The errors of the engine and of the wire protocol as tables; see `aws.causes` for their form."""

from __future__ import annotations

from wharfinger.adapters.aws.causes import NO_TLS, OUTDATED, UNREACHABLE, Cause, codes, pattern
from wharfinger.core.errors import Conflict, Failed, NotFound, Refused, Unavailable
from wharfinger.core.verbs import call

_REFRESH = call("tables:refresh", connection="")
_TIMED_OUT = "A statement timeout, a queue rule or an administrator cancelled it: see stl_query or sys_query_history"

_PASSWORD = pattern(r'password authentication failed for user(?: "(?P<name>(?:[^"]|"")*)")?')

ENGINE_CAUSES: tuple[Cause, ...] = (
    Cause(
        # AWS gives a password for any name and makes no user; the login is what fails (redshift-facts §2.7).
        "no-such-db-user", Refused, "The database refuses the user {grantee}, which probably does not exist",  # row 18
        "Name a user as pg_user has it, mostly in lower case, or let a superuser make it: "
        "CREATE USER {grantee} PASSWORD DISABLE",
        "sign-in", text=_PASSWORD, sign_in="db-user", fields=("db_user",),
    ),
    Cause(
        "secret-refused", Refused, "The database refuses the user and the password in the secret",  # row 18
        "Compare username and password in the secret with the database: the password may be old, or the user may not "
        "exist", "sign-in", text=_PASSWORD, sign_in="secret", fields=("secret_arn",),
    ),
    Cause(
        "iam-user-refused", Refused, "The database refuses the user of this IAM identity",  # row 18
        "Let a superuser look for the user in pg_user, and make it if it is not there: "
        "CREATE USER {name} PASSWORD DISABLE", "sign-in", text=_PASSWORD, sign_in="iam",
    ),
    Cause(
        "password-refused", Refused, "The database refuses this user",  # row 18
        "Check the user in pg_user and its password: it may be wrong or expired, or the user does not exist or has "
        "PASSWORD DISABLE", "sign-in",
        text=_PASSWORD, fields=("user", "password"),
    ),
    Cause(
        "no-such-database", NotFound, "There is no database {name}",  # row 19
        "Name a database that exists, in the same case; a new warehouse has the database dev", "database",
        text=pattern(r'database "(?P<name>(?:[^"]|"")*)" does not exist'), fields=("database",),
    ),
    Cause(
        "tls-needed", Refused, "The database refuses a connection without TLS",  # row 20
        "Connect with TLS; temporary passwords work over TLS only", "sign-in", text=pattern(r"no pg_hba\.conf entry"),
    ),
    Cause(
        "connection-limit", Unavailable, "The warehouse has reached its limit of connections",  # row 42
        "Close sessions that are not needed, then try again", "sign-in",
        text=pattern(r"connection limit .* exceeded|too many connections"),
    ),
    Cause(
        "starting", Unavailable, "The warehouse is starting or stopping", "Try again in a minute", "target",
        text=pattern(r"database system is (?:starting up|shutting down)|terminating connection due to administrator"),
    ),
    Cause(
        "login-refused", Refused, "The database refuses this user",
        "Compare user, database and password with the warehouse", "sign-in", codes("28000 28P01"),
    ),
    Cause(
        "schema-denied", Refused, "No right to use the schema {name}",  # row 27
        "As owner or superuser: {grant}", "catalog",
        text=pattern(r"permission denied for schema (?P<name>.+)"), lacks=("USAGE", "SCHEMA", "{name}"),
    ),
    Cause(
        "table-info-denied", Refused, "No right to read svv_table_info",
        "As superuser: {grant}", "table-info",
        text=pattern(r"permission denied for (?:relation|table|view) (?P<name>svv_table_info)\b"),
        lacks=("SELECT", "", "svv_table_info"),
    ),
    Cause(
        "relation-denied", Refused, "No right to read {name}",  # row 28
        "For a late-binding view, its owner needs the right on the tables it reads. As owner or superuser: {grant}", "",
        text=pattern(r"permission denied for (?:relation|table|view|materialized view) (?P<name>.+)"),
        lacks=("SELECT", "", "{relation}"),
    ),
    Cause(
        "database-denied", Refused, "No right to use the database {name}",  # row 29
        "As owner or superuser: {grant}", "database",
        text=pattern(r"permission denied (?:for|to query) database (?P<name>.+)"),
        lacks=("USAGE", "DATABASE", "{name}"),
    ),
    Cause(
        "right-missing", Refused, "A right in the database is missing",
        "Ask the owner or a superuser to grant it to {grantee}", "",
        text=pattern(r"permission denied|must be (?:owner|superuser|a superuser|member)|not authorized"),
    ),
    Cause(
        "table-replaced", Unavailable, "The table was replaced while it was being read",
        "Try again", "", text=pattern(r"could not open relation with OID|conflict with concurrent transaction"),
    ),
    Cause(
        "serialization", Unavailable, "Another transaction changed the same data", "Try again", "",
        text=pattern(r"Serializable isolation violation|deadlock detected"),
    ),
    Cause(
        "no-such-relation", NotFound, "There is no table or view {name}",  # row 30
        "Check whether it was dropped or renamed, and read the tables again", "",
        text=pattern(r'relation "?(?P<name>[^\n]+?)"? does not exist'), call=_REFRESH,
    ),
    Cause(
        "no-such-schema", NotFound, "There is no schema {name}",
        "Check whether it was dropped or renamed, and read the tables again", "",
        text=pattern(r'schema "?(?P<name>[^\n]+?)"? does not exist'), call=_REFRESH,
    ),
    Cause(
        "already-exists", Conflict, "It exists already",  # row 31
        "Compare what exists with what you wanted to create", "",
        text=pattern(r'^(?:user|group|role|schema|relation|database) "?[^\n]+"? already exists'),
    ),
    Cause(
        "user-not-empty", Conflict, "The user cannot be dropped yet",  # row 32
        "Give its objects to a new owner and revoke its rights in every database first", "",
        text=pattern(r"can't be dropped because the user|cannot be dropped because some objects depend"),
    ),
    Cause(
        "transaction-aborted", Failed, "The transaction has failed before this statement",  # row 33
        "Roll back, then start again", "", text=pattern(r"current transaction is aborted"),
    ),
    Cause(
        "leader-only", Failed, "A leader-node function cannot be used with a user table",  # row 39
        "Split the query: read the system catalog in a separate query", "",
        text=pattern(r"Specified types or functions .* not supported on Redshift tables"),
    ),
    Cause(
        "cross-database", Failed, "The statement refers to another database",  # row 44
        "Connect to that database instead", "database",
        text=pattern(r"cross-database reference|Cross-db references allowed only"),
    ),
    Cause(
        "row-too-big", Failed, "The result is too large for the Data API",  # row 37
        "Select fewer rows or columns, or shorten long texts: a row may have 64 KB, a result 500 MB", "",
        text=pattern(r"response exceeded size limit|Packet for query is too large|result size exceeds"),
    ),
    Cause(
        "cancelled-by-warehouse", Failed, "The warehouse cancelled the statement", _TIMED_OUT, "",
        codes("57014"), pattern(r""),
    ),
    Cause(
        "cancelled-by-warehouse", Failed, "The warehouse cancelled the statement", _TIMED_OUT, "",
        text=pattern(r"on user's request|statement was cancelled|canceling statement|Query \(\d+\) cancelled"),
    ),
    Cause(
        "engine", Failed, "Redshift reports an error",
        "Correct what Redshift's message names; values are left out of it here, another SQL client shows all of it", "",
    ),
)  # fmt: skip

WIRE_CAUSES: tuple[Cause, ...] = (
    Cause(
        "tls-refused", Failed, "The server at {host} does not support TLS",  # row 21
        "Check host and port: another server or a proxy may listen there", "target", fields=("host", "port"),
        text=pattern(rf"refuses SSL|{NO_TLS.pattern}"),
    ),
    Cause(
        "wrong-host-name", Failed, "The certificate at {host} is for another host",
        "Give the host as the cluster's endpoint names it", "target", text=pattern(r"hostname mismatch|doesn't match"),
        fields=("host",),
    ),
    Cause(
        "outdated-server", Failed, "The certificate at {host} is not valid at this time",
        "Set this machine's clock, or look at the proxy that decrypts TLS on the way", "target", text=OUTDATED,
    ),
    Cause(
        "untrusted-server", Failed, "The certificate at {host} is not trusted",  # row 22
        "Set SSL_CERT_FILE to the CA that signed it, or remove the proxy that decrypts TLS on the way", "target",
        text=pattern(r"CERTIFICATE_VERIFY_FAILED"),
    ),
    Cause(
        "no-answer", Unavailable, "{host} does not answer",  # row 23
        "Open its port for this address (security group, publicly accessible, VPN), or use the Data API: sign-in iam "
        "or secret", "target", text=pattern(r"timed? out|time out|unreachable|No route to host"), attempts=2,
    ),
    Cause(
        "connection-refused", Unavailable, "Nothing listens at {host}",  # row 24
        "Check host and port (5439 is usual), and whether the warehouse is paused", "target",
        text=pattern(r"Connection refused"), attempts=2, fields=("host", "port"),
    ),
    Cause(
        "no-such-host", NotFound, "The host {host} is not known",  # row 25
        "Check its spelling; a private name needs the VPN", "target", fields=("host",),
        text=pattern(r"Name or service not known|nodename nor servname|getaddrinfo|No address associated"),
    ),
    Cause(
        "name-not-resolved", Unavailable, "The host name of {host} cannot be resolved now",
        "Check this machine's DNS", "target", text=pattern(r"name resolution"), attempts=2,
    ),
    Cause(
        "connection-lost", Unavailable, "The connection to {host} was lost",  # row 26
        "Try again; if it happens each time, look at the firewall and the network's MTU", "target",
        text=pattern(r""), attempts=UNREACHABLE,
    ),
)  # fmt: skip
