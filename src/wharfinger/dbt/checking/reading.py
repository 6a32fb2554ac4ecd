"""Tries in a session whether the sources of a dbt project can be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wharfinger.core.checks import CheckStatus
from wharfinger.core.counts import counted
from wharfinger.core.names import display_part, quote_ident
from wharfinger.dbt.checking import trial_sql as sql
from wharfinger.dbt.checking.model import MOST_NAMES, TargetCheck, target_check
from wharfinger.dbt.checking.ports import Refusal, SignedIn
from wharfinger.dbt.checking.target import Target
from wharfinger.dbt.manifests.build import Build, Source

_WHOLE_SCHEMA = 3
"""From so many tables of one schema on, one GRANT for all its tables is advised."""

ELSEWHERE = "tables that the SQL names without source() are not checked"


@dataclass
class SourcesCheck:
    """The check of the sources in `build`; None without a manifest, and then `why_not` says why."""

    session: SignedIn
    target: Target
    build: Build | None
    why_not: str
    fits: bool

    def checks(self) -> Iterator[TargetCheck]:
        """One check. Raises Unavailable when the connection is lost."""
        if self.build is None:
            yield self._result(
                "skipped",
                f"not tried: {self.why_not}",
                "Run dbt parse in the project, and check again in its folder or with its manifest",
                fields=("manifest",),
            )
            return
        refused = {one: refusal for one in self.build.sources if (refusal := self._tried(one))}
        needed = {one: refusal for one, refusal in refused.items() if one.needed}
        if not refused:
            found = counted(len(self.build.sources), "source")
            yield self._result(
                "passed", f"reads {found}; {ELSEWHERE}" if self.build.sources else f"no sources; {ELSEWHERE}"
            )
            return
        worst = needed or refused
        first = list(worst.items())[:MOST_NAMES]
        detail = "; ".join(dict.fromkeys(f"{_shown(one)}: {refusal.message}" for one, refusal in first))
        more = len(worst) - MOST_NAMES
        detail += f"; and {more} more" if more > 0 else ""
        if not needed:
            detail += "; nothing that is built as a table reads them"
        yield self._result("failed" if needed else "warned", detail, self._cures(worst))

    def _tried(self, source: Source) -> Refusal | None:
        return self.session.tried(sql.read(source.database or self._database, source.schema, source.name))

    @property
    def _database(self) -> str:
        return str(self.target.fields["database"])

    def _cures(self, refused: dict[Source, Refusal]) -> str:
        grants: dict[str, None] = {}
        absent = False
        by_schema: dict[str, list[Source]] = {}
        for source, refusal in refused.items():
            if refusal.cause in ("schema-denied", "relation-denied", "right-missing"):
                by_schema.setdefault(source.schema, []).append(source)
            elif refusal.cause == "database-denied":
                database = f"DATABASE {quote_ident(source.database)}"
                grants[sql.grant("USAGE", database, self.session.user)] = None
            else:
                absent = True
        for schema, sources in by_schema.items():
            if any(refused[one].cause == "schema-denied" for one in sources):
                grants[sql.grant("USAGE", f"SCHEMA {quote_ident(schema)}", self.session.user)] = None
            if len(sources) > _WHOLE_SCHEMA:
                all_tables = f"ALL TABLES IN SCHEMA {quote_ident(schema)}"
                grants[sql.grant("SELECT", all_tables, self.session.user)] = None
            else:
                for one in sources:
                    grants[sql.grant("SELECT", sql.table(one.schema, one.name), self.session.user)] = None
        steps = [f"As owner or superuser, in this database: {'; '.join(grants)}"] if grants else []
        steps += ["Correct the sources in the dbt project, or load what they name"] if absent else []
        if not self.fits:
            steps.append(f"The manifest is of another target: run dbt parse --target {self.target.name} first")
        return "; ".join(steps)

    def _result(
        self, status: CheckStatus, detail: str, next_step: str = "", fields: tuple[str, ...] = ()
    ) -> TargetCheck:
        profile, name = self.target.profile, self.target.name
        return target_check("read-sources", status, detail, next_step, profile=profile, target=name, fields=fields)


def _shown(source: Source) -> str:
    return f"{display_part(source.schema)}.{display_part(source.name)}"
