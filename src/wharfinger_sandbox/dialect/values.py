"""What goes into a translation and what comes out. Text in, text out: nothing here touches the engine."""

from __future__ import annotations

from dataclasses import dataclass, replace

FEATURE_NOT_SUPPORTED = "0A000"

_CHANGES_LOGINS = {f"{verb} {what}" for verb in ("ALTER", "DROP") for what in ("DATABASE", "USER", "ROLE")}


class Refused(Exception):
    """A statement that must not reach the engine.

    `sqlstate` and `message` (without `ERROR: `) are what the client gets: Redshift's own words where the facts give
    them, else a sentence that names the feature and says that the sandbox does not have it.
    """

    def __init__(self, sqlstate: str, message: str) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate
        self.message = message


def unsupported(feature: str) -> Refused:
    """The refusal of something Redshift has and the sandbox has not; `feature` is named as Redshift names it."""
    return Refused(FEATURE_NOT_SUPPORTED, f"{feature} is not supported by the sandbox")


def leader_only() -> Refused:
    """Redshift's words for what the leader node alone can do, next to a table (redshift-facts §7 number 39)."""
    return Refused("0A000", "Specified types or functions (one per INFO message) not supported on Redshift tables")


@dataclass(frozen=True, slots=True)
class Context:
    """Where a statement runs.

    `database`: logged in to; `user`: the session's Redshift user; `superuser`: by Redshift's rules; `case_sensitive`:
    the session's `enable_case_sensitive_identifier`; `in_transaction`: whether a BEGIN is open.
    """

    database: str
    user: str = ""
    superuser: bool = False
    case_sensitive: bool = False
    in_transaction: bool = False

    def after(self, translation: Translation) -> Context:
        """The context of the next statement of the same session, once `translation` has succeeded."""
        return replace(
            self,
            case_sensitive=self.case_sensitive if translation.case_sensitive is None else translation.case_sensitive,
            in_transaction={"begin": True, "commit": False, "rollback": False}.get(
                translation.kind, self.in_transaction
            ),
        )


@dataclass(frozen=True, slots=True)
class Translation:
    """One statement for the engine.

    `sql`: PostgreSQL text, one statement. `tag`: the command tag to report instead of the engine's (None: that one).
    `kind`: select | dml | ddl | dcl | set | show | begin | commit | rollback | utility | call.
    `target`: for a statement that writes rows, the written table as quoted SQL text (for `sys_query_detail`).
    `steps`: its step names (`insert`, `delete`).
    `reads_history`: it reads `sys_query_history` or its like, so what ran must be written there first.
    `case_sensitive`: the value it gives to `enable_case_sensitive_identifier`, None when it leaves it alone.
    `redacted`: the statement for logs and histories when it holds a password, None when it may be shown as it is.
    `query`: the query that a CREATE … AS holds, at the end of `sql` or in a literal there; None when `sql` is it.
    """

    sql: str
    tag: str | None = None
    kind: str = "select"
    target: str | None = None
    steps: tuple[str, ...] = ()
    reads_history: bool = False
    case_sensitive: bool | None = None
    redacted: str | None = None
    query: str | None = None

    @property
    def changes_logins(self) -> bool:
        """Whether the sandbox's idle connections must close around it: DROP DATABASE waits for them, and a login reads
        its user's settings once."""
        return self.tag in _CHANGES_LOGINS
