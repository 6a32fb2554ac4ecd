"""The verbs of processing: estimate, start, watch, cancel."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from wharfinger.catalog.model import Table
from wharfinger.catalog.signals import cost_of_reading
from wharfinger.connections.model import Connection
from wharfinger.core.acting import Acts
from wharfinger.core.counts import counted
from wharfinger.core.errors import Invalid, NotFound
from wharfinger.core.names import TableName
from wharfinger.core.session import Usage
from wharfinger.core.verbs import call
from wharfinger.jobs.model import Draft, Member, Progress, Run, Wanted
from wharfinger.processing.model import (
    Processed,
    Request,
    describe_drafts,
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
    """What is due of a request."""

    names: list[TableName]
    profile: list[Table] = field(default_factory=list)
    describe: list[Member] = field(default_factory=list)
    notes: tuple[str, ...] = ()


class ProcessService:
    """Has selected tables profiled and described."""

    def __init__(
        self,
        catalog: Catalog,
        profiles: Profiles,
        descriptions: Descriptions,
        jobs: Jobs,
        acts: Acts,
    ) -> None:
        self._catalog = catalog
        self._profiles = profiles
        self._descriptions = descriptions
        self._jobs = jobs
        self._acts = acts

    def estimate(self, connection: Connection, request: Request) -> Estimate:
        """What processing would cost, from what is known here: nothing is sent. Raises Invalid and NotFound."""
        self._acts.require("process:estimate", connection.name)
        tables = self._scope(connection, request)
        if "profile" not in request.kinds:
            return Estimate(len(tables), 0, 0, 0, 0.0)
        due = self._due_profiles(connection, request, tables, ())
        return self._profiles.estimate(connection, tables, due, request.level)

    def start(
        self,
        connection: Connection,
        request: Request,
        stop: threading.Event | None = None,
        look: Callable[[Progress], None] = lambda _: None,
        *,
        direct: bool = False,
    ) -> Run:
        """Find what is due and start it in the background; returns the run, which continues without its caller.

        Setting `stop` ends the search for what is due. With `direct` a small run is performed by `watch`, called in
        this process, without a worker. `look` is given what the start waits for, if it has to.

        Raises Invalid when nothing is selected or the ceiling is too low to see what is due, NotFound for a pattern
        that means no selected table, Stopped when `stop` was set, what Session raises, and a WharfingerError when no
        worker can start.
        """
        with self._acts.act("process:start", connection.name) as act:
            scope = self._scope(connection, request)
            run = self._jobs.begin(connection.id, self._acts.actor.name, request.ceiling)
            act.detail = f"run {run.id}"
            usage = Usage() if stop is None else Usage(stop=stop)
            try:
                due = self._due(connection, request, scope, usage)
                self._jobs.spend(run, usage.statements, usage.api_calls)
                wanted = self._wanted(connection, request, due, usage)
                run = self._jobs.start(
                    run, wanted, tables=due.names, notes=due.notes, direct=direct, stop=stop, look=look
                )
            except BaseException:
                self._jobs.cancel(run)
                raise
            act.detail = f"run {run.id}, {counted(len(due.names), 'table')}"
        return run

    def find(self, connection: Connection, run_id: str) -> Run:
        """A run of the connection, started by any actor, to be watched or cancelled. Raises NotFound."""
        self._acts.require("process:watch", connection.name)
        run = self._jobs.get(run_id)
        if run.connection != connection.id:
            raise NotFound(
                "The run belongs to another connection",
                subject=run_id,
                next_step="Name the connection that it was started for",
            )
        return run

    def watch(
        self,
        connection: Connection,
        run: Run,
        stop: threading.Event,
        look: Callable[[Progress], None] = lambda _: None,
    ) -> Processed:
        """Wait until the run has ended or was cancelled, or `stop` is set; `look` is given the progress.

        Setting `stop` ends the watching, not the run. Raises a WharfingerError when no worker can start, Conflict when
        the connection was removed.
        """
        self._acts.require("process:watch", connection.name)
        return self._result(run, self._jobs.watch(run, stop, look))

    def cancel(self, connection: Connection, run: Run) -> None:
        """End the run: running statements are cancelled unless another run wants them too, tables are due again."""
        with self._acts.act("process:cancel", connection.name, f"run {run.id}"):
            self._jobs.cancel(run)

    def process(
        self,
        connection: Connection,
        request: Request,
        stop: threading.Event,
        look: Callable[[Progress], None] = lambda _: None,
    ) -> Processed:
        """Start a run and watch it to its end, as the command line does; setting `stop` cancels it.

        A worker that was started for it has ended when this returns. Raises what `start` and `watch` raise.
        """
        drain = False
        try:
            run = self.start(connection, request, stop, look, direct=True)
            try:
                drain = self.watch(connection, run, stop, look).complete
            finally:
                if not drain:
                    self.cancel(connection, run)
        finally:
            self._jobs.close(drain=drain)
        return self._result(run, self._jobs.progress(run))

    def _result(self, run: Run, progress: Progress) -> Processed:
        return Processed(
            run=run.id,
            tables=outcome(run.tables, self._jobs.states(run), run.left),
            statements=progress.statements,
            api_calls=progress.api_calls,
            seconds=progress.seconds,
            complete=progress.ended,
            left=len(run.left),
            notes=run.notes,
        )

    def _scope(self, connection: Connection, request: Request) -> list[Table]:
        tables = self._catalog.selected(connection)
        if not tables:
            raise Invalid(
                "No table is selected",
                subject=connection.name,
                why="only selected tables are profiled and described",
                next_step="Select some",
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

        The tables of a database that could not be read are all tried, so that each reports what is wrong.
        """
        states = self._jobs.statuses(connection.id)
        undone, others = divided(scope, states, "profile", unread)
        verdicts = self._profiles.due(connection, others, request.profile_options())
        verdicts += self._profiles.due(connection, undone, replace(request.profile_options(), force=True))
        return [verdict.table for verdict in verdicts if verdict.due]

    def _check_ceiling(self, request: Request, scope: list[Table]) -> None:
        needed = cost_of_reading(scope).statements
        if request.ceiling is not None and request.ceiling < needed:
            raise Invalid(
                "The ceiling of statements is too low",
                subject=str(request.ceiling),
                fields=["max_statements"],
                why=f"it takes {needed} statements to see which of these tables changed",
                next_step=f"Allow more than {needed}, or name fewer tables",
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

    def _wanted(self, connection: Connection, request: Request, due: _Due, usage: Usage) -> list[Wanted]:
        members = profile_members(due.profile)
        tables = {table.name: table for table in due.profile}
        options = {"level": request.level}

        def cut(rest: Sequence[Member]) -> list[Draft]:
            units = self._profiles.plan_units(connection, [tables[one.table] for one in rest], request.level)
            if request.ceiling is not None:
                units, _ = affordable(units, request.ceiling - usage.statements)
            return profile_drafts(units, {one.table: one.signature for one in rest}, options)

        return [
            Wanted("profile", members, cut, options),
            Wanted("describe", due.describe, describe_drafts, after="profile"),
        ]
