"""What a service was seen to use, from the samples of its containers; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..stack.sampling import PhasedSample, Series
from ..stack.stats import Sample

SUITE = "suite"
_NANO = 1e9


@dataclass(frozen=True)
class Usage:
    """The peaks of one service over all of its containers and the whole run; sizes in bytes, 0 where there is no limit."""

    samples: int
    """Of the container that has the fewest."""
    suite_samples: int
    """The same, while the tests ran."""
    seconds: float
    """Between the first sample and the last one."""
    memory_peak: int
    memory_limit: int
    cores_peak: float
    """Processors in use, over about a second."""
    cores_limit: float
    throttled: float
    """Share of the scheduling periods in which the CPU limit held it back."""
    pids_peak: int
    pids_limit: int


def usage(series: Sequence[Series]) -> Usage | None:
    """Return what one service was seen to use, nothing where nobody has looked."""
    sampled = [one for one in series if one.samples]
    if not sampled or len(sampled) < len(series):
        return None
    samples = [sample for one in sampled for _, sample in one.samples]
    steps = [step for one in sampled for step in _steps(one.samples)]
    times = [sample.time for sample in samples]
    first = sampled[0].container
    return Usage(
        samples=min(len(_moments(one.samples)) for one in sampled),
        suite_samples=min(len(_moments([at for at in one.samples if at[0] == SUITE])) for one in sampled),
        seconds=max(times) - min(times),
        memory_peak=max(sample.memory_working_set for sample in samples),
        memory_limit=first.memory_limit,
        cores_peak=max((_cores(*step) for step in steps), default=0.0),
        cores_limit=first.nano_cpus / _NANO,
        throttled=_throttled(steps),
        pids_peak=max(sample.pids for sample in samples),
        pids_limit=first.pids_limit,
    )


def by_second(series: Mapping[str, Sequence[Series]]) -> dict[int, dict[str, float]]:
    """Return the processors that each service has used in each second, by second since 1970."""
    found: defaultdict[int, dict[str, float]] = defaultdict(dict)
    for service, several in series.items():
        for one in several:
            for earlier, later in _steps(one.samples):
                second = found[int(later.time)]
                second[service] = second.get(service, 0.0) + _cores(earlier, later)
    return dict(found)


def _moments(samples: Sequence[PhasedSample]) -> set[float]:
    """Return when was looked; one sample at the border of two phases is one."""
    return {sample.time for _, sample in samples}


def _steps(samples: Sequence[PhasedSample]) -> Iterator[tuple[Sample, Sample]]:
    """Yield neighbours; a counter that fell began anew and tells nothing."""
    for (_, earlier), (_, later) in pairwise(samples):
        if later.time > earlier.time and later.cpu_total_ns >= earlier.cpu_total_ns:
            yield earlier, later


def _cores(earlier: Sample, later: Sample) -> float:
    return (later.cpu_total_ns - earlier.cpu_total_ns) / _NANO / (later.time - earlier.time)


def _throttled(steps: Sequence[tuple[Sample, Sample]]) -> float:
    periods = sum(later.periods - earlier.periods for earlier, later in steps)
    held = sum(later.throttled_periods - earlier.throttled_periods for earlier, later in steps)
    return held / periods if periods > 0 else 0.0
