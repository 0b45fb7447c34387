"""Proves a stack that stands: its edges, a first look, the suite's company, everything again, and its limits.

``live`` loads this, and with it the greater part of what a run of a stack is made of, while Compose starts the stack.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from .. import runner
from ..advice.hint import Hint
from ..gates import connectivity, crowding, performance
from ..gates.live import LiveStack
from ..gates.measures import Measurements
from ..gates.readiness import ENDED, State
from ..gates.waiting import Wait
from ..ledger import Ledger
from ..process import Completed
from ..progress import Progress
from ..results import CheckResult, Outcome
from ..settings import When
from ..stack.interruptions import Journal
from ..timeline import Timeline
from .advising import advised
from .assignment import Assignment
from .commanding import run_commands
from .log_watch import LogWatch
from .measuring import ByService, Measuring, connect_times
from .rechecking import Rechecking
from .scaling import Scaling
from .site import Site
from .startup import weaker_look_s
from .storyteller import Storyteller
from .windows import Windows, sleep


class Proving:
    """Answers the checks of one stack in one run; ``stop`` must be called whatever happened before."""

    def __init__(
        self,
        task: Assignment,
        site: Site,
        logs: LogWatch,
        ledger: Ledger,
        progress: Progress,
        journal: Journal,
        timeline: Timeline,
    ) -> None:
        self._task = task
        self._site = site
        self._logs = logs
        self._ledger = ledger
        self._progress = progress
        self._stories = Storyteller(site, task.planned.connectivity, task.last_good)
        limits, settings = task.planned.limits, task.settings
        self._windows = Windows(site, settings, limits, task.comparing)
        self._rechecking = Rechecking(site, self._stories, journal, timeline)
        further, asked, meant = task.comparing.metrics, settings.performance, self._rechecking.outages
        self._measuring = Measuring(site, logs, limits, asked, self._windows.warm_up_s, further, meant)
        look_s = weaker_look_s(settings)
        self._scaling = Scaling(site, task.planned.scaling, journal, progress, look_s, attached=settings.attach)

    def begin(self, since_ns: int) -> None:
        """Begin to measure; ``since_ns`` is the engine's time at which the start began."""
        self._measuring.begin(since_ns)

    def started(self, wait: Wait, results: Sequence[CheckResult]) -> None:
        """Answer whether each service was started (``results``) and is ready."""
        self._ledger.record_all(self._stories.ready(wait, results))

    def explained(self, up: Completed) -> str:
        """Return what the engine's networks say of a start that failed; empty where that is nothing."""
        return crowding.explain(self._site.engine, up)

    def prove(self, wait: Wait) -> None:
        """Prove edges and commands, and look a first time at stability and load."""
        self._measuring.ready(wait)
        self._measuring.start(self._prove_edges(wait))
        self._run_commands(When.AFTER_UP)
        self._first_look(wait)

    def begin_suite(self) -> None:
        """Take note that the tests begin."""
        self._measuring.begin_suite()

    def prove_again(self, wait: Wait, *, patient: bool) -> None:
        """Prove health once more, with everything that happened meanwhile, and judge the limits.

        ``patient``: wait for what is left of both windows.
        """
        self._measuring.end_suite()
        if patient:
            self._windows.wait_out(wait, self._measuring, self._progress)
        # A suite that was short because a test failed must not close an open gate for want of samples.
        self._windows.wait_for_samples(self._measuring)
        if patient:
            self._windows.measure_undecided(self._measuring, self._progress)
        self._run_commands(When.AFTER_TESTS)
        self._scale(wait)
        self._record_new(self._rechecking.health(wait, self._site.pass_own_tests))
        self._record_new(self._rechecking.watch(wait))
        self._record_new(self._logs.final_results(wait))
        self._measuring.finish()
        self._record_new(self._limits(wait))

    def advice(self, wait: Wait, *, started: bool) -> tuple[Hint, ...]:
        """Return what could be better about the stack, as far as was measured; ``started``: whether this run did that."""
        return advised(self._site, wait, self._measuring.series, started=started)

    def put_all_back(self) -> None:
        """Remove what a trial of scaling that was cut short has added. Raises ``EngineError``."""
        self._scaling.put_all_back()

    def stop(self) -> None:
        """End the measuring at once."""
        self._measuring.stop()

    def _run_commands(self, when: When) -> None:
        run_commands(when, self._task, self._site, self._ledger.record, self._progress)

    def _prove_edges(self, wait: Wait) -> ByService:
        """Prove every edge; return how long the connects took."""
        self._progress.phase("asking from inside every caller whether it reaches what it needs")
        live, planned = _live_stack(wait), self._task.planned.connectivity
        targets = {edge.check.key: edge.target for edge in planned.edges if edge.must_be_open}

        def record(result: CheckResult) -> None:
            self._ledger.record(result)
            if result.outcome is Outcome.PASSED and result.check.key in targets:
                self._measuring.note_connect(targets[result.check.key])

        results = connectivity.evaluate(planned, live, self._site.inside, record)
        return connect_times(planned, results)

    def _first_look(self, wait: Wait) -> None:
        """Watch for a moment; only what is already broken for good is answered here."""
        sleep(self._windows.first_look_s(wait))
        results = (*self._rechecking.first(wait), *self._logs.results(wait))
        self._ledger.record_all(one for one in results if one.outcome is Outcome.FAILED)
        measured = self._measuring.measured(wait.containers)
        self._ledger.record_all(performance.early_verdict(self._task.planned.limits, measured))

    def _scale(self, wait: Wait) -> None:
        """Try the services that are to be scaled; what was measured of the stack as declared is judged before."""
        if self._task.planned.scaling:
            self._measuring.finish()
            self._logs.catch_up()
            self._record_new(self._limits(wait))
            self._record_new(self._scaling.results())

    def _limits(self, wait: Wait) -> tuple[CheckResult, ...]:
        """Hold what was measured against limits and recorded runs."""
        planned = self._task.planned.limits

        @cache
        def measured() -> Measurements:
            return self._measuring.measured(self._site.containers())

        def changes(service: str) -> str:
            return self._task.last_good.changes(service, wait.containers)

        held = runner.evaluate_all([one.check for one in planned], lambda: performance.evaluate(planned, measured()))
        return (*held, *self._task.comparing.results(measured, changes))

    def _record_new(self, results: Iterable[CheckResult]) -> None:
        self._ledger.record_all(result for result in results if result.check.key not in self._ledger.keys)


def _live_stack(wait: Wait) -> LiveStack:
    """Return what connectivity is told of a stack that was waited for."""
    readiness = wait.readiness
    return LiveStack(
        wait.containers,
        {name: one.message for name, one in readiness.items() if one.state is not State.READY},
        frozenset(name for name, one in readiness.items() if one.proof == ENDED),
    )
