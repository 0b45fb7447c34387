"""Limits in k6's notation, ``http.latency: p(95) < 200ms``, and the metrics that they may name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from types import MappingProxyType

from .bounds import Aggregation, Limit
from .errors import InfragateError
from .results import Location
from .selectors import SELECTOR, base, labels
from .suggest import did_you_mean, listed
from .units import UnitError, format_duration, format_size, parse_duration, parse_number, parse_ratio, parse_size

OPERATORS = ("<", "<=", ">", ">=", "==", "!=")
PHASES = ("startup", "idle", "suite")

HTTP = ("http", "https")
"""The protocols of performance probes on which ``http.*`` is measured."""
REQUEST_METRICS = frozenset(
    f"{asked}.{metric}" for asked in ("http", "probe") for metric in ("latency", "failed", "rate")
)
"""What is measured on the requests of performance probes."""
STAGES = ("start.created", "start.started", "start.healthy", "start.connected")
"""How long each stage of a start took; not ``startup.*``, because ``startup.`` is a phase."""
OF_HOST = "host."
"""The beginning of the names of what is measured on the engine's machine."""
_AFTER_START = ("idle", "suite")
_MEASURED_IN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "startup": ("startup",),
        "restarts": (),
        "health.duration": (),
        "connect.latency": (),
        "image.size": (),
        **dict.fromkeys(("health.ratio", "layer.size", "layer.growth", *STAGES), ()),
        **dict.fromkeys(REQUEST_METRICS, _AFTER_START),
    }
)
"""The phases of metrics that are not measured in all; none: it is one fact of the whole run."""

_GAUGE = ("min", "max", "avg", "med", "p(N)", "last")
_COUNTER = ("count", "rate", "max", "last")
_FLOW = ("rate", "count", "min", "max", "avg", "med", "p(N)", "last")
_LIMIT = re.compile(
    rf"([^\s:{{]+(?:{SELECTOR})?)\s*:\s*([A-Za-z]+)\s*(?:\(([^()]*)\))?\s*([<>=!]+)\s*(.*\S)", re.DOTALL
)


class LimitError(InfragateError):
    """A limit is not written as k6 writes thresholds; the message says what is wrong, for a caller that knows the place."""


class Unit(str, Enum):
    """What the values of a metric count."""

    SECONDS = "seconds"
    BYTES = "bytes"
    RATIO = "ratio"
    COUNT = "count"


@dataclass(frozen=True)
class Metric:
    """One metric that a limit may name: the unit of its values and the aggregations that make sense for it."""

    name: str
    unit: Unit
    aggregations: tuple[str, ...]
    about: str

    def unit_under(self, aggregation: str) -> Unit:
        """Return the unit of the aggregated value; occurrences are counted, whatever the metric measures."""
        counts = aggregation == "count" and self.unit is Unit.RATIO
        return Unit.COUNT if counts else self.unit

    def describe(self, value: float) -> str:
        """Return a value of this metric as people read it."""
        return _FORMATS[self.unit](value)


METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        metric.name: metric
        for metric in (
            Metric("cpu.ratio", Unit.RATIO, _GAUGE, "CPU use against the CPU limit, else all cores that it may use"),
            Metric(
                "cpu.throttled", Unit.RATIO, _GAUGE, "share of scheduling periods in which the CPU limit held it back"
            ),
            Metric(
                "memory.ratio", Unit.RATIO, _GAUGE, "working set against the memory limit, else the engine's memory"
            ),
            Metric("memory.bytes", Unit.BYTES, _GAUGE, "working set, without page cache that can be dropped"),
            Metric("memory.growth", Unit.BYTES, ("last", "max", "rate"), "working set gained since the phase began"),
            Metric("pids", Unit.COUNT, _GAUGE, "processes and threads"),
            Metric("oom.kills", Unit.COUNT, _COUNTER, "processes that the kernel killed because memory ran out"),
            Metric("restarts", Unit.COUNT, _COUNTER, "restarts of the containers"),
            Metric("startup", Unit.SECONDS, _GAUGE, "from the start of the container until it was ready"),
            Metric(
                "start.created", Unit.SECONDS, _GAUGE, "from the beginning of the start until the container was created"
            ),
            Metric(
                "start.started", Unit.SECONDS, _GAUGE, "from then until it was started: what it depends on was awaited"
            ),
            Metric("start.healthy", Unit.SECONDS, _GAUGE, "from then until its own healthcheck had passed"),
            Metric("start.connected", Unit.SECONDS, _GAUGE, "from its start until every caller had connected to it"),
            Metric("health.ratio", Unit.RATIO, _GAUGE, "how long the healthcheck takes, against its timeout"),
            Metric("health.duration", Unit.SECONDS, _GAUGE, "how long the healthcheck takes"),
            Metric("connect.latency", Unit.SECONDS, _GAUGE, "TCP connect from a caller to the service"),
            Metric("probe.latency", Unit.SECONDS, _GAUGE, "reply time of the performance probe, in whatever protocol"),
            Metric(
                "probe.failed", Unit.RATIO, ("rate", "count"), "share of the performance probe's requests that failed"
            ),
            Metric("probe.rate", Unit.COUNT, _FLOW, "requests of the performance probe that succeeded, per second"),
            Metric("http.latency", Unit.SECONDS, _GAUGE, "reply time of the performance probe"),
            Metric(
                "http.failed", Unit.RATIO, ("rate", "count"), "share of the performance probe's requests that failed"
            ),
            Metric("http.rate", Unit.COUNT, _FLOW, "requests of the performance probe per second"),
            Metric("network.errors", Unit.COUNT, _COUNTER, "errors and drops on the container's interfaces"),
            Metric("network.drops", Unit.COUNT, _COUNTER, "drops on the container's interfaces"),
            Metric("network.received", Unit.BYTES, _COUNTER, "bytes received on the container's interfaces"),
            Metric("network.sent", Unit.BYTES, _COUNTER, "bytes sent on the container's interfaces"),
            Metric("log.errors", Unit.COUNT, _COUNTER, "log lines that report an error"),
            Metric("log.rate", Unit.COUNT, _FLOW, "log lines per second"),
            Metric("disk.read", Unit.BYTES, _COUNTER, "bytes read from block devices"),
            Metric("disk.written", Unit.BYTES, _COUNTER, "bytes written to block devices"),
            Metric("layer.size", Unit.BYTES, ("last", "max"), "what the container has written into its own layer"),
            Metric("layer.growth", Unit.BYTES, ("last", "max"), "what it has written there since it was ready"),
            Metric(
                "host.memory.available",
                Unit.BYTES,
                _GAUGE,
                "memory that programs can still get on the engine's machine",
            ),
            Metric("host.disk.free", Unit.BYTES, _GAUGE, "free disk where the engine keeps everything"),
            Metric("image.size", Unit.BYTES, ("last", "max"), "size of the image"),
        )
    }
)
"""Every metric that a limit may name, with its unit."""

EXPOSED = "prometheus."
"""The beginning of the names of what services tell of themselves."""
_EXPOSED = Metric(
    EXPOSED,
    Unit.COUNT,
    ("min", "max", "avg", "med", "p(N)", "last", "rate", "count"),
    "what a service tells of itself in Prometheus' format",
)
_EXPOSED_NAME = re.compile(r"prometheus\.[A-Za-z_][A-Za-z0-9_]*")
_EXAMPLE = 'prometheus.http_requests_total{code="500"}'
_LABELS = {"connect.latency": frozenset({"from"})}
_LABELLED = 'connect.latency{from="caller"} and of prometheus.*'

_FORMATS: dict[Unit, Callable[[float], str]] = {
    Unit.SECONDS: format_duration,
    Unit.BYTES: format_size,
    Unit.RATIO: lambda value: f"{value * 100:.3g} %",
    Unit.COUNT: lambda value: f"{value:.6g}",
}


def measured_in(metric: str) -> tuple[str, ...]:
    """Return the phases that a limit on a metric may name; none where it is measured once for the whole run."""
    return _AFTER_START if metric.startswith(EXPOSED) else _MEASURED_IN.get(base(metric), PHASES)


def metric_of(name: str) -> Metric:
    """Return a metric by the name that a limit has, with its labels."""
    return replace(_EXPOSED, name=name) if name.startswith(EXPOSED) else METRICS[base(name)]


def parse_limit(text: str, location: Location | None = None, known: Mapping[str, Metric] = METRICS) -> Limit:
    """Return the limit written as ``[phase.]metric: aggregation operator bound``.

    The bound is a duration, a size, a ratio (``0.9`` or ``90%``) or a number, as the metric wants it. Metrics other than
    those of ``METRICS`` have no phases. Raises LimitError.
    """
    match = _LIMIT.fullmatch(text.strip())
    if match is None:
        raise LimitError("expected 'metric: aggregation operator bound', such as 'http.latency: p(95) < 200ms'")
    phase, metric = _metric(match[1], known)
    if phase is not None:
        _demand_measured(metric.name, phase)
    aggregation = _aggregation(metric, match[2], match[3])
    if match[4] not in OPERATORS:
        raise LimitError(f"unknown operator {match[4]!r}: expected {listed(OPERATORS)}")
    bound = _bound(metric.unit_under(aggregation.name), match[5])
    written = text.strip() if phase is None else text.strip().removeprefix(f"{phase}.")
    return Limit(metric.name, aggregation, match[4], bound, written, phase, location)


