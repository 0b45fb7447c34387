"""What the samples of containers say: CPU, memory, processes and what the kernel counts; pure."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from ..stack.sampling import PhasedSample, Series
from ..stack.stats import Sample, began_anew
from .measures import BUSY, Asked, Measurements, Readings, per_container

_NANO = 1e9
_SHORTEST_LOOK_S = 0.25
"""Two periods of the scheduler (100 ms, as engines set them) and a half."""
_FEWEST_FOR_A_LINE = 2


def _chosen(series: Series, asked: Asked) -> list[Sample]:
    """Return the samples of the phases, in order; one at the border of two of them is one sample."""
    return list({sample.time: sample for phase, sample in series.samples if phase in asked.phases}.values())


def _steps(samples: Sequence[PhasedSample], asked: Asked) -> Iterator[tuple[Sample, Sample]]:
    """Return neighbours whose later one is in the phases; a counter that fell began anew and tells nothing.

    A step that begins in a busier phase that is not asked for, start-up or suite, is left out: it would be taken for idle.
    """
    for (begun, earlier), (phase, later) in pairwise(samples):
        alone = begun in asked.phases or begun not in BUSY
        if phase in asked.phases and alone and later.time > earlier.time and not began_anew(earlier, later):
            yield earlier, later


def _looks(samples: Sequence[PhasedSample], asked: Asked) -> Iterator[tuple[Sample, Sample]]:
    """Return the steps over which a share of time means something: a shorter one goes on to the end of the next.

    Where a phase begins, two samples may be milliseconds apart: no period of the scheduler ends in between.
    """
    begun = last = None
    for earlier, later in _steps(samples, asked):
        begun = begun if begun and last is earlier else earlier
        last = later
        if later.time - begun.time >= _SHORTEST_LOOK_S:
            yield begun, later
            begun = None


def _sampled(measured: Measurements, asked: Asked, values_of: Callable[[Series], list[float]]) -> Readings:
    """Return readings of one value per sample."""
    every = [_of_one(series, asked, tuple(values_of(series))) for series in measured.series.get(asked.service, ())]
    return Readings(
        values=tuple(value for one in every for value in one.values),
        lasts=tuple(value for one in every for value in one.lasts),
        seconds=span(measured, asked),
        sampled=True,
        trouble=_holes(measured, asked),
        each=tuple(every) if len(every) > 1 else (),
    )


def _of_one(series: Series, asked: Asked, values: tuple[float, ...]) -> Readings:
    seconds = _seconds(_chosen(series, asked))
    return Readings(values, values[-1:], seconds=seconds, sampled=True, container=series.container.name)


def span(measured: Measurements, asked: Asked) -> float:
    """Return the seconds between the first and the last sample."""
    return _seconds([sample for series in measured.series.get(asked.service, ()) for sample in _chosen(series, asked)])


def _seconds(samples: Sequence[Sample]) -> float:
    times = [sample.time for sample in samples]
    return max(times) - min(times) if times else 0.0


def _holes(measured: Measurements, asked: Asked) -> str:
    """Say whether so many samples are missing that the others prove nothing."""
    if measured.trouble:
        return measured.trouble
    for series in measured.series.get(asked.service, ()):
        rounds = sum(series.rounds.get(phase, 0) for phase in asked.phases)
        misses = sum(series.misses.get(phase, 0) for phase in asked.phases)
        if misses * 2 > rounds:
            return f"{series.container.name} gave no statistics in {misses} of {rounds} rounds"
    return ""


def gauge(of: Callable[[Sample], float]) -> Callable[[Measurements, Asked], Readings]:
    """Return the meter of something that each sample holds."""

    def meter(measured: Measurements, asked: Asked) -> Readings:
        return _sampled(measured, asked, lambda series: [of(sample) for sample in _chosen(series, asked)])

    return meter


def memory_ratio(sample: Sample) -> float:
    """Return the working set against the limit; 1 where the engine tells none."""
    return sample.memory_working_set / sample.memory_limit if sample.memory_limit else 1.0


def cpu_ratio(measured: Measurements, asked: Asked) -> Readings:
    """Return the CPU use between two samples against the limit, else against all cores that it may use."""

    def values(series: Series) -> list[float]:
        state = series.container
        limit = min((cores for cores in (state.nano_cpus / _NANO, state.bound_cpus) if cores), default=0)
        return [
            (later.cpu_total_ns - earlier.cpu_total_ns)
            / _NANO
            / (later.time - earlier.time)
            / (limit or later.online_cpus)
            for earlier, later in _looks(series.samples, asked)
        ]

    return _sampled(measured, asked, values)


def cpu_throttled(measured: Measurements, asked: Asked) -> Readings:
    """Return the share of periods between two samples in which the limit held the container back."""

    def values(series: Series) -> list[float]:
        return [_throttled(earlier, later) for earlier, later in _looks(series.samples, asked)]

    return _sampled(measured, asked, values)


def _throttled(earlier: Sample, later: Sample) -> float:
    """Return the share of scheduling periods that were cut; without a limit, or idle, there are none to cut."""
    periods = later.periods - earlier.periods
    return (later.throttled_periods - earlier.throttled_periods) / periods if periods > 0 else 0.0


def memory_growth(measured: Measurements, asked: Asked) -> Readings:
    """Return the working set of each sample less that of the first one; its rate is in bytes per second."""

    def values(series: Series) -> list[float]:
        samples = _chosen(series, asked)
        return [float(sample.memory_working_set - samples[0].memory_working_set) for sample in samples]

    grown = _sampled(measured, asked, values)
    slopes = [_slope(_chosen(series, asked)) for series in measured.series.get(asked.service, ())]
    each = tuple(_rising(one, slope) for one, slope in zip(grown.each, slopes if grown.each else (), strict=True))
    return replace(_rising(grown, sum(slopes)), each=each)


def _rising(readings: Readings, slope: float) -> Readings:
    return replace(readings, count=slope * readings.seconds, per=readings.seconds)


def _slope(samples: Sequence[Sample]) -> float:
    """Return the bytes per second of the line that fits all samples best: no single one decides, nor do first and last."""
    times = [sample.time for sample in samples]
    if len(set(times)) < _FEWEST_FOR_A_LINE:
        return 0.0
    return statistics.linear_regression(times, [float(sample.memory_working_set) for sample in samples]).slope


def counter(of: Callable[[Sample], int | None], unknown: str = "") -> Callable[[Measurements, Asked], Readings]:
    """Return the meter of something that the kernel counts; ``unknown`` says why a sample may not hold it."""

    def meter(measured: Measurements, asked: Asked) -> Readings:
        each = [_increases(series, asked, of) for series in measured.series.get(asked.service, ())]
        known = [[one for one in increases if one is not None] for increases in each]
        trouble = _holes(measured, asked) or (unknown if known != each else "")
        return per_container([float(sum(one)) for one in known if one], span(measured, asked), trouble)

    return meter


def _increases(series: Series, asked: Asked, of: Callable[[Sample], int | None]) -> list[int | None]:
    """Return by how much a counter rose from sample to sample; one that began anew, with the container, rose from 0."""
    found: list[int | None] = []
    if series.from_start and series.samples and series.samples[0][0] in asked.phases:
        found.append(of(series.samples[0][1]))
    for (begun, earlier), (phase, later) in pairwise(series.samples):
        alone = begun in asked.phases or begun not in BUSY
        if phase in asked.phases and alone and later.time > earlier.time:
            before, now = of(earlier), of(later)
            start = 0 if began_anew(earlier, later) else before
            found.append(None if now is None or start is None else max(now - start, 0))
    return found


def network(of: Callable[[Sample], int]) -> Callable[[Measurements, Asked], Readings]:
    """Return the meter of something that is counted on a container's own interfaces."""
    meter = counter(of)

    def own(measured: Measurements, asked: Asked) -> Readings:
        if any(one.container.network_mode == "host" for one in measured.series.get(asked.service, ())):
            return Readings(trouble="it has no network of its own, but that of the engine's machine")
        return meter(measured, asked)

    return own
