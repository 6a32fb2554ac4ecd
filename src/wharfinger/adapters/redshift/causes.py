"""What can go wrong in the engine and on the wire, as data; see `causes`."""

from __future__ import annotations

from wharfinger.adapters.aws.causes import UNREACHABLE, Cause, codes, pattern
from wharfinger.core.errors import Conflict, Failed, NotFound, Refused, Unavailable

ENGINE_CAUSES: tuple[Cause, ...] = (
    Cause(
        "password-refused", Refused, "The database does not let this user in",  # row 18
        "The password is wrong or expired, or the user does not exist or has PASSWORD DISABLE: check the user in "
        "pg_user and give the connection the right password", "sign-in",
        text=pattern(r"password authentication failed for user"),
    ),
    Cause(
        "no-such-database", NotFound, "There is no database {name}",  # row 19
        "Give the connection a database that exists (names match by case); dev is the usual first one", "database",
        text=pattern(r'database "(?P<name>(?:[^"]|"")*)" does not exist'),
    ),
    Cause(
        "tls-needed", Refused, "The database refuses a connection without TLS",  # row 20
        "Turn TLS on; temporary passwords work over TLS only", "sign-in", text=pattern(r"no pg_hba\.conf entry"),
    ),
    Cause(
        "connection-limit", Unavailable, "The warehouse takes no more connections",  # row 42
        "Close sessions that nobody needs, then try again", "sign-in",
        text=pattern(r"connection limit .* exceeded|too many connections"),
    ),
    Cause(
        "starting", Unavailable, "The warehouse is starting or stopping", "Try again in a minute", "target",
        text=pattern(r"database system is (?:starting up|shutting down)|terminating connection due to administrator"),
    ),
    Cause(
        "login-refused", Refused, "The database does not let this user in",
        "Compare user, database and password with the warehouse", "sign-in", codes("28000 28P01"),
    ),
    Cause(
        "schema-denied", Refused, "No right to use the schema {name}",  # row 27
        "As owner or superuser: GRANT USAGE ON SCHEMA {name} TO {grantee}", "catalog",
        text=pattern(r"permission denied for schema (?P<name>.+)"),
    ),
    Cause(
        "table-info-denied", Refused, "No right to read svv_table_info",
        "As superuser: GRANT SELECT ON svv_table_info TO {grantee}", "table-info",
        text=pattern(r"permission denied for (?:relation|table|view) (?P<name>svv_table_info)\b"),
    ),
    Cause(
        "relation-denied", Refused, "No right to read {name}",  # row 28
        "As its owner or superuser: GRANT SELECT ON {relation} TO {grantee}. For a late-binding view the view's owner "
        "needs it on the tables underneath", "",
        text=pattern(r"permission denied for (?:relation|table|view|materialized view) (?P<name>.+)"),
    ),
    Cause(
        "database-denied", Refused, "No right to use the database {name}",  # row 29
        "As owner or superuser: GRANT USAGE ON DATABASE {name} TO {grantee}", "database",
        text=pattern(r"permission denied (?:for|to query) database (?P<name>.+)"),
    ),
    Cause(
        "right-missing", Refused, "A right is missing in the database",
        "Ask the owner or a superuser to grant it to {grantee}", "",
        text=pattern(r"permission denied|must be (?:owner|superuser|a superuser|member)|not authorized"),
    ),
    Cause(
        "replaced-meanwhile", Unavailable, "The table was replaced while it was read",
        "Try again", "", text=pattern(r"could not open relation with OID|conflict with concurrent transaction"),
    ),
    Cause(
        "serialization", Unavailable, "Another transaction was in the way", "Try again", "",
        text=pattern(r"Serializable isolation violation|deadlock detected"),
    ),
    Cause(
        "no-such-relation", NotFound, "There is no table or view {name}",  # row 30
        "Look whether it was dropped or renamed: refresh the catalog", "",
        text=pattern(r'relation "?(?P<name>[^\n]+?)"? does not exist'),
    ),
    Cause(
        "no-such-schema", NotFound, "There is no schema {name}",
        "Look whether it was dropped or renamed: refresh the catalog", "",
        text=pattern(r'schema "?(?P<name>[^\n]+?)"? does not exist'),
    ),
    Cause(
        "already-there", Conflict, "It exists already",  # row 31
        "Compare what is there with what was wanted", "",
        text=pattern(r'^(?:user|group|role|schema|relation|database) "?[^\n]+"? already exists'),
    ),
    Cause(
        "user-not-empty", Conflict, "The user cannot be dropped yet",  # row 32
        "Give its objects to a new owner and revoke its rights in every database first", "",
        text=pattern(r"can't be dropped because the user|cannot be dropped because some objects depend"),
    ),
    Cause(
        "transaction-aborted", Failed, "The transaction had failed before",  # row 33
        "Roll back, then start again", "", text=pattern(r"current transaction is aborted"),
    ),
    Cause(
        "leader-only", Failed, "A function of the leader node meets a user table",  # row 39
        "Split the query: read the catalog by itself", "",
        text=pattern(r"Specified types or functions .* not supported on Redshift tables"),
    ),
    Cause(
        "cross-database", Failed, "The statement reaches into another database",  # row 44
        "Connect to that database instead", "database",
        text=pattern(r"cross-database reference|Cross-db references allowed only"),
    ),
    Cause(
        "row-too-big", Failed, "The result is too big for the Data API",  # row 37
        "Ask for fewer rows or columns, or cut long texts: a row may hold 64 KB, a result 500 MB", "",
        text=pattern(r"response exceeded size limit|Packet for query is too large|result size exceeds"),
    ),
    Cause(
        "ended-by-warehouse", Failed, "The warehouse ended the statement",
        "A statement timeout, a queue rule or an administrator did; see stl_query or sys_query_history", "",
        codes("57014"), pattern(r""),
    ),
    Cause(
        "ended-by-warehouse", Failed, "The warehouse ended the statement",
        "A statement timeout, a queue rule or an administrator did; see stl_query or sys_query_history", "",
        text=pattern(r"on user's request|statement was cancelled|canceling statement|Query \(\d+\) cancelled"),
    ),
    Cause("engine", Failed, "Redshift ended the statement with an error", "", ""),
)  # fmt: skip

