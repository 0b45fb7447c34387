"""What the samples of containers say: CPU, memory, processes and what the kernel counts; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from ..stack.sampling import PhasedSample, Series
from ..stack.stats import Sample
from .measures import Asked, Measurements, Readings, per_container

_NANO = 1e9
_BUSY = ("startup", "suite")


def _chosen(series: Series, asked: Asked) -> list[Sample]:
    return [sample for phase, sample in series.samples if phase in asked.phases]


def _steps(samples: Sequence[PhasedSample], asked: Asked) -> Iterator[tuple[Sample, Sample]]:
    """Return neighbours whose later one is in the phases; a counter that fell began anew and tells nothing.

    A step that begins in a busier phase that is not asked for, start-up or suite, is left out: it would be taken for idle.
    """
    for (begun, earlier), (phase, later) in pairwise(samples):
        alone = begun in asked.phases or begun not in _BUSY
        goes_on = later.time > earlier.time and later.cpu_total_ns >= earlier.cpu_total_ns
        if phase in asked.phases and alone and goes_on:
            yield earlier, later


def _sampled(measured: Measurements, asked: Asked, values_of: Callable[[Series], list[float]]) -> Readings:
    """Return readings of one value per sample."""
    each = [values_of(series) for series in measured.series.get(asked.service, ())]
    return Readings(
        values=tuple(value for values in each for value in values),
        lasts=tuple(values[-1] for values in each if values),
        seconds=span(measured, asked),
        sampled=True,
        trouble=_holes(measured, asked),
    )


def span(measured: Measurements, asked: Asked) -> float:
    """Return the seconds between the first and the last sample."""
    times = [sample.time for series in measured.series.get(asked.service, ()) for sample in _chosen(series, asked)]
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
    """Return the CPU use between two samples against the limit, else against all cores."""

    def values(series: Series) -> list[float]:
        limit = series.container.nano_cpus / _NANO
        return [
            (later.cpu_total_ns - earlier.cpu_total_ns)
            / _NANO
            / (later.time - earlier.time)
            / (limit or later.online_cpus)
            for earlier, later in _steps(series.samples, asked)
        ]

    return _sampled(measured, asked, values)


def cpu_throttled(measured: Measurements, asked: Asked) -> Readings:
    """Return the share of periods between two samples in which the limit held the container back."""

    def values(series: Series) -> list[float]:
        return [_throttled(earlier, later) for earlier, later in _steps(series.samples, asked)]

    return _sampled(measured, asked, values)


def _throttled(earlier: Sample, later: Sample) -> float:
    """Return the share of scheduling periods that were cut; without a limit, or idle, there are none to cut."""
    periods = later.periods - earlier.periods
    return (later.throttled_periods - earlier.throttled_periods) / periods if periods > 0 else 0.0


def memory_growth(measured: Measurements, asked: Asked) -> Readings:
    """Return the working set of each sample less that of the first one; its rate is per second."""

    def values(series: Series) -> list[float]:
        samples = _chosen(series, asked)
        return [float(sample.memory_working_set - samples[0].memory_working_set) for sample in samples]

    grown = _sampled(measured, asked, values)
    return Readings(grown.values, grown.lasts, sum(grown.lasts), grown.seconds, grown.seconds, True, grown.trouble)


def counter(of: Callable[[Sample], int]) -> Callable[[Measurements, Asked], Readings]:
    """Return the meter of something that each sample has counted since the container's start."""

    def meter(measured: Measurements, asked: Asked) -> Readings:
        totals = []
        for series in measured.series.get(asked.service, ()):
            steps = tuple(_steps(series.samples, asked))
            if steps:
                totals.append(float(sum(max(of(later) - of(earlier), 0) for earlier, later in steps)))
        seconds = span(measured, asked)
        return per_container(totals, seconds, _holes(measured, asked))

    return meter
