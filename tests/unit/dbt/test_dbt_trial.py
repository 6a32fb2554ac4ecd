"""What a manifest says that dbt builds and reads, and what a refusal of each statement means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from wharfinger.dbt.checking.building import BuildTrial
from wharfinger.dbt.checking.model import TargetCheck
from wharfinger.dbt.checking.ports import Refusal
from wharfinger.dbt.checking.target import Target
from wharfinger.dbt.manifests.build import Build, Built, Source, build_of

DENIED = Refusal("schema-denied", "permission denied for schema s")


@dataclass
class Session:
    """A session that answers queries by the beginning of their text, and refuses statements by a word in them."""

    refused: dict[str, Refusal] = field(default_factory=dict)
    answers: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    user: str = "ada"
    sent: list[str] = field(default_factory=list)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        self.sent.append(sql)
        return next((rows for start, rows in self.answers.items() if sql.startswith(start)), [])

    def tried(self, *statements: str) -> Refusal | None:
        self.sent += statements
        return next((one for word, one in self.refused.items() if any(word in sql for sql in statements)), None)


def checks(session: Session, build: Build | None = None, *, fits: bool = True, **fields: Any) -> dict[str, TargetCheck]:
    target = Target("quay", "dev", {}, chosen=True, fields={"database": "dev", "schema": "s", **fields})
    return {check.id: check for check in BuildTrial(session, target, build, "there is none", fits).checks()}


def node(name: str, *depends: str, kind: str = "model", schema: str = "s", **config: Any) -> dict[str, Any]:
    return {
        "unique_id": f"{kind}.{name}", "resource_type": kind, "database": "dev", "schema": schema, "name": name,
        "alias": name, "config": {"materialized": "table", "schema": None, **config}, "depends_on": {"nodes": depends},
    }  # fmt: skip


def document(nodes: Sequence[dict[str, Any]], *sources: str) -> dict[str, Any]:
    return {
        "nodes": {one["unique_id"]: one for one in nodes},
        "sources": {
            f"source.{one}": {"unique_id": f"source.{one}", "database": "dev", "schema": "raw", "name": one}
            for one in sources
        },
    }


def test_a_source_is_needed_when_something_made_from_it_would_fail() -> None:
    nodes = [
        node("a", "model.inner", "source.direct"),
        node("inner", "source.through", materialized="ephemeral"),
        node("late", "source.late", materialized="view", bind=False),
        node("off", "source.off", enabled=False),
        node("tested", "source.tested", kind="test"),
    ]
    build = build_of(document(nodes, "direct", "through", "late", "off", "tested", "alone"))

    assert {one.name for one in build.sources if one.needed} == {"direct", "through"}
    assert [one.name for one in build.built] == ["a", "late"]
    assert not build.temporary


@pytest.mark.parametrize("one", [node("a", materialized="incremental"), node("a", kind="snapshot")])
def test_incremental_models_and_snapshots_need_temporary_tables(one: dict[str, Any]) -> None:
    assert build_of(document([one])).temporary


def test_a_manifest_of_another_target_is_recognised_by_its_schemas() -> None:
    own, custom = node("a", schema="dbt_ada"), node("b", schema="dbt_ada_extra") | {"config": {"schema": "extra"}}
    assert build_of(document([own, custom])).is_for("DBT_Ada")
    assert not build_of(document([own, custom])).is_for("analytics")
    assert build_of(document([custom])).is_for("dbt_ada")
    assert not build_of(document([custom])).is_for("analytics")
    assert build_of(document([])).is_for("anything")


BUILD = Build((Built("dev", "s", "orders"),), (Source("dev", "raw", "orders", True),), temporary=True)
THERE = {"select distinct nspname": [("S",)]}

CASES: dict[str, tuple[Session, Build | None, str, str, str, str]] = {
    "no right to make the schema": (
        Session({"create schema": DENIED}), None, "create-schema", "failed", "does not exist",
        'GRANT CREATE ON DATABASE "dev" TO "ada"; or make what dbt needs for it: CREATE SCHEMA "s" AUTHORIZATION "ada"',
    ),
    "a schema that nobody can make": (
        Session({"create schema": Refusal("engine", "unacceptable schema name")}), None,
        "create-schema", "failed", "unacceptable", "Name another schema",
    ),
    "no right to make tables": (
        Session({"create table": DENIED}, THERE), None, "create-tables", "failed", "takes no tables",
        'GRANT USAGE, CREATE ON SCHEMA "s" TO "ada"',
    ),
    "no temporary tables where they are needed": (
        Session({"temporary": DENIED}, THERE), BUILD, "temporary-tables", "failed", "incremental",
        'GRANT TEMP ON DATABASE "dev"',
    ),
    "no temporary tables where nothing is known": (
        Session({"temporary": DENIED}, THERE), None, "temporary-tables", "warned", "incremental", "GRANT TEMP",
    ),
    "a catalog that cannot be read": (
        Session({"pg_proc": DENIED}, THERE), None, "read-catalog", "failed", "denied", "system catalog",
    ),
    "no sizes": (Session({"svv_table_info": DENIED}), None, "read-catalog", "passed", "GRANT SELECT ON svv_table", ""),
    "tables of others, without a manifest": (
        Session({}, {**THERE, "select n.nspname": [("s", "orders", "bob")]}), None,
        "replace-tables", "warned", "s.orders (bob)", "dbt parse --target dev",
    ),
    "a table of others that dbt replaces": (
        Session({}, {**THERE, "select n.nspname": [("s", "orders", "bob")], "select has_table": [(False,)]}), BUILD,
        "replace-tables", "failed", "s.orders (bob)", 'ALTER TABLE "s"."orders" OWNER TO "ada"',
    ),
    "a table of others that dbt may alter and drop": (
        Session({}, {**THERE, "select n.nspname": [("s", "orders", "bob")], "select has_table": [(True,)]}), BUILD,
        "replace-tables", "passed", "belongs to its user", "",
    ),
    "a table of others that dbt leaves alone": (
        Session({}, {**THERE, "select n.nspname": [("s", "other", "bob")]}), BUILD,
        "replace-tables", "passed", "belongs to its user", "",
    ),
    "no manifest": (Session(), None, "read-sources", "skipped", "there is none", "dbt parse"),
    "a source that does not exist": (
        Session({'"raw"."orders"': Refusal("no-such-relation", "relation does not exist")}), BUILD,
        "read-sources", "failed", "raw.orders", "Correct the sources",
    ),
    "a superuser": (Session({}, {"select usesuper": [(True,)]}), None, "superuser", "warned", "ada is", "access spec"),
}  # fmt: skip


@pytest.mark.parametrize(("session", "build", "id_", "status", "detail", "step"), CASES.values(), ids=CASES)
def test_each_refusal_has_its_check_and_its_cure(
    session: Session, build: Build | None, id_: str, status: str, detail: str, step: str
) -> None:
    check = checks(session, build)[id_]
    assert (check.status, detail in check.detail, step in check.next_step) == (status, True, True), check
    assert (check.profile, check.target) == ("quay", "dev")


def test_many_tables_of_a_schema_need_one_grant() -> None:
    sources = tuple(Source("dev", "raw", f"t{n}", True) for n in range(7))
    check = checks(Session({"limit 0": Refusal("relation-denied", "permission denied")}), Build(sources=sources))
    assert check["read-sources"].next_step.endswith('GRANT SELECT ON ALL TABLES IN SCHEMA "raw" TO "ada"')
    assert check["read-sources"].detail.endswith("and 2 more")


def test_a_source_that_nothing_needs_is_a_warning() -> None:
    build = Build(sources=(Source("dev", "raw", "t", False),))
    assert checks(Session({'"raw"': DENIED}), build)["read-sources"].status == "warned"


def test_a_manifest_of_another_target_is_used_for_its_sources_only() -> None:
    build = Build((Built("dev", "other", "orders"),), (Source("dev", "raw", "orders", True),))
    found = checks(session := Session({'"raw"': DENIED}), build, fits=False)
    assert "dbt parse --target dev" in found["read-sources"].next_step
    assert not [sql for sql in session.sent if '"other"' in sql]


@pytest.mark.parametrize(
    ("datasharing", "wanted"),
    [(False, 'create schema if not exists "s"'), (True, 'create schema if not exists "dev"."s"')],
)
def test_schemas_are_listed_and_made_as_dbt_does_it(datasharing: bool, wanted: str) -> None:
    session = Session({}, {"SHOW SCHEMAS": [("dev", "given")], "select distinct nspname": [("given",)]})
    checks(session, datasharing=datasharing)
    assert wanted in session.sent
    session.sent.clear()
    checks(session, datasharing=datasharing, schema="Given")
    assert not [sql for sql in session.sent if "create schema" in sql]