WIRE_CAUSES: tuple[Cause, ...] = (
    Cause(
        "tls-refused", Failed, "The server at {host} speaks no TLS",  # row 21
        "Check host and port: a proxy or another server may stand there", "target", text=pattern(r"refuses SSL"),
    ),
    Cause(
        "wrong-host-name", Failed, "The certificate at {host} is for another host",
        "Give the host as the cluster's endpoint names it", "target", text=pattern(r"hostname mismatch|doesn't match"),
    ),
    Cause(
        "untrusted-server", Failed, "The certificate at {host} is not trusted",  # row 22
        "Set SSL_CERT_FILE to the CA that signed it, or remove what opens TLS on the way", "target",
        text=pattern(r"CERTIFICATE_VERIFY_FAILED"),
    ),
    Cause(
        "no-answer", Unavailable, "{host} does not answer",  # row 23
        "Open its port for this address (security group, publicly accessible, VPN), or use the Data API: sign-in iam "
        "or secret", "target", text=pattern(r"timed? out|time out|unreachable|No route to host"), attempts=2,
    ),
    Cause(
        "nobody-listens", Unavailable, "Nothing listens at {host}",  # row 24
        "Check host and port (5439 is usual), and whether the warehouse is paused", "target",
        text=pattern(r"Connection refused"), attempts=2,
    ),
    Cause(
        "no-such-host", NotFound, "The host {host} is not known",  # row 25
        "Check its spelling; a private name needs the VPN", "target",
        text=pattern(r"Name or service not known|nodename nor servname|getaddrinfo|No address associated"),
    ),
    Cause(
        "name-not-resolved", Unavailable, "The name of {host} cannot be looked up now",
        "Check this machine's DNS", "target", text=pattern(r"name resolution"), attempts=2,
    ),
    Cause(
        "hung-up", Unavailable, "The connection to {host} broke off",  # row 26
        "Try again; if it happens each time, look at the firewall and the network's MTU", "target",
        text=pattern(r""), attempts=UNREACHABLE,
    ),
)  # fmt: skip