def _metric(name: str, known: Mapping[str, Metric]) -> tuple[str | None, Metric]:
    """Return phase and metric of the name in front of the colon."""
    if name in known:
        return None, known[name]
    if known is METRICS and (found := _labelled(name)) is not None:
        return found
    if known is not METRICS:
        raise LimitError(
            f"unknown metric {name!r}{did_you_mean(name, known) or '.'} Known here are {listed(known, 'and')}"
        )
    phase, _, rest = name.partition(".")
    if phase in PHASES and rest in METRICS:
        return phase, METRICS[rest]
    candidates = [*METRICS, *(f"{phase}.{metric}" for phase in PHASES for metric in METRICS)]
    raise LimitError(
        f"unknown metric {name!r}{did_you_mean(name, candidates) or '.'} Known are {listed(METRICS, 'and')}, "
        f"each alone or behind a phase ({listed(f'{phase}.' for phase in PHASES)}), and what services tell themselves: {_EXAMPLE}"
    )


def _labelled(name: str) -> tuple[str | None, Metric] | None:
    """Return phase and metric of a name that has labels, or that a service gives itself. Raises LimitError."""
    phase, _, rest = name.partition(".")
    if phase in PHASES and (base(rest) in METRICS or rest.startswith(EXPOSED)):
        found = _labelled(rest)
        return None if found is None else (phase, found[1])
    known = "{" in name and base(name) in METRICS
    if known:
        stray = sorted(labels(name).keys() - _LABELS.get(base(name), frozenset()))
        if stray:
            raise LimitError(f"{base(name)} has no label {stray[0]!r}: labels are those of {_LABELLED}")
    elif name.startswith(EXPOSED) and not _EXPOSED_NAME.fullmatch(base(name)):
        raise LimitError(
            f"{base(name)!r} is no name of a metric in Prometheus' format: expected one such as {_EXAMPLE}"
        )
    return (None, replace(metric_of(name), name=name)) if known or name.startswith(EXPOSED) else None


def _demand_measured(metric: str, phase: str) -> None:
    """Raise LimitError when a limit names a phase in which its metric is not measured."""
    measured = measured_in(metric)
    if phase in measured:
        return
    if not measured:
        raise LimitError(f"{metric} has no phases: it holds for the whole run; leave out '{phase}.'")
    raise LimitError(
        f"nothing of {metric} is measured in the phase {phase!r}, so the limit could never be proven: "
        f"expected {listed([f'{one}.' for one in measured])} in front of it, or no phase"
    )


def _aggregation(metric: Metric, name: str, argument: str | None) -> Aggregation:
    """Return the aggregation when it exists and makes sense for the metric."""
    written = name if argument is None else f"{name}({argument})"
    pattern = "p(N)" if name == "p" else name
    if pattern not in metric.aggregations or (name != "p" and argument is not None):
        hint = did_you_mean(written, metric.aggregations)
        raise LimitError(f"{metric.name} has no aggregation {written!r}: expected {listed(metric.aggregations)}{hint}")
    return Aggregation(name, _percentile(written, argument)) if name == "p" else Aggregation(name)


def _percentile(written: str, argument: str | None) -> float:
    """Return the N of ``p(N)``."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*", argument or "")
    if match is None or not 0 < float(match[1]) < 100:
        raise LimitError(f"{written!r} is no percentile: expected p(N) with N between 0 and 100, such as p(95)")
    return float(match[1])


def _bound(unit: Unit, text: str) -> float:
    """Return the bound in the metric's own unit."""
    try:
        return _PARSERS[unit](text)
    except UnitError as error:
        raise LimitError(f"the bound {text!r} does not fit: {error}") from None


def _latency(text: str) -> float:
    """Return seconds; a bare number could mean seconds or milliseconds, so the unit is demanded."""
    seconds = parse_duration(text)
    if seconds and not text[-1].isalpha():
        raise UnitError(f"expected a duration with its unit, such as {text}ms or {text}s")
    return seconds


_PARSERS = {Unit.SECONDS: _latency, Unit.BYTES: parse_size, Unit.RATIO: parse_ratio, Unit.COUNT: parse_number}
