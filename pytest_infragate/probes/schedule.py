"""When requests are due: at a steady rate, whatever becomes of the earlier ones ("open loop").

Whoever waits for an answer before the next request is sent asks least while a service is slowest, so that its percentiles
leave out what they are asked for: "coordinated omission" (Gil Tene, "How NOT to Measure Latency"; the same is why k6 has
``constant-arrival-rate`` and wrk2 a fixed rate; Schroeder, Wierman and Harchol-Balter, "Open Versus Closed: A Cautionary
Tale", NSDI 2006, show how far both are apart).
"""

from __future__ import annotations

import math


class Schedule:
    """Moments ``1 / rate`` seconds apart, from ``begun`` on; all times monotonic."""

    def __init__(self, rate: float, begun: float) -> None:
        self._period_s = 1 / rate
        self._begun = begun
        self._given = 0

    @property
    def next(self) -> float:
        """The next moment."""
        return self._begun + self._given * self._period_s

    def due(self, now: float) -> int:
        """Return how many moments have come since the last call; each is given once."""
        come = math.floor((now - self._begun) / self._period_s + 1e-9) + 1
        new, self._given = max(come - self._given, 0), max(come, self._given)
        return new
