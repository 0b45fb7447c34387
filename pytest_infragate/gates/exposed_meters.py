"""What services tell of themselves, as numbers that a limit can be held against; pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ..probes.scraping import SCRAPE_S, Exposed, ExposedSeries, Fetches
from .measures import BUSY, Asked, Measurements, Readings


def exposed(metric: str, measured: Measurements, asked: Asked) -> Readings:
    """Return every value of every series that fits; ``count`` and ``rate``: by how much counters rose, all together."""
    told = measured.exposed.get(asked.service)
    if told is None:
        return Readings(sampled=True, trouble="nobody has asked for it (performance.metrics)")
    series = told.series.get(metric, ())
    each = [[value for _, phase, value in one.points if phase in asked.phases] for one in series]
    seconds = _span(told, series, asked)
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
    for one in told.fetches:
        looks = sum(one.looks.get(phase, 0) for phase in asked.phases)
        failures = sum(one.failures.get(phase, 0) for phase in asked.phases)
        gone = sum(one.gone.get((metric, phase), 0) for phase in asked.phases)
        if failures * 2 > looks:
            return f"it could not be fetched from {one.container} {failures} of {looks} times: {one.trouble}"
        if (failures + gone) * 2 > looks:
            return f"{one.container} told it at first, and did not in {gone} of {looks} looks"
    if metric in told.series and max((len(_moments(one, asked)) for one in told.fetches), default=0) == 1:
        return f"it was fetched only once; it is fetched every {SCRAPE_S:g} s"
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


def _moments(fetches: Fetches, asked: Asked) -> list[float]:
    return [time for time, phase in fetches.told if phase in asked.phases]


def _span(told: Exposed, series: tuple[ExposedSeries, ...], asked: Asked) -> float:
    """Return the seconds between the first and the last look, whether or not the series was there yet."""
    times = [time for one in series for time, phase, _ in one.points if phase in asked.phases]
    times += [moment for one in told.fetches for moment in _moments(one, asked)]
    return max(times) - min(times) if times else 0.0
