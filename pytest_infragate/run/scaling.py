"""Scales services as the settings want it, proves what comes of it, and puts back what stood before."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial

from .. import runner
from ..gates import scaling
from ..gates.scaling import PlannedScaling
from ..progress import Progress
from ..results import CheckResult
from ..stack.interruptions import Journal
from ..stack.replicas import withdraw
from ..stack.state import ContainerState
from .site import Site
from .trial import Attempt, ill, not_as_before

_ACTION = "scale"
"""What the trial is called where what is meant to happen to services is written down."""


class Scaling:
    """The trials of one run, one service at a time; ``put_all_back`` must be called where one may have been cut short.

    ``first_look_s``: how long a container without a healthcheck must be seen running.
    """

    def __init__(
        self,
        site: Site,
        planned: Sequence[PlannedScaling],
        journal: Journal,
        progress: Progress,
        first_look_s: float,
        *,
        attached: bool = False,
    ) -> None:
        self._site = site
        self._planned = planned
        self._attached = attached
        self._journal = journal
        self._progress = progress
        self._first_look_s = first_look_s
        self._standing: dict[str, frozenset[str]] = {}
        """The ids of the containers that stood before, by service, while a trial is under way."""

    def results(self) -> Iterator[CheckResult]:
        """Try every service, and yield what is proven of it; nothing is altered of a stack that was attached to."""
        for planned in self._planned:
            if self._attached:
                yield from scaling.left_alone(planned, scaling.ATTACHED.format(service=planned.service))
                continue
            if planned.refusals:
                yield from scaling.refused(planned)
                continue
            self._progress.phase(f"scaling {planned.service} to {planned.wish.replicas} containers")
            begun = time.monotonic()
            results, trouble = runner.attempt(partial(self._tried, planned))
            first, *limits = results or scaling.left_alone(planned, trouble)
            yield first.lasting(time.monotonic() - begun)
            yield from limits

    def put_all_back(self) -> None:
        """Remove what a trial that was cut short has added. Raises EngineError."""
        for service in tuple(self._standing):
            self._put_back(service)

    def _tried(self, planned: PlannedScaling) -> tuple[CheckResult, ...]:
        standing = self._of(planned.service)
        reason = ill(planned, standing)
        key = None if reason else self._journal.begin(planned.service, _ACTION)
        if key is None:
            reason = reason or "something else was still being done to it on purpose"
            return scaling.left_alone(planned, f"{planned.service} was not scaled: {reason}")
        attempt = Attempt(self._site, planned, standing, self._progress, self._first_look_s)
        self._standing[planned.service] = frozenset(state.id for state in standing)
        try:
            attempt.carry_out()
        finally:
            seconds = self._put_back(planned.service)
            changed = not_as_before(standing, self._of(planned.service))
            self._journal.end(key)
        attempt.end(seconds, changed)
        return scaling.judge(planned, attempt.seen)

    def _put_back(self, service: str) -> float:
        """Remove the containers of a service that were not there before; return how long that took in seconds."""
        begun = time.monotonic()
        known = self._standing[service]
        withdraw(self._site.engine, [state for state in self._of(service) if state.id not in known])
        del self._standing[service]
        return time.monotonic() - begun

    def _of(self, service: str) -> tuple[ContainerState, ...]:
        return tuple(state for state in self._site.containers() if state.service == service)
