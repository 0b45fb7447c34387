"""How long a proven stack is watched: the windows of stability and load, most of which runs beside the suite."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ..gates import noise, performance, warm_up
from ..gates.limit_plan import PlannedLimit
from ..gates.meters import is_sampled
from ..gates.waiting import Wait
from ..progress import Progress
from ..settings import Settings
from ..stack.sampling import INTERVAL_S
from ..suggest import listed
from .comparing import Comparing
from .measuring import Measuring
from .site import Site

FIRST_LOOK_S = 0.1
"""How long the stack is watched before the first test; the rest of the windows runs beside the suite."""
SAMPLES_S = 15.0
"""How long is measured on after the windows where a test that stopped a service, or a busy machine, has cost samples."""
_TICK_S = 0.2


class Windows:
    """The windows of one run; no look is longer than the stability window. All times in seconds."""

    def __init__(
        self, site: Site, settings: Settings, limits: Sequence[PlannedLimit], comparing: Comparing | None = None
    ) -> None:
        self._site = site
        self._stable_for_s = settings.health.stable_for_s
        self._limits = tuple(limits)
        self._comparing = comparing or Comparing()
        chosen = settings.performance
        self.warm_up_s = warm_up.length_s(chosen)
        """How long rates and times are left out after the proof."""
        self._window_s = performance.window_s(limits, chosen.window_s, self.warm_up_s)
        self._idle_s = performance.idle_window_s(limits, chosen.window_s, self.warm_up_s)
        self._measure_on_s = chosen.measure_on_s

    def first_look_s(self, wait: Wait) -> float:
        """Return how much of the first look is still to come."""
        return self._stable_left_s(wait, min(self._stable_for_s, FIRST_LOOK_S))

    def left_s(self, wait: Wait, measuring: Measuring) -> float:
        """Return how much of the longest of the windows is still to come."""
        load_s = max(measuring.left_s(self._window_s), measuring.idle_left_s(self._idle_s))
        return max(load_s, self._stable_left_s(wait, self._stable_for_s))

    def wait_out(self, wait: Wait, measuring: Measuring, progress: Progress) -> None:
        """Wait for what is left of both windows."""
        left = self.left_s(wait, measuring)
        if left > 0:
            progress.phase(f"watching for another {left:.1f} s")
            sleep(left)

    def wait_for_samples(self, measuring: Measuring) -> None:
        """Measure on until every limit that can have enough samples has them; bounded."""
        metrics = {one.limit.metric for one in self._limits} | self._comparing.metrics
        if not any(map(is_sampled, metrics)):
            return
        deadline = time.monotonic() + SAMPLES_S
        while time.monotonic() < deadline:
            measured = measuring.measured(self._site.containers())
            if not (performance.lack_samples(self._limits, measured) or self._comparing.lacks_samples(measured)):
                return
            sleep(INTERVAL_S)

    def measure_undecided(self, measuring: Measuring, progress: Progress) -> None:
        """Measure on while results are within noise of their limits; bounded, with few looks (see ``gates.noise``)."""
        if not any(is_sampled(one.limit.metric) for one in self._limits):
            return
        deadline, tell = time.monotonic() + self._measure_on_s, progress.phase
        while (left := deadline - time.monotonic()) > 0:
            undecided = performance.undecided(self._limits, measuring.measured(self._site.containers()))
            if not undecided:
                return
            tell(f"measuring on for up to {left:.0f} s: {listed(sorted(undecided), 'and')} within noise")
            tell = progress.waiting
            sleep(min(max(self._measure_on_s / noise.LOOKS, INTERVAL_S), left))

    def _stable_left_s(self, wait: Wait, stable_for_s: float) -> float:
        if stable_for_s <= 0:
            return 0.0  # without a question to the engine
        return max(stable_for_s - (self._site.engine.now() - wait.at).total_seconds(), 0.0)


def sleep(seconds: float) -> None:
    """Wait for a window to pass, in short steps: a window is what is promised, so it is waited for in full."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        time.sleep(min(left, _TICK_S))
