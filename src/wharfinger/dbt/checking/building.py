"""Tries in a session what `dbt build` would do: make schemas and tables, replace its own, read sources.

Each trial runs in a transaction that is rolled back. Existing tables are not touched: whether dbt could replace them
follows from their owners.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from wharfinger.core.checks import CheckStatus
from wharfinger.core.counts import some
from wharfinger.core.errors import WharfingerError
from wharfinger.core.names import display_part, is_system_schema, quote_ident
from wharfinger.core.verbs import call
from wharfinger.dbt.checking import trial_sql as sql
from wharfinger.dbt.checking.model import MOST_NAMES, TargetCheck, target_check
from wharfinger.dbt.checking.ports import Refusal, SignedIn
from wharfinger.dbt.checking.reading import SourcesCheck
from wharfinger.dbt.checking.target import Target
from wharfinger.dbt.manifests.build import Build


@dataclass
class BuildTrial:
    """The trials of one target, in a session that is signed in to it. `build` is None without a manifest.

    `why_not` says why there is none; `fits` is false when the manifest was written for another target.
    """

    session: SignedIn
    target: Target
    build: Build | None
    why_not: str = ""
    fits: bool = True
    _name: str = field(default_factory=lambda: f"wharfinger_check_{uuid.uuid4().hex[:12]}")

    def checks(self) -> Iterator[TargetCheck]:
        """All checks. Raises Unavailable when the connection is lost."""
        superuser = bool((self.session.rows(sql.SUPERUSER) or [(False,)])[0][0])
        if superuser:
            yield self._result(
                "superuser",
                "warned",
                f"{self.session.user} is a superuser: dbt may change and drop everything in the warehouse",
                "Make a user for dbt with an access spec, and name it in the target",
                verb="access:plan",
            )
        schemas = self._schemas()
        known = self._present()
        present = [one for one in schemas if one.casefold() in known]
        yield from self._create_schemas([one for one in schemas if one not in present])
        yield from self._create_tables(present)
        if not superuser:
            yield from self._replace_tables(present)
        yield from self._temporary()
        yield self._read_catalog()
        yield from SourcesCheck(self.session, self.target, self.build, self.why_not, self.fits).checks()

    @property
    def _database(self) -> str:
        return str(self.target.fields["database"])

    @property
    def _show(self) -> bool:
        return self.target.fields.get("datasharing") is True

    def _schemas(self) -> list[str]:
        """The schemas that dbt builds in: the target's, and those of the nodes that have their own."""
        own = str(self.target.fields["schema"])
        if self.build is None or not self.fits:
            return [own]
        here = [one for one in self.build.built if one.database.casefold() in ("", self._database.casefold())]
        by_fold = {one.casefold(): one for one in [own, *(one.schema for one in here)]}
        unused = here and own.casefold() not in {one.schema.casefold() for one in here}
        return [name for name in by_fold.values() if not (unused and name == own)]

    def _present(self) -> set[str]:
        rows = self.session.rows(sql.list_schemas(self._database, show=self._show))
        return {str(row[1 if self._show else 0]).casefold() for row in rows}

    def _create_schemas(self, missing: list[str]) -> Iterator[TargetCheck]:
        if not missing:
            return
        refused = {}
        for schema in missing:
            statements = [
                sql.make_schema(self._database, schema, show=self._show),
                *sql.make_table(self._database, schema, self._name),
            ]
            if refusal := self.session.tried(*statements):
                refused[schema] = refusal
        if not refused:
            yield self._result("create-schema", "passed", f"may make {_listed(missing)} in {self._database}")
            return
        cures = [sql.grant("CREATE", f"DATABASE {quote_ident(self._database)}", self.session.user)]
        if all(_is_denied(one) for one in refused.values()):
            owned = "; ".join(
                f"CREATE SCHEMA {quote_ident(schema)} AUTHORIZATION {quote_ident(self.session.user)}"
                for schema in list(refused)[:MOST_NAMES]
            )
            next_step = f"As a superuser, in this database: {cures[0]}; or make what dbt needs for it: {owned}"
        else:
            next_step = "Name another schema"
        yield self._result(
            "create-schema", "failed", _refusals(refused, "does not exist, and cannot be made"), next_step
        )

    def _create_tables(self, present: list[str]) -> Iterator[TargetCheck]:
        if not present:
            return
        refused = {}
        for schema in present:
            if refusal := self.session.tried(*sql.make_table(self._database, schema, self._name)):
                refused[schema] = refusal
        if not refused:
            yield self._result("create-tables", "passed", f"may make tables in {_listed(present)}")
            return
        others = [one for one in refused if is_system_schema(one.casefold()) or not _is_denied(refused[one])]
        grants = [
            sql.grant("USAGE, CREATE", f"SCHEMA {quote_ident(one)}", self.session.user)
            for one in refused
            if one not in others
        ]
        steps = [f"As owner or superuser, in this database: {'; '.join(grants)}"] if grants else []
        steps += ["Name another schema"] if others else []
        yield self._result("create-tables", "failed", _refusals(refused, "takes no tables"), "; ".join(steps))

    def _replace_tables(self, present: list[str]) -> Iterator[TargetCheck]:
        """Whether dbt may replace what is there: it renames and drops it, as its owner only."""
        if not present:
            return
        rows = self.session.rows(sql.owned_by_others(one.casefold() for one in present))
        foreign = [(str(schema), str(name), str(owner)) for schema, name, owner in rows]
        named = self._built_names()
        if self.build is None or not self.fits:
            if foreign:
                yield self._result(
                    "replace-tables",
                    "warned",
                    f"{len(foreign)} tables or views in {_listed(present)} belong to other users, such as "
                    f"{_owned(foreign[:1])}: dbt could not replace them",
                    f"Check it with the manifest of this target: dbt parse --target {self.target.name}",
                )
            return
        blocked = [
            one
            for one in foreign
            if (one[0].casefold(), one[1].casefold()) in named and not self._may_replace(*one[:2])
        ]
        if not blocked:
            yield self._result("replace-tables", "passed", "what dbt replaces belongs to its user")
            return
        cures = "; ".join(
            f"ALTER TABLE {sql.table(schema, name)} OWNER TO {quote_ident(self.session.user)}"
            for schema, name, _ in blocked[:MOST_NAMES]
        )
        yield self._result(
            "replace-tables",
            "failed",
            f"dbt renames and drops what it replaces, and these belong to others: {_owned(blocked)}",
            f"As a superuser, in this database: {cures}",
        )

    def _may_replace(self, schema: str, name: str) -> bool:
        """Whether ALTER and DROP were granted on it. Engines that do not know these privileges refuse the question."""
        try:
            return all(bool(self.session.rows(sql.may(one, schema, name))[0][0]) for one in ("alter", "drop"))
        except WharfingerError:
            return False

    def _built_names(self) -> set[tuple[str, str]]:
        return {(one.schema.casefold(), one.name.casefold()) for one in self.build.built} if self.build else set()

    def _temporary(self) -> Iterator[TargetCheck]:
        refusal = self.session.tried(sql.make_temporary(self._name))
        needed = self.build is not None and self.build.temporary
        if refusal is None:
            if needed:
                yield self._result("temporary-tables", "passed", "may make temporary tables")
            return
        grant = sql.grant("TEMP", f"DATABASE {quote_ident(self._database)}", self.session.user)
        yield self._result(
            "temporary-tables",
            "failed" if needed else "warned",
            f"incremental models and snapshots need temporary tables: {refusal.message}",
            f"As a superuser, in this database: {grant}",
        )

    def _read_catalog(self) -> TargetCheck:
        for statement in sql.CATALOG:
            if refusal := self.session.tried(statement):
                return self._result(
                    "read-catalog", "failed", refusal.message, "Let this user read the system catalog, as a superuser"
                )
        detail = "reads what dbt reads of the catalog"
        if self.session.tried(sql.TABLE_INFO):
            grant = sql.grant("SELECT", "svv_table_info", self.session.user)
            detail += f"; dbt docs shows sizes only after {grant}"
        return self._result("read-catalog", "passed", detail)

    def _result(self, id_: str, status: CheckStatus, detail: str, next_step: str = "", verb: str = "") -> TargetCheck:
        profile, name = self.target.profile, self.target.name
        made = call(verb, connection="", spec="") if verb else None
        return target_check(id_, status, detail, next_step, profile=profile, target=name, call=made)


def _is_denied(refusal: Refusal) -> bool:
    return refusal.cause.endswith("-denied") or refusal.cause == "right-missing"


def _refusals(refused: dict[str, Refusal], what: str) -> str:
    return "; ".join(f"{display_part(schema)} {what}: {one.message}" for schema, one in refused.items())


def _listed(names: Iterable[str]) -> str:
    return some(map(display_part, names), MOST_NAMES)


def _owned(tables: Sequence[tuple[str, str, str]]) -> str:
    named = [f"{display_part(schema)}.{display_part(name)} ({owner})" for schema, name, owner in tables]
    return some(named, MOST_NAMES)
