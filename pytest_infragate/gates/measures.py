"""What was measured, metric by metric, as numbers that a limit can be held against; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import TypeVar

from ..probes.timing import TimedRequest
from ..stack.sampling import PhasedSample, Series
from ..stack.state import ContainerState
from ..stack.stats import Sample
from .log_tally import LogFlow

DEFAULT_PHASES = ("idle", "suite")
"""What a limit without a phase means."""
_NANO = 1e9
_Value = TypeVar("_Value")
_ByService = Mapping[str, tuple[_Value, ...]]


def _empty() -> Mapping[str, tuple[_Value, ...]]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Measurements:
    """Everything that was measured of a stack, by service; times in seconds, sizes in bytes."""

    containers: tuple[ContainerState, ...] = ()
    series: _ByService[Series] = field(default_factory=_empty)
    requests: _ByService[TimedRequest] = field(default_factory=_empty)
    startup_s: _ByService[float] = field(default_factory=_empty)
    """From the start of each container until it was ready."""
    connect_s: _ByService[float] = field(default_factory=_empty)
    """Connects of the callers to the service."""
    image_bytes: _ByService[int] = field(default_factory=_empty)
    logs: Mapping[str, LogFlow] = field(default_factory=lambda: MappingProxyType({}))
    trouble: str = ""
    """Why samples are missing as a whole, such as a sampler that died."""

    def states(self, service: str) -> tuple[ContainerState, ...]:
        """Return the containers of a service."""
        return tuple(state for state in self.containers if state.service == service)


@dataclass(frozen=True)
class Readings:
    """The numbers of one metric of one service over some phases.

    ``values`` are single samples (or one number per container), ``lasts`` the last of each container, ``count`` and
    ``per`` what ``count`` and ``rate`` need. ``trouble`` says what is missing.
    """

    values: tuple[float, ...] = ()
    lasts: tuple[float, ...] = ()
    count: float = 0.0
    per: float = 0.0
    """What a rate is relative to: seconds, or the number of requests."""
    seconds: float = 0.0
    sampled: bool = False
    """Whether the values are samples over time, so that one alone proves little."""
    trouble: str = ""


@dataclass(frozen=True)
class Asked:
    """Which service and which phases are asked for."""

    service: str
    phases: tuple[str, ...]


def read(metric: str, service: str, phase: str | None, measured: Measurements) -> Readings:
    """Return the readings of a metric of a service in one phase (``None``: idle and suite)."""
    asked = Asked(service, DEFAULT_PHASES if phase is None else (phase,))
    return METERS[metric](measured, asked)


def is_sampled(metric: str) -> bool:
    """Whether a metric is made of samples over time."""
    return read(metric, "", None, Measurements()).sampled


def _chosen(series: Series, asked: Asked) -> list[Sample]:
    return [sample for phase, sample in series.samples if phase in asked.phases]


def _steps(samples: Sequence[PhasedSample], asked: Asked) -> Iterator[tuple[Sample, Sample]]:
    """Return neighbours whose later one is in the phases; a counter that fell began anew and tells nothing."""
    for (_, earlier), (phase, later) in pairwise(samples):
        if phase in asked.phases and later.time > earlier.time and later.cpu_total_ns >= earlier.cpu_total_ns:
            yield earlier, later


def _sampled(measured: Measurements, asked: Asked, values_of: Callable[[Series], list[float]]) -> Readings:
    """Return readings of one value per sample."""
    each = [values_of(series) for series in measured.series.get(asked.service, ())]
    return Readings(
        values=tuple(value for values in each for value in values),
        lasts=tuple(values[-1] for values in each if values),
        seconds=_span(measured, asked),
        sampled=True,
        trouble=_holes(measured, asked),
    )


def _span(measured: Measurements, asked: Asked) -> float:
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


def _gauge(of: Callable[[Sample], float]) -> Callable[[Measurements, Asked], Readings]:
    """Return the meter of something that each sample holds."""

    def meter(measured: Measurements, asked: Asked) -> Readings:
        return _sampled(measured, asked, lambda series: [of(sample) for sample in _chosen(series, asked)])

    return meter


def _memory_ratio(sample: Sample) -> float:
    return sample.memory_working_set / sample.memory_limit if sample.memory_limit else 1.0


def _cpu_ratio(measured: Measurements, asked: Asked) -> Readings:
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


def _cpu_throttled(measured: Measurements, asked: Asked) -> Readings:
    def values(series: Series) -> list[float]:
        return [_throttled(earlier, later) for earlier, later in _steps(series.samples, asked)]

    return _sampled(measured, asked, values)


def _throttled(earlier: Sample, later: Sample) -> float:
    """Return the share of scheduling periods that were cut; without a limit, or idle, there are none to cut."""
    periods = later.periods - earlier.periods
    return (later.throttled_periods - earlier.throttled_periods) / periods if periods > 0 else 0.0


def _memory_growth(measured: Measurements, asked: Asked) -> Readings:
    def values(series: Series) -> list[float]:
        samples = _chosen(series, asked)
        return [float(sample.memory_working_set - samples[0].memory_working_set) for sample in samples]

    grown = _sampled(measured, asked, values)
    return Readings(grown.values, grown.lasts, sum(grown.lasts), grown.seconds, grown.seconds, True, grown.trouble)


def _counter(of: Callable[[Sample], int]) -> Callable[[Measurements, Asked], Readings]:
    """Return the meter of something that each sample has counted since the container's start."""

    def meter(measured: Measurements, asked: Asked) -> Readings:
        totals = []
        for series in measured.series.get(asked.service, ()):
            steps = tuple(_steps(series.samples, asked))
            if steps:
                totals.append(float(sum(max(of(later) - of(earlier), 0) for earlier, later in steps)))
        seconds = _span(measured, asked)
        return _totals(totals, seconds, _holes(measured, asked))

    return meter


