"""Judges the health of a proven stack again, by the engine's events and by the tests that ran meanwhile."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from .. import catalogue, runner
from ..gates import health
from ..gates.outages import Outages
from ..gates.readiness import Look
from ..gates.recheck import Aftermath, recheck
from ..gates.waiting import Wait
from ..results import CheckResult
from ..stack.event import HEALTHY
from ..stack.interruptions import Journal
from ..stack.state import ContainerState
from ..timeline import Timeline
from .site import Site
from .storyteller import Storyteller

OwnTestsOf = Callable[[Sequence[ContainerState]], frozenset[str]]
"""Returns the ids of the containers whose own healthcheck test passes."""


class Rechecking:
    """What is asked again of one stack; ``first`` must come before the first test."""

    def __init__(self, site: Site, stories: Storyteller, journal: Journal, timeline: Timeline) -> None:
        self._site = site
        self._stories = stories
        self._journal = journal
        self._timeline = timeline
        self._known = 0

    def first(self, wait: Wait) -> tuple[CheckResult, ...]:
        """Return how the services are a moment after the proof; nothing where nothing has happened to them since.

        Whose own test has passed a moment ago need not pass it again.
        """
        watch = self._site.watch
        watch.catch_up()
        # Whatever comes after this came after the proof, even where the engine's clock was set back since.
        self._known = watch.count
        happened = any(one.time >= wait.at and one.action != HEALTHY for one in watch.events())
        if not happened and not watch.gaps:
            return ()
        return self.health(wait, lambda containers: frozenset(state.id for state in containers))

    def health(self, wait: Wait, own_tests: OwnTestsOf) -> tuple[CheckResult, ...]:
        """Return for each service whether it was healthy from the moment of the proof until now."""
        checks = [catalogue.service_stayed_healthy(name) for name in self._site.roles]
        return runner.evaluate_all(checks, lambda: self._judge(wait, own_tests))

    def watch(self, wait: Wait) -> tuple[CheckResult, ...]:
        """Return whether everything was seen that happened since the proof."""
        watch = self._site.watch
        return (
            runner.evaluate(catalogue.watch_complete(), lambda: health.watch_result(watch.gaps, watch.count, wait)),
        )

    def outages(self) -> Outages:
        """Return what tests have interrupted on purpose so far, by our clock, and who needs whom."""
        return Outages(self._journal.read(), self._stories.needs())

    def _judge(self, wait: Wait, own_tests: OwnTestsOf) -> Sequence[CheckResult]:
        self._site.watch.catch_up()
        clock = self._site.engine.clock
        containers = self._site.containers()
        passed = own_tests(containers)
        after = Aftermath(
            containers,
            self._site.watch.events(),
            tuple(map(clock.there, self._journal.read())),
            self._stories.needs(),
            lambda moment: self._timeline.at(*clock.here(moment)),
            self._known,
        )
        look = Look(
            self._site.listening,
            self._site.probe,
            lambda _state: math.inf,
            silent=self._site.silent,
            own_test=lambda state: state.id in passed,
        )
        results = recheck(self._site.roles, wait, after, look, self._site.logs)
        return self._stories.again(results, wait, containers)
