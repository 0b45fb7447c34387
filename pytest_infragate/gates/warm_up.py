"""What a service does right after its proof is left out of its rates and times; pure.

Caches are empty then, code is compiled and connections are opened, so the first seconds are not what the others will be.
How full something is counts from the first moment: the memory that a service takes while it warms up can end it as well.
"""

from __future__ import annotations

from dataclasses import replace

from ..limits import REQUEST_METRICS
from ..settings import PerformanceSettings
from .measures import Measurements

WARMED = frozenset({"cpu.ratio", "cpu.throttled", "memory.growth", *REQUEST_METRICS})
"""The metrics from which the warm-up is left out."""
_SHARE = 1 / 5
_LONGEST_DEFAULT_S = 5.0


def length_s(settings: PerformanceSettings) -> float:
    """Return how long the warm-up lasts, in seconds: by default a fifth of the window, at most 5 s.

    A share, because a short window would else hold nothing but the warm-up; bounded, because a long one is there for the samples.
    """
    if settings.warm_up_s is not None:
        return settings.warm_up_s
    return min(settings.window_s * _SHARE, _LONGEST_DEFAULT_S)


def left_out(measured: Measurements, service: str) -> Measurements:
    """Return what was measured of a service without its warm-up; what came before the proof stays, as its own phase."""
    warm = measured.warm
    series = tuple(
        replace(one, samples=tuple(pair for pair in one.samples if pair[0] == "startup" or pair[1].time >= warm.engine))
        for one in measured.series.get(service, ())
    )
    requests = tuple(one for one in measured.requests.get(service, ()) if one.time >= warm.here)
    return replace(measured, series={service: series}, requests={service: requests})
