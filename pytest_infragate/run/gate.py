"""The gate: the phases of one run in their order. Knows nothing of pytest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from .. import catalogue
from ..compose import discovery
from ..errors import InfragateError
from ..ledger import Ledger
from ..masking import Masker, secret_values
from ..plan import Plan
from ..preparation import Preparation, isolated, prepare
from ..progress import Progress, Silent
from ..recall.recollection import COMPOSE, ENGINE, Forgetful, Memory
from ..reports.problems import Problem, problems
from ..reports.source_lines import SourceLines
from ..results import CheckResult, Location, unevaluated
from ..settings import Settings, When
from ..static_plan import static_plan
from ..timeline import Timeline
from ..verdict import Verdict
from . import configuring
from .concluding import Conclusion
from .recording import Recording

if TYPE_CHECKING:
    from ..advice.hint import Hint
    from ..stack.engine import Engine
    from .comparing import Comparing
    from .connecting import Connecting
    from .live import LiveRun
    from .log_watch import LogFiles
    from .planning import RunPlan

CLOSED_BEFORE = "not evaluated, because the gate was closed before"
NO_STACK_IN_STATIC = "--infragate-static starts no stack"


class Gate:
    """One run of the gate. ``tell`` hears every check result, ``progress`` what happens meanwhile.

    ``timeline`` must be told when tests begin and end; ``memory`` keeps what later runs compare with. ``handover`` is
    the file for the processes that run the tests. ``begin`` may raise ``SettingsError`` (the report folder); everything
    else that goes wrong becomes evidence.
    """

    unread = 0
    """How many findings for information nobody has read: none where they have just been found."""

    def __init__(self, settings: Settings, environ: Mapping[str, str], handover: Path | None = None) -> None:
        self.settings = settings
        self.progress: Progress = Silent()
        self.timeline = Timeline()
        self.memory: Memory = Forgetful()
        self.tell: Callable[[CheckResult], None] = lambda _result: None
        self.environment: dict[str, str] = {}
        self._recording = Recording(settings)
        self._environ = environ
        self._handover = handover
        self._connecting: Connecting | None = None
        self._live: LiveRun | None = None
        self._opened = False
        self._comparing: Comparing | None = None
        self._tests_failed = False
        self._beside = configuring.Beside()
        self._ledger = Ledger(settings.waivers, self._recording.started.date(), self._tell)

    def _tell(self, result: CheckResult) -> None:
        # The listener is set after the ledger is made.
        self.tell(result)

    @cached_property
    def _preparation(self) -> Preparation:
        return prepare(self.settings, self._environ)

    @cached_property
    def _planned(self) -> RunPlan:
        from .planning import make_plan

        return make_plan(self._preparation, self.settings)

    @cached_property
    def plan(self) -> Plan:
        """What this run owes an answer to."""
        return static_plan(self.settings.checks) if self.settings.static else self._planned.plan

    @property
    def services(self) -> tuple[str, ...] | None:
        """The names of the services, or ``None`` when the Compose files cannot be used."""
        project = self._preparation.project
        return None if project is None else tuple(project.services)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said at the end of the run, beside the verdict."""
        return (*self._beside.notes, *self._recording.notes)

    @property
    def advice(self) -> tuple[Hint, ...]:
        """What could be better about the stack, from what was measured of it."""
        return self._recording.advice

    @property
    def closed(self) -> bool:
        """Whether something was found that rules out a complete verdict."""
        return self._ledger.closed

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What stands in the way of a complete verdict, root causes first."""
        return problems(self._ledger.results)

    @cached_property
    def source_lines(self) -> SourceLines:
        """The lines of the project's files, with secrets masked; to be asked for when these are known."""
        return SourceLines(Path(self.settings.root), self._ledger.masker)

    def quoted(self, place: Location | None, width: int) -> tuple[str, ...]:
        """Return the source line at a place and a caret below it, in so many columns; nothing where there is none."""
        return self.source_lines.quoted(place, width)

    def begin(self) -> None:
        """Put an incomplete verdict into the report folder, so that a killed run leaves no old one."""
        self._recording.begin()

    def connect(self) -> None:
        """Begin to reach the engine; ``open`` needs it, and what comes before need not wait for it."""
        if not self.settings.static:
            self._connecting = self._begin_to_connect()

    def _begin_to_connect(self) -> Connecting:
        from .connecting import Connecting

        return Connecting(self._environ)

    def prepare(self) -> None:
        """Read the Compose files and fix the plan; from here on secrets are masked."""
        self._learn_secrets()

    def _learn_secrets(self) -> None:
        project, selection = self._preparation.project, self._preparation.selection
        if project is not None:
            files = discovery.env_file_variables(selection, self._environ)
            self._ledger.masker = Masker(secret_values(project, self._environ, self.settings.secret_values, files))

    def open(self) -> None:
        """Evaluate everything that comes before the suite; ``closed`` tells what came of it."""
        self._check_configuration()
        if not self.settings.static:
            self._open_live()
        self._opened = not self.closed
        self._hand_over()
        if self._opened and self._live is not None:
            self.environment = self._live.environment
            self._live.begin_suite()

    def prove_again(self, *, patient: bool) -> None:
        """Prove everything again after the last test; may be interrupted, ``close`` follows in any case.

        ``patient``: wait for what is left of the windows.
        """
        self._tests_failed = not patient
        if self._opened and self._live is not None:
            self._carry_out(partial(self._live.prove_again, patient=patient))

    def close(self, broken_off: str | None) -> Verdict:
        """Take the stack down, decide and write the reports; ``broken_off`` says why the run did not reach its end."""
        live, self._live = self._live, None
        if live is not None:
            self._end(live)
        self._ledger.give_up(self.plan.checks, broken_off or CLOSED_BEFORE)
        verdict = Conclusion(
            self.plan, self._ledger, self._recording, self.settings.waivers, self._beside.remarks
        ).reach(self._preparation, self._comparing, broken_off, tests_failed=self._tests_failed)
        if live is not None and verdict.complete:
            live.remember()
        return verdict

    def _end(self, live: LiveRun) -> None:
        """Finish the live part; whatever happens before, the stack goes down."""
        try:
            self._recording.advice = live.advice
            self._recording.collect(live, self._environ, self._ledger.masker)
        finally:
            live.remove()
        if live.stays_up:
            self._recording.notes.append(f"The stack was left up; remove it with: {live.how_to_remove()}")

    def _check_configuration(self) -> None:
        self._recording.resolved(self._preparation.resolution)
        self.progress.phase(f"checking the configuration ({len(self.plan.checks)} checks are planned in all)")
        today = self._recording.started.date()
        self._beside = configuring.prove(
            self.plan, self._preparation, self.settings, self._environ, self._ledger, today
        )
        self._recording.overrides = self._beside.overrides

    def _open_live(self) -> None:
        engine = self._reach_engine()
        if engine is not None:
            self._compare_on(engine)
        if engine is None or self.closed:
            return
        from ..gates import lifecycle
        from .log_watch import LogFiles

        try:
            self._live = live = self._live_run(engine, LogFiles(self._recording.folder, self._ledger.masker))
        except InfragateError as error:
            self._ledger.record(lifecycle.started_result(None, error))
            return
        if live is None:
            return
        for step in (live.claim, partial(live.run_commands, When.BEFORE_UP), live.start, live.prove):
            if not self.closed:
                self._carry_out(step)

    def _compare_on(self, engine: Engine) -> None:
        """Plan what is held against recorded runs, now that the machine is known; nothing is started yet."""
        from .comparing import comparing
        from .planning import with_comparisons

        tracked = self._planned.tracked
        self._comparing = comparing(self.settings, self._preparation, tracked, engine, self._environ, self.memory)
        self._planned = with_comparisons(self._planned, self._comparing)
        if self._comparing.is_held:
            self._ledger.record(self._comparing.at_hand())

    def _carry_out(self, step: Callable[[], None]) -> None:
        """Carry out one phase; when the engine is lost in it, everything still open is missing evidence."""
        try:
            step()
        except InfragateError as error:
            open_checks = self.plan.missing(self._ledger.keys)
            kept_for_later = catalogue.stack_removed().key
            self._ledger.record_all(
                unevaluated(check, str(error)) for check in open_checks if check.key != kept_for_later
            )

    def _reach_engine(self) -> Engine | None:
        """Return the engine, or nothing when engine or Compose do not answer; records which."""
        from ..gates import lifecycle

        try:
            engine, compose = (self._connecting or self._begin_to_connect()).result()
        except InfragateError as error:
            self._ledger.record(lifecycle.engine_result(error=error))
            return None
        self._recording.versions = {ENGINE: engine.version, COMPOSE: compose}
        self._ledger.record(lifecycle.engine_result(engine.version, compose))
        return engine

    def _live_run(self, engine: Engine, logs: LogFiles | None = None) -> LiveRun | None:
        """Return the live part. Raises ``InfragateError`` when the stack cannot be isolated."""
        from ..recall.memory import LastGood
        from ..stack.interruptions import Journal
        from .assignment import Assignment
        from .comparing import Comparing
        from .custody import sweep
        from .handover import journal_path, override_path
        from .live import LiveRun

        prepared, beside = self._preparation, self._handover or Path()
        if self.settings.compose.isolate:
            prepared = isolated(prepared, self.settings, self._environ, override_path(beside))
        if prepared.project is None:
            return None
        sweep(engine, prepared.project.name, self.progress)
        last_good = LastGood(self.memory, self.settings, self._preparation, self._recording.versions)
        folder = self._handover.parent if self._handover else None
        task = Assignment(
            self.settings,
            prepared.selection,
            prepared.project,
            self._planned,
            self._environ,
            last_good,
            folder,
            logs,
            self._comparing or Comparing(),
        )
        return LiveRun(task, engine, self._ledger, self.progress, Journal(journal_path(beside)), self.timeline)

    def _hand_over(self, problem: str = "", *, skip: bool = False) -> None:
        if self._handover is None:
            return
        from .handing_over import with_stack, without_stack

        if self._live is None:
            problem = problem or (NO_STACK_IN_STATIC if self.settings.static else "the gate is closed")
            told = without_stack(problem, skip=skip)
        else:
            told = with_stack(self._live, self.settings, self.services or (), self._handover, problem)
        told.write(self._handover)
