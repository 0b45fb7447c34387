"""How each metric is read from what was measured: the registry of the meters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from ..limits import EXPOSED, STAGES
from ..selectors import base, labels
from . import exposed_meters, fact_meters, log_meters, request_meters, sample_meters
from .measures import DEFAULT_PHASES, Asked, Measurements, Readings, Warm
from .warm_up import WARMED, left_out


def read(metric: str, service: str, phase: str | None, measured: Measurements) -> Readings:
    """Return the readings of a metric of a service in one phase (``None``: idle and suite)."""
    asked = Asked(service, DEFAULT_PHASES if phase is None else (phase,))
    if metric in WARMED:
        measured = left_out(measured, service)
    return _meter(metric)(measured, asked)


def only_warm_up(metric: str, service: str, phase: str | None, measured: Measurements, enough: int) -> bool:
    """Whether there would be enough samples of a metric if the warm-up counted."""
    every = read(metric, service, phase, replace(measured, warm=Warm()))
    return metric in WARMED and measured.warm.seconds > 0 and len(every.values) >= enough


def _meter(metric: str) -> Callable[[Measurements, Asked], Readings]:
    """Return how a metric is read, whose name may have labels."""
    if metric.startswith(EXPOSED):
        return partial(exposed_meters.exposed, metric)
    if base(metric) == "connect.latency":
        return partial(fact_meters.connect_latency, caller=labels(metric).get("from"))
    return METERS[metric]


def needs_samples(metric: str) -> bool:
    """Whether a metric is made of the samples of containers."""
    return metric in _OF_SAMPLES


def is_sampled(metric: str) -> bool:
    """Whether a metric is made of samples over time."""
    return read(metric, "", None, Measurements()).sampled


_Meters = Mapping[str, Callable[[Measurements, Asked], Readings]]
_UNCOUNTED = "the kernel does not count the block I/O of containers here"
_UNCHARGED = "the engine does not tell it (under cgroup v1 the kernel charges no container for what it writes through the page cache)"

_OF_SAMPLES: _Meters = MappingProxyType(
    {
        "cpu.ratio": sample_meters.cpu_ratio,
        "cpu.throttled": sample_meters.cpu_throttled,
        "memory.ratio": sample_meters.gauge(sample_meters.memory_ratio),
        "memory.bytes": sample_meters.gauge(lambda sample: float(sample.memory_working_set)),
        "memory.growth": sample_meters.memory_growth,
        "pids": sample_meters.gauge(lambda sample: float(sample.pids)),
        "network.errors": sample_meters.network(lambda sample: sample.net_errors),
        "network.drops": sample_meters.network(lambda sample: sample.net_drops),
        "network.received": sample_meters.network(lambda sample: sample.net_received),
        "network.sent": sample_meters.network(lambda sample: sample.net_sent),
        "disk.read": sample_meters.counter(lambda sample: sample.io_read, _UNCOUNTED),
        "disk.written": sample_meters.counter(lambda sample: sample.io_written, _UNCHARGED),
    }
)

METERS: _Meters = MappingProxyType(
    {
        **_OF_SAMPLES,
        "oom.kills": fact_meters.oom_kills,
        "restarts": fact_meters.restarts,
        "startup": fact_meters.startup,
        "health.duration": fact_meters.health_duration,
        "connect.latency": fact_meters.connect_latency,
        "probe.latency": request_meters.http_latency,
        "probe.failed": request_meters.http_failed,
        "probe.rate": request_meters.http_rate,
        "http.latency": request_meters.http_latency,
        "http.failed": request_meters.http_failed,
        "http.rate": request_meters.http_rate,
        **{stage: fact_meters.stage(stage) for stage in STAGES},
        "health.ratio": fact_meters.health_ratio,
        "layer.size": fact_meters.layer(0),
        "layer.growth": fact_meters.layer(1),
        "host.memory.available": fact_meters.host("memory", 1),
        "host.disk.free": fact_meters.host("disk", 2),
        "image.size": fact_meters.image_size,
        "log.errors": log_meters.log_errors,
        "log.rate": log_meters.log_rate,
    }
)
"""How each metric is read."""
