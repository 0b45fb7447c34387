"""One stack in one run: started, proven by ``proving``, and removed; every step answers its planned checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import catalogue, runner
from ..compose import cli
from ..compose.selection import Selection
from ..errors import EngineError, InfragateError
from ..gates import commands, lifecycle, unstarted
from ..gates.readiness import ENDED, State
from ..gates.waiting import Wait
from ..ledger import Ledger
from ..process import Completed
from ..progress import Progress
from ..results import CheckResult, Outcome
from ..settings import When
from ..stack.engine import Engine
from ..stack.events import EventWatch
from ..stack.interruptions import Journal
from ..stack.lifecycle import ComposeStack
from ..stack.ownership import Before, refuse_foreign
from ..stack.state import ContainerState
from ..timeline import Timeline
from ..uncollected import uncollected
from .assignment import Assignment
from .commanding import run_commands
from .custody import Custody
from .ending import take_down
from .log_watch import LogWatch
from .site import asking_services
from .standing import site_of
from .startup import Startup, weaker_look_s

if TYPE_CHECKING:
    from ..advice.hint import Hint
    from .proving import Proving


class LiveRun:
    """Carries out the live part of a run on one engine. ``remove`` must be called whatever happened before."""

    def __init__(
        self,
        task: Assignment,
        engine: Engine,
        ledger: Ledger,
        progress: Progress,
        journal: Journal,
        timeline: Timeline,
    ) -> None:
        self._task = task
        self._settings = task.settings
        self._ledger = ledger
        self._progress = progress
        self._journal = journal
        self._timeline = timeline
        self._custody = Custody(engine, task.folder)
        self._before: Before | None = None
        self._found: tuple[ContainerState, ...] = ()
        self._wait: Wait | None = None
        self._known_proving: Proving | None = None
        stack = ComposeStack(task.selection, engine, task.environ)
        watch = EventWatch(engine, stack.project)
        self.logs = LogWatch(engine, watch, task.project, task.settings.logs, journal, task.log_files)
        self.site = site_of(task, engine, stack, watch, self.logs.last_lines)

    @property
    def _proving(self) -> Proving:
        if self._known_proving is None:
            # Half of what a run loads is needed only when the stack stands: it is loaded while Compose is at work.
            with uncollected():
                from .proving import Proving

            told = (self._ledger, self._progress, self._journal, self._timeline)
            self._known_proving = Proving(self._task, self.site, self.logs, *told)
        return self._known_proving

    @property
    def selection(self) -> Selection:
        """The files that make the stack, with the override of an isolated one."""
        return self._task.selection

    @property
    def environment(self) -> dict[str, str]:
        """What declared commands and the suite get on top of their own environment."""
        full = commands.environment({}, self._task.selection, self.site.engine)
        return {name: value for name, value in full.items() if value}

    @property
    def ready(self) -> bool:
        """Whether every service was proven ready."""
        return self._wait is not None and all(one.state is State.READY for one in self._wait.readiness.values())

    @property
    def ended(self) -> tuple[str, ...]:
        """The one-shot services, which were proven by their end."""
        found = self._wait.readiness.items() if self._wait else ()
        return tuple(name for name, one in found if one.proof == ENDED)

    def remember(self) -> None:
        """Keep for later runs what the stack was that this run has proven good."""
        if self._wait is not None:
            self._task.last_good.keep(self._wait.containers)

    def run_commands(self, when: When) -> None:
        """Run the declared commands of one moment."""
        run_commands(when, self._task, self.site, self._ledger.record, self._progress)

    def claim(self) -> None:
        """Refuse to touch what is not ours, before declared commands can bring anything of the stack up themselves."""
        if self._settings.attach:
            self._custody.guard()
        if self._settings.attach or self._before is not None:
            return
        reused = self._settings.keep and self._settings.compose.project is None
        try:
            before = refuse_foreign(self.site.engine, self._task.project, reused=reused)
            self._custody.begin(self._task.project, before, reused=reused)
            self._before, self._found = before, self.site.containers()
        except InfragateError as error:
            self._record_unstarted(error)

    def start(self, *, proving: bool = True) -> None:
        """Bring the stack up (or look at the one that is) and wait until it is ready; ``proving``: ``prove`` follows."""
        self.claim()
        if self._before is None and not self._settings.attach:
            return
        callers = asking_services(self._task.planned.connectivity) if proving else frozenset[str]()
        look_s = weaker_look_s(self._settings)
        startup = Startup(self.site, self._progress, self._settings.timeout_s, look_s, callers)
        try:
            if self._settings.attach:
                self._attach(startup)
            else:
                self._bring_up(startup)
        except InfragateError as error:
            self._record_unstarted(error)

    def prove(self) -> None:
        """Prove edges and commands, and look a first time at stability and load."""
        if self._wait is not None:
            self._proving.prove(self._wait)

    def begin_suite(self) -> None:
        """Take note that the tests begin."""
        if self._wait is not None:
            self._proving.begin_suite()

    def prove_again(self, *, patient: bool) -> None:
        """Prove health once more, with everything that happened meanwhile, and judge the limits.

        ``patient``: wait for what is left of both windows.
        """
        if self._wait is not None:
            self._proving.prove_again(self._wait, patient=patient)

    @property
    def advice(self) -> tuple[Hint, ...]:
        """What could be better about the stack, as far as was measured."""
        return self._proving.advice(self._wait, started=not self._found) if self._wait is not None else ()

    def remove(self) -> None:
        """Take down what this run created, verify it, and say what is left; a kept or attached stack is looked at."""
        if self._known_proving is not None:
            self._known_proving.stop()
        try:
            self._ledger.record(removed := runner.evaluate(catalogue.stack_removed(), self._removed))
            self._custody.end(clean=removed.outcome is Outcome.PASSED or self.stays_up or self._settings.attach)
        finally:
            self.logs.stop()
            self.site.watch.stop()

    @property
    def stays_up(self) -> bool:
        """Whether the stack is kept: one that was proven or at least started, or that an earlier run had kept."""
        return self._settings.keep and not self._settings.attach and (self._wait is not None or bool(self._found))

    def how_to_remove(self) -> str:
        """Return the command that removes a kept stack."""
        return " ".join((*cli.PROGRAM[:2], "-p", self.site.stack.project, "down", "--volumes", "--remove-orphans"))

    def _record_unstarted(self, error: InfragateError) -> None:
        self._ledger.record(lifecycle.started_result(None, error))
        self._ledger.record_all(unstarted.service_results(self._task.project, error))

    def _bring_up(self, startup: Startup) -> None:
        self._watch()
        startup.build()
        since_ns = self.site.engine.clock.now_ns()

        def make_ready() -> None:
            proving = self._proving
            if self._task.log_files is not None:
                proving.begin(since_ns)

        started = startup.up(make_ready)
        self._wait = started.wait
        broken = [one for one in started.wait.containers if started.wait.failed(one.service)]
        explained = self._proving.explained(started.up)
        self._ledger.record(lifecycle.started_result(started.up, broken=broken, explained=explained))
        results = lifecycle.service_results(self._task.project, started.wait.containers, started.up)
        self._proving.started(started.wait, results)

    def _watch(self) -> None:
        self.site.watch.start()
        self.logs.start()

    def _attach(self, startup: Startup) -> None:
        self._found = self.site.containers()
        if not self._found:
            raise EngineError(
                f"--infragate-attach: project {self.site.stack.project} has no containers on this engine; start the "
                "stack first, or name its project with --infragate-project"
            )
        self._watch()
        outdated = self.site.stack.pending()
        self._wait = startup.watch_running()
        self._ledger.record(lifecycle.started_result(Completed((), 0, "", "", 0.0)))
        results = lifecycle.attached_results(self._task.project, self._wait.containers, outdated)
        self._proving.started(self._wait, results)

    def _removed(self) -> CheckResult:
        try:
            self.site.inside.close()
        except InfragateError:
            self._down()  # What is left of the helpers is told; the stack goes even so.
            raise
        return self._down()

    def _down(self) -> CheckResult:
        if self._settings.attach:
            return lifecycle.attached_result(self._found, self.site.containers())
        if self._before is None:
            return lifecycle.removed_result(None, ())
        if self.stays_up:
            if self._known_proving is not None:
                self._known_proving.put_all_back()
            before = self._wait.containers if self._wait else self._found
            return lifecycle.kept_result(before, self.site.containers(), self.how_to_remove())
        self._progress.phase("taking the stack down")
        return take_down(self.site, self._before)
