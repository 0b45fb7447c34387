"""Which metrics every run of a stack like this one measures, so that runs can be held against each other."""

from __future__ import annotations

from collections.abc import Mapping

from ..compose.model import Project, Service
from ..past_runs import MetricKey
from ..settings import Settings
from .edge_plan import ConnectivityPlan
from .roles import Life, Role

_OF_REQUESTS = ("http.", "probe.")
_HTTP = ("http", "https")


def comparable(
    project: Project, settings: Settings, edges: ConnectivityPlan, roles: Mapping[str, Role]
) -> tuple[MetricKey, ...]:
    """Return the metrics whose values every run like this one has, whichever tests are chosen."""
    called = {edge.target for edge in edges.edges if edge.must_be_open}
    found = []
    for service in project.services.values():
        if service.replicas:
            own = (one for one in settings.performance.baseline.metrics)
            role = roles[service.name]
            found += [(service.name, one) for one in own if _has(one, service, role, settings, called)]
    return tuple(found)


def _has(metric: str, service: Service, role: Role, settings: Settings, called: set[str]) -> bool:
    if metric.startswith(_OF_REQUESTS):
        probe = settings.performance.probes.get(service.name)
        return probe is not None and (probe.protocol in _HTTP or not metric.startswith("http."))
    if metric == "startup":
        return _tells_when_ready(service, role) and not (settings.attach or settings.keep)
    if metric == "connect.latency":
        return service.name in called
    if metric == "health.duration":
        # The engine runs it first after one interval, so in a shorter run there may be no value.
        interval_s = service.healthcheck.interval_s if service.healthcheck else None
        return interval_s is not None and interval_s <= settings.performance.window_s
    return role.life is not Life.ONE_SHOT


def _tells_when_ready(service: Service, role: Role) -> bool:
    """Whether a service is ready at a moment of its own; any other one counts as ready when the whole stack is."""
    checked = service.healthcheck is not None and not service.healthcheck.disabled
    return checked or role.probe is not None or role.life is Life.ONE_SHOT
