"""What services tell of themselves, as numbers that a limit can be held against; pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ..probes.scraping import Exposed, ExposedSeries
from .measures import BUSY, Asked, Measurements, Readings


def exposed(metric: str, measured: Measurements, asked: Asked) -> Readings:
    """Return every value of every series that fits; ``count`` and ``rate``: by how much counters rose, all together."""
    told = measured.exposed.get(asked.service)
    if told is None:
        return Readings(sampled=True, trouble="nobody has asked for it (performance.metrics)")
    series = told.series.get(metric, ())
    each = [[value for _, phase, value in one.points if phase in asked.phases] for one in series]
    seconds = _span(series, asked)
    return Readings(
        values=tuple(value for values in each for value in values),
        lasts=tuple(values[-1] for values in each if values),
        count=sum(sum(_rises(one, asked)) for one in series),
        per=seconds,
        seconds=seconds,
        sampled=True,
        trouble=_trouble(metric, told, asked),
        uncountable="it is a gauge, which goes down as well" if any(one.is_gauge for one in series) else "",
    )


def _trouble(metric: str, told: Exposed, asked: Asked) -> str:
    looks = sum(told.looks.get(phase, 0) for phase in asked.phases)
    failures = sum(told.failures.get(phase, 0) for phase in asked.phases)
    if failures * 2 > looks:
        return f"it could not be fetched {failures} of {looks} times: {told.trouble}"
    return (
        told.missing.get(metric, "") if metric not in told.series or "more than" in told.missing.get(metric, "") else ""
    )


def _rises(series: ExposedSeries, asked: Asked) -> Iterator[float]:
    """Yield by how much a counter rose from look to look; one that fell began anew, at 0."""
    if series.from_zero and series.points[0][1] in asked.phases:
        yield series.points[0][2]
    for (_, begun, earlier), (_, phase, later) in pairwise(series.points):
        if phase in asked.phases and (begun in asked.phases or begun not in BUSY):
            yield later - earlier if later >= earlier else later


def _span(series: tuple[ExposedSeries, ...], asked: Asked) -> float:
    times = [time for one in series for time, phase, _ in one.points if phase in asked.phases]
    return max(times) - min(times) if times else 0.0
