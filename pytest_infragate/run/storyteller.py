"""Says of the services of the running stack that failed why: gathers logs, events and changes for their stories."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from ..gates import health, stories
from ..gates.edge_plan import ConnectivityPlan
from ..gates.stories import Clues
from ..gates.waiting import Wait
from ..recall.memory import LastGood
from ..results import CheckResult, Outcome
from ..stack.event import StackEvent
from ..stack.state import ContainerState
from .site import Site


@dataclass(frozen=True)
class Storyteller:
    """Tells of one stack; ``last_good`` knows what it was when it was last proven good."""

    site: Site
    edges: ConnectivityPlan
    last_good: LastGood

    def ready(self, wait: Wait, started: Sequence[CheckResult]) -> list[CheckResult]:
        """Return ``started``, and whether each service is ready; failures that explain others come first."""
        return health.explained(started, dict(self.site.roles), wait, self._clues(wait))

    def again(
        self, results: Sequence[CheckResult], wait: Wait, containers: Sequence[ContainerState]
    ) -> list[CheckResult]:
        """Return whether each service stayed healthy since the proof, told in the same way."""
        clues = self._clues(wait, since=wait.at)
        broken = [result for result in results if result.outcome is Outcome.FAILED]
        troubles = [stories.trouble(result, containers, clues) for result in broken]
        return stories.explain(results, troubles, containers, clues)

    def needs(self) -> dict[str, frozenset[str]]:
        """Return the services that each service calls or waits for."""
        needs: dict[str, set[str]] = {name: {one for one, _ in role.needs} for name, role in self.site.roles.items()}
        for edge in self.edges.edges:
            if edge.must_be_open:
                needs.setdefault(edge.source, set()).add(edge.target)
        return {name: frozenset(found) for name, found in needs.items()}

    def _clues(self, wait: Wait, since: datetime.datetime | None = None) -> Clues:
        """Return where the story of a failed service is taken from; its events count from ``since``."""

        def events(service: str) -> tuple[StackEvent, ...]:
            return tuple(one for one in self.site.watch.events(service) if since is None or one.time >= since)

        def changes(service: str) -> str:
            return self.last_good.changes(service, wait.containers)

        return Clues(stories.remembered(self.site.logs), events, changes, self.needs())
