"""One limit on a metric, as a value; ``limits`` has its notation."""

from __future__ import annotations

from dataclasses import dataclass

from .results import Location


@dataclass(frozen=True)
class Aggregation:
    """``min max avg med rate count last`` or ``p`` with its percentile."""

    name: str
    percentile: float | None = None

    def __str__(self) -> str:
        return self.name if self.percentile is None else f"p({self.percentile:g})"


@dataclass(frozen=True)
class Limit:
    """A limit in k6's notation, ``memory.ratio: max < 0.9``; ``bound`` in the metric's own unit (s, bytes, ratio, count)."""

    metric: str
    aggregation: Aggregation
    operator: str
    bound: float
    text: str
    """The limit as written, without its phase."""
    phase: str | None = None
    """``startup``, ``idle``, ``suite``; ``None``: idle and suite."""
    location: Location | None = None
