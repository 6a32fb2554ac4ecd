"""The input and the result of a translation, and the refusals."""

from __future__ import annotations

from dataclasses import dataclass, replace

FEATURE_NOT_SUPPORTED = "0A000"

_CHANGES_LOGINS = {f"{verb} {what}" for verb in ("ALTER", "DROP") for what in ("DATABASE", "USER", "ROLE")}


class Refused(Exception):
    """A statement that is not passed to the engine.

    The client gets `sqlstate` and `message` (without `ERROR: `): Redshift's own message where it is known
    (redshift-facts §7), otherwise one that names the unsupported feature.
    """

    def __init__(self, sqlstate: str, message: str) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate
        self.message = message


def unsupported(feature: str) -> Refused:
    """The refusal of a `feature` of Redshift that the sandbox does not support, named in Redshift's words."""
    return Refused(FEATURE_NOT_SUPPORTED, f"{feature} is not supported by the sandbox")


def leader_only() -> Refused:
    """Redshift's refusal of leader-node functions and types on tables (redshift-facts §7.39)."""
    return Refused("0A000", "Specified types or functions (one per INFO message) not supported on Redshift tables")


@dataclass(frozen=True, slots=True)
class Context:
    """The session in which a statement runs.

    `database` is the connected database, `user` the Redshift user, `superuser` whether that is a superuser.
    `case_sensitive` is the session's `enable_case_sensitive_identifier`; `in_transaction` is True after a BEGIN.
    """

    database: str
    user: str = ""
    superuser: bool = False
    case_sensitive: bool = False
    in_transaction: bool = False

    def after(self, translation: Translation) -> Context:
        """The context for the next statement of the session, after `translation` has succeeded."""
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

    `sql`: one PostgreSQL statement. `tag`: the command tag for the client, None for the engine's own.
    `kind`: select | dml | ddl | dcl | set | show | begin | commit | rollback | utility | call.
    `target`: the quoted name of the table that the statement writes, for `sys_query_detail`; None for none.
    `steps`: the step names for `sys_query_detail` (`insert`, `delete`).
    `reads_history`: whether it reads a system view of queries, so that earlier queries must be written first.
    `case_sensitive`: the value it sets for `enable_case_sensitive_identifier`, None if it does not set it.
    `redacted`: the client's statement without its passwords, None if it contains none.
    `query`: the query in a CREATE … AS, at the end of `sql` or in a literal of it; None when `sql` is the query.
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
        """Whether idle connections must be closed before and after it: DROP DATABASE waits for them, and a user's
        settings are read at login only."""
        return self.tag in _CHANGES_LOGINS
