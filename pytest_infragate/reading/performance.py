"""The tree of keys below ``performance``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..bounds import Limit
from ..limits import HTTP, REQUEST_METRICS
from ..settings import PerformanceSettings, ProbeSettings
from .notation import limit
from .performance_baseline import performance_baseline
from .probes import http_probe, timed_probe
from .problems import ContradictionError
from .schema import Key, Table, list_of, mapping_of
from .values import duration


def _build(**values: Any) -> PerformanceSettings:
    """Return the settings. Raises ContradictionError where a limit on ``http.*`` names a service that is not asked by HTTP."""
    settings = PerformanceSettings(**values)
    stray = next(_not_http(settings.limits, settings.probes), None)
    if stray is not None:
        service, text, protocol = stray
        raise ContradictionError(
            f"the limit {text!r} on {service} needs a probe that speaks HTTP, and performance.probes has it asked by "
            f"{protocol}: write {text.replace('http.', 'probe.', 1)!r}"
        )
    return settings


def _not_http(
    limits: Mapping[str, tuple[Limit, ...]], probes: Mapping[str, ProbeSettings]
) -> Iterator[tuple[str, str, str]]:
    for service, probe in probes.items():
        for one in limits.get(service, ()):
            if probe.protocol not in HTTP and one.metric in REQUEST_METRICS and one.metric.startswith("http."):
                yield service, one.text, probe.protocol


PERFORMANCE = Table(
    _build,
    (
        Key("window", duration, "window_s"),
        Key("warm_up", duration, "warm_up_s"),
        Key("measure_on", duration, "measure_on_s"),
        Key(
            "limits",
            mapping_of(
                list_of(limit, "limits such as 'memory.ratio: max < 0.9'"), "services, each with a list of limits"
            ),
        ),
        Key("probes", mapping_of(timed_probe, "services, each with a URL")),
        Key("metrics", mapping_of(http_probe, "services, each with a URL")),
        Key("baseline", performance_baseline),
    ),
)
