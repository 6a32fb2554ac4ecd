"""Processing: see what is due of the selected tables, have it done in the background, and tell what came of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from wharfinger.catalog.model import Table
from wharfinger.catalog.signals import cost_of_reading
from wharfinger.connections.model import Connection
from wharfinger.core.acting import Acts
from wharfinger.core.errors import Invalid
from wharfinger.core.names import TableName
from wharfinger.core.session import Usage
from wharfinger.core.verbs import call
from wharfinger.jobs.model import Draft, Member, Progress, Run
from wharfinger.processing.model import (
    Processed,
    Request,
    divided,
    evidence_signature,
    outcome,
    profile_drafts,
    profile_members,
    text_due,
)
from wharfinger.processing.ports import Catalog, Descriptions, Jobs, Profiles
from wharfinger.profiling.service import Estimate
from wharfinger.profiling.units import affordable


@dataclass(slots=True)
class _Due:
    """What is due of a request. `left` is filled when the units are planned: what the ceiling leaves."""

    names: list[TableName]
    profile: list[Table] = field(default_factory=list)
    describe: list[Member] = field(default_factory=list)
    notes: tuple[str, ...] = ()
    left: list[TableName] = field(default_factory=list)


class ProcessService:
    """Has selected tables profiled and described."""

    def __init__(
        self,
        catalog: Catalog,
        profiles: Profiles,
        descriptions: Descriptions,
        jobs: Jobs,
        acts: Acts,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._catalog = catalog
        self._profiles = profiles
        self._descriptions = descriptions
        self._jobs = jobs
        self._acts = acts
        self._clock = clock

    def estimate(self, connection: Connection, request: Request) -> Estimate:
        """What processing would cost, from what is known here: nothing is sent. Raises Invalid and NotFound."""
        tables = self._scope(connection, request)
        if "profile" not in request.kinds:
            return Estimate(len(tables), 0, 0, 0, 0.0)
        due = self._due_profiles(connection, request, tables, ())
        return self._profiles.estimate(connection, tables, due, request.level)

    def process(
        self,
        connection: Connection,
        request: Request,
        stop: threading.Event,
        look: Callable[[Progress], None] = lambda _: None,
    ) -> Processed:
        """Process what is due, and wait for it; `look` is told the progress.

        Setting `stop` ends it early: running statements are cancelled, units are given back and done by the next run.
        Raises Invalid when nothing is selected or the ceiling is too low to see what is due, NotFound for a pattern
        that means no selected table, Stopped when `stop` was set before anything was begun, and what Session raises.
        """
        began = self._clock()
        with self._acts.act("process:start", connection.name) as act:
            processed = self._process(connection, request, stop, look, began)
            act.detail = f"{len(processed.tables)} tables"
        return processed

    def _process(
        self,
        connection: Connection,
        request: Request,
        stop: threading.Event,
        look: Callable[[Progress], None],
        began: float,
    ) -> Processed:
        scope = self._scope(connection, request)
        run = self._jobs.begin(connection.id, request.ceiling)
        usage = Usage(stop=stop)
        try:
            due = self._due(connection, request, scope, usage)
            self._jobs.spend(run, usage.statements, usage.api_calls)
            self._submit(run, connection, request, due, usage)
            progress: list[Progress] = []

            def noted(one: Progress) -> None:
                progress[:] = [one]
                look(one)

            complete = self._jobs.watch(run, stop, noted)
            tables = outcome(due.names, self._jobs.states(run), due.left)
        finally:
            self._jobs.cancel(run)
            self._jobs.close()
        return Processed(
            run=run.id,
            tables=tables,
            statements=progress[-1].statements,
            api_calls=progress[-1].api_calls,
            seconds=self._clock() - began,
            complete=complete,
            left=len(due.left),
            notes=due.notes,
        )

    def _scope(self, connection: Connection, request: Request) -> list[Table]:
        tables = self._catalog.selected(connection)
        if not tables:
            raise Invalid(
                "No table is selected",
                subject=connection.name,
                why="only what a person chose is profiled and described",
                next_step="Choose some",
                call=call("tables:select", connection=connection.name, patterns="schema.*"),
            )
        return self._catalog.selected(connection, request.patterns) if request.patterns else tables

    def _due(self, connection: Connection, request: Request, scope: list[Table], usage: Usage) -> _Due:
        due = _Due([table.name for table in scope])
        if "profile" in request.kinds:
            self._check_ceiling(request, scope)
            reread = self._catalog.read_selected(connection, usage, due.names)
            due.notes = reread.notes
            scope = self._catalog.named(connection, due.names)
            due.profile = self._due_profiles(connection, request, scope, reread.unread)
        if "describe" in request.kinds:
            due.describe = self._due_texts(connection, request, scope, (table.name for table in due.profile))
        return due

    def _due_profiles(
        self, connection: Connection, request: Request, scope: list[Table], unread: Collection[str]
    ) -> list[Table]:
        """Tables whose profile is due, and those of which an earlier run left it undone or failed.

        In a database that could not be read nobody knows: its tables are tried, so that each says what is wrong.
        """
        states = self._jobs.statuses(connection.id)
        undone, others = divided(scope, states, "profile", unread)
        verdicts = self._profiles.due(connection, others, request.wish())
        verdicts += self._profiles.due(connection, undone, replace(request.wish(), force=True))
        return [verdict.table for verdict in verdicts if verdict.due]

    def _check_ceiling(self, request: Request, scope: list[Table]) -> None:
        needed = cost_of_reading(scope).statements
        if request.ceiling is not None and request.ceiling < needed:
            raise Invalid(
                "The ceiling of statements is too low",
                subject=str(request.ceiling),
                fields=["max_statements"],
                why=f"it takes {needed} statements to see which of these tables changed",
                next_step=f"Allow {needed} and some for the profiles, or name fewer tables",
            )

    def _due_texts(
        self, connection: Connection, request: Request, scope: list[Table], profiled: Iterable[TableName]
    ) -> list[Member]:
        """Tables whose description is due: never written, or from other evidence, or about to be profiled."""
        states = self._jobs.statuses(connection.id)
        known = self._profiles.known(connection)
        sources = self._descriptions.sources(connection)
        about_to_be = set(profiled)
        there = [table for table in scope if table.state != "gone"]
        return [
            Member(table.name, evidence_signature(table, sources))
            for table in there
            if request.force
            or table.name in about_to_be
            or text_due(table, sources, states.get((table.name, "describe")), known.get(table.name))
        ]

    def _submit(self, run: Run, connection: Connection, request: Request, due: _Due, usage: Usage) -> None:
        members = profile_members(due.profile)
        signatures = {member.table: member.signature for member in members}
        tables = {table.name: table for table in due.profile}
        options = {"level": request.level}

        def plan(names: Sequence[TableName]) -> list[Draft]:
            units = self._profiles.plan_units(connection, [tables[name] for name in names], request.level)
            if request.ceiling is not None:
                units, left = affordable(units, request.ceiling - usage.statements)
                due.left = [name for unit in left for name in unit.tables]
            return profile_drafts(units, signatures, options)

        self._jobs.submit(run, members, due.describe, plan, options)
