"""One stack in one run: started, proven, watched, proven again and removed; every step answers its planned checks."""

from __future__ import annotations

from collections.abc import Iterable

from .. import catalogue, runner
from ..advice.hint import Hint
from ..compose import cli
from ..compose.selection import Selection
from ..errors import EngineError, InfragateError
from ..gates import commands, connectivity, crowding, lifecycle, performance, unstarted
from ..gates.measures import Measurements
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
from .advising import advised
from .assignment import Assignment
from .commanding import run_commands
from .custody import Custody
from .ending import take_down
from .log_watch import LogWatch
from .measuring import ByService, Measuring, connect_times
from .rechecking import Rechecking
from .scaling import Scaling
from .site import asking_services
from .standing import live_stack, site_of
from .startup import Startup
from .storyteller import Storyteller
from .windows import Windows, sleep


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
        self._custody = Custody(engine, task.folder)
        self._before: Before | None = None
        self._found: tuple[ContainerState, ...] = ()
        self._wait: Wait | None = None
        stack = ComposeStack(task.selection, engine, task.environ)
        watch = EventWatch(engine, stack.project)
        self.logs = LogWatch(engine, watch, task.project, task.settings.logs, journal, task.log_files)
        self.site = site_of(task, engine, stack, watch, self.logs.last_lines)
        self._stories = Storyteller(self.site, task.planned.connectivity, task.last_good)
        limits = task.planned.limits
        self._windows = Windows(self.site, task.settings, limits, task.comparing)
        self._rechecking = Rechecking(self.site, self._stories, journal, timeline)
        further, asked, meant = task.comparing.metrics, task.settings.performance, self._rechecking.outages
        self._measuring = Measuring(self.site, self.logs, limits, asked, self._windows.warm_up_s, further, meant)
        look_s, attached = self._windows.weaker_look_s, task.settings.attach
        self._scaling = Scaling(self.site, task.planned.scaling, journal, progress, look_s, attached=attached)

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
        startup = Startup(self.site, self._progress, self._settings.timeout_s, self._windows.weaker_look_s, callers)
        try:
            if self._settings.attach:
                self._attach(startup)
            else:
                self._bring_up(startup)
        except InfragateError as error:
            self._record_unstarted(error)

    def prove(self) -> None:
        """Prove edges and commands, and look a first time at stability and load."""
        if self._wait is None:
            return
        self._measuring.ready(self._wait)
        connects = self._prove_edges(self._wait)
        self._measuring.start(connects)
        self.run_commands(When.AFTER_UP)
        self._first_look(self._wait, self._measuring)

    def begin_suite(self) -> None:
        """Take note that the tests begin."""
        if self._wait is not None:
            self._measuring.begin_suite()

    def prove_again(self, *, patient: bool) -> None:
        """Prove health once more, with everything that happened meanwhile, and judge the limits.

        ``patient``: wait for what is left of both windows.
        """
        if self._wait is None:
            return
        self._measuring.end_suite()
        if patient:
            self._windows.wait_out(self._wait, self._measuring, self._progress)
        # A suite that was short because a test failed must not close an open gate for want of samples.
        self._windows.wait_for_samples(self._measuring)
        if patient:
            self._windows.measure_undecided(self._measuring, self._progress)
        self.run_commands(When.AFTER_TESTS)
        self._scale()
        self._record_new(self._rechecking.health(self._wait, self.site.pass_own_tests))
        self._record_new(self._rechecking.watch(self._wait))
        self._record_new(self.logs.final_results(self._wait))
        self._measuring.finish()
        self._record_new(self._limits(self._measuring))

    def _scale(self) -> None:
        """Try the services that are to be scaled; what was measured of the stack as declared is judged before."""
        if self._task.planned.scaling:
            self._measuring.finish()
            self.logs.catch_up()
            self._record_new(self._limits(self._measuring))
            self._record_new(self._scaling.results())

    @property
    def advice(self) -> tuple[Hint, ...]:
        """What could be better about the stack, as far as was measured."""
        return advised(self.site, self._wait, self._measuring.series, started=not self._found)

    def remove(self) -> None:
        """Take down what this run created, verify it, and say what is left; a kept or attached stack is looked at."""
        self._measuring.stop()
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
        if self._task.log_files is not None:
            self._measuring.begin()
        started = startup.up()
        self._wait = started.wait
        broken = [one for one in started.wait.containers if started.wait.failed(one.service)]
        explained = crowding.explain(self.site.engine, started.up)
        self._ledger.record(lifecycle.started_result(started.up, broken=broken, explained=explained))
        results = lifecycle.service_results(self._task.project, started.wait.containers, started.up)
        self._ledger.record_all(self._stories.ready(started.wait, results))

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
        self._ledger.record_all(self._stories.ready(self._wait, results))

    def _prove_edges(self, wait: Wait) -> ByService:
        """Prove every edge; return how long the connects took."""
        self._progress.phase("asking from inside every caller whether it reaches what it needs")
        live, planned = live_stack(wait), self._task.planned.connectivity
        targets = {edge.check.key: edge.target for edge in planned.edges if edge.must_be_open}

        def record(result: CheckResult) -> None:
            self._ledger.record(result)
            if result.outcome is Outcome.PASSED and result.check.key in targets:
                self._measuring.note_connect(targets[result.check.key])

        results = connectivity.evaluate(planned, live, self.site.inside, record)
        return connect_times(planned, results)

    def _first_look(self, wait: Wait, measuring: Measuring) -> None:
        """Watch for a moment; only what is already broken for good is answered here."""
        sleep(self._windows.first_look_s(wait))
        results = (*self._rechecking.first(wait), *self.logs.results(wait))
        self._ledger.record_all(one for one in results if one.outcome is Outcome.FAILED)
        measured = measuring.measured(wait.containers)
        self._ledger.record_all(performance.early_verdict(self._task.planned.limits, measured))

    def _limits(self, measuring: Measuring) -> tuple[CheckResult, ...]:
        """Hold what was measured against limits and recorded runs."""
        planned, wait = self._task.planned.limits, self._wait

        def measured() -> Measurements:
            return measuring.measured(self.site.containers())

        def changes(service: str) -> str:
            return self._task.last_good.changes(service, wait.containers) if wait else ""

        held = runner.evaluate_all([one.check for one in planned], lambda: performance.evaluate(planned, measured()))
        return (*held, *self._task.comparing.results(measured, changes))

    def _record_new(self, results: Iterable[CheckResult]) -> None:
        self._ledger.record_all(result for result in results if result.check.key not in self._ledger.keys)

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
            self._scaling.put_all_back()
            before = self._wait.containers if self._wait else self._found
            return lifecycle.kept_result(before, self.site.containers(), self.how_to_remove())
        self._progress.phase("taking the stack down")
        return take_down(self.site, self._before)