def _totals(totals: Sequence[float], seconds: float, trouble: str = "") -> Readings:
    """Return readings of one number per container."""
    return Readings(tuple(totals), tuple(totals), sum(totals), seconds, seconds, trouble=trouble)


def _restarts(measured: Measurements, asked: Asked) -> Readings:
    counts = [float(state.restart_count) for state in measured.states(asked.service)]
    return _totals(counts, _span(measured, asked))


def _health_duration(measured: Measurements, asked: Asked) -> Readings:
    runs = [[run.duration_s for run in state.health_runs] for state in measured.states(asked.service)]
    values = tuple(value for one in runs for value in one)
    trouble = "" if values else "the engine runs no healthcheck for it"
    return Readings(values, tuple(one[-1] for one in runs if one), trouble=trouble)


def _given(values: Sequence[float], trouble: str) -> Readings:
    return Readings(tuple(values), tuple(values[-1:]), trouble="" if values else trouble)


def _startup(measured: Measurements, asked: Asked) -> Readings:
    return _given(measured.startup_s.get(asked.service, ()), "it was not seen becoming ready")


def _connect_latency(measured: Measurements, asked: Asked) -> Readings:
    return _given(
        measured.connect_s.get(asked.service, ()), "no caller connected to it, or none has tools that can time it"
    )


def _image_size(measured: Measurements, asked: Asked) -> Readings:
    sizes = [float(size) for size in measured.image_bytes.get(asked.service, ())]
    return _given(sizes, "the size of its image is not known")


def _requests(measured: Measurements, asked: Asked) -> tuple[list[TimedRequest], str]:
    """Return the requests that were made, and what is wrong if none tells anything."""
    mine = [one for one in measured.requests.get(asked.service, ()) if one.phase in asked.phases]
    made = [one for one in mine if one.proven]
    if made:
        return made, ""
    return [], f"no request could be made: {mine[-1].message}" if mine else "no request was made (performance.probes)"


def _http_latency(measured: Measurements, asked: Asked) -> Readings:
    made, trouble = _requests(measured, asked)
    values = tuple(one.latency_s for one in made if one.latency_s is not None)
    last = f": {made[-1].message}" if made else ""
    trouble = trouble or ("" if values else f"no answer could be timed{last}")
    return Readings(values, values[-1:], seconds=_request_span(made), sampled=True, trouble=trouble)


def _http_failed(measured: Measurements, asked: Asked) -> Readings:
    made, trouble = _requests(measured, asked)
    values = tuple(0.0 if one.ok else 1.0 for one in made)
    return Readings(values, values[-1:], sum(values), float(len(made)), _request_span(made), True, trouble)


def _http_rate(measured: Measurements, asked: Asked) -> Readings:
    made, trouble = _requests(measured, asked)
    good = [one for one in made if one.ok]
    values = tuple(1 / (later.time - earlier.time) for earlier, later in pairwise(good) if later.time > earlier.time)
    seconds = _request_span(made)
    return Readings(values, values[-1:], float(len(good)), seconds, seconds, True, trouble)


def _request_span(made: Sequence[TimedRequest]) -> float:
    return made[-1].time - made[0].time if made else 0.0


def _log_errors(measured: Measurements, asked: Asked) -> Readings:
    flow = measured.logs.get(asked.service, LogFlow())
    seconds = sum(flow.seconds.get(phase, 0) for phase in asked.phases)
    errors = float(sum(flow.errors.get(phase, 0) for phase in asked.phases))
    return _totals([errors] if seconds else [], seconds, flow.trouble)


def _log_rate(measured: Measurements, asked: Asked) -> Readings:
    flow = measured.logs.get(asked.service, LogFlow())
    values = tuple(value for phase in asked.phases for value in flow.per_second.get(phase, ()))
    lines = float(sum(flow.lines.get(phase, 0) for phase in asked.phases))
    seconds = sum(flow.seconds.get(phase, 0) for phase in asked.phases)
    return Readings(values, values[-1:], lines, seconds, seconds, True, flow.trouble)


METERS: Mapping[str, Callable[[Measurements, Asked], Readings]] = MappingProxyType(
    {
        "cpu.ratio": _cpu_ratio,
        "cpu.throttled": _cpu_throttled,
        "memory.ratio": _gauge(_memory_ratio),
        "memory.bytes": _gauge(lambda sample: float(sample.memory_working_set)),
        "memory.growth": _memory_growth,
        "pids": _gauge(lambda sample: float(sample.pids)),
        "restarts": _restarts,
        "startup": _startup,
        "health.duration": _health_duration,
        "connect.latency": _connect_latency,
        "http.latency": _http_latency,
        "http.failed": _http_failed,
        "http.rate": _http_rate,
        "network.errors": _counter(lambda sample: sample.net_errors),
        "disk.written": _counter(lambda sample: sample.io_written),
        "image.size": _image_size,
        "log.errors": _log_errors,
        "log.rate": _log_rate,
    }
)
"""How each metric is read."""
