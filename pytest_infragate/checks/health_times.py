"""Checks of the times in healthchecks, and of services without one (IG5xx)."""

from __future__ import annotations

from collections.abc import Iterator

from ..check_options import CheckOptions
from ..compose.model import Healthcheck, Project, Service
from ..results import Severity
from ..units import format_duration
from .base import Draft, Material, check, check_of_material, check_with_options
from .image_families import is_slow
from .lifetimes import long_running

INTERVAL_S, RETRIES = 30.0, 3
"""What the engine assumes where neither file nor image say anything."""


@check("IG520", Severity.INFO, strict=Severity.WARNING)
def healthcheck_timeout_not_below_interval(project: Project) -> Iterator[Draft]:
    """A healthcheck may take as long as the pause between two, or longer: a service that hangs is noticed late.

    The engine begins the next test only when one has ended. Looked at are files that write the timeout.

    Flagged::

        services:
          web:
            image: ours:1.0
            healthcheck:
              test: curl -f http://localhost/
              interval: 5s
              timeout: 20s

    Accepted::

        services:
          web:
            image: ours:1.0
            healthcheck:
              test: curl -f http://localhost/
              interval: 10s
              timeout: 3s
    """
    for service, health in _checked(project):
        interval = health.interval_s or INTERVAL_S
        if health.timeout_s and health.timeout_s >= interval:
            times = f"timeout is {format_duration(health.timeout_s)}, the interval {format_duration(interval)}"
            remedy = "Choose a timeout below the interval."
            yield Draft(service.name, f"The healthcheck's {times}.", remedy, service.place("healthcheck", "timeout"))


@check_of_material("IG521", Severity.WARNING, dev=Severity.INFO)
def healthcheck_outlasts_gate(material: Material) -> Iterator[Draft]:
    """A healthcheck gives its service more time to become healthy than the gate waits for the whole stack.

    The time is ``start_period`` plus ``retries`` times ``interval``, with 0 s, 3 and 30 s where the file says nothing;
    it is compared with the gate's ``timeout`` (180 s unless the settings say otherwise).

    Flagged::

        services:
          web:
            image: ours:1.0
            healthcheck:
              test: curl -f http://localhost/
              interval: 1m
              retries: 10

    Accepted::

        services:
          web:
            image: ours:1.0
            healthcheck:
              test: curl -f http://localhost/
              interval: 5s
              retries: 10
    """
    project = material.resolution.project
    for service, health in _checked(project) if project else ():
        allowed = _allowed_s(health)
        if allowed > material.timeout_s:
            message = (
                f"The healthcheck allows {format_duration(allowed)} until the service is unhealthy; "
                f"the gate waits {format_duration(material.timeout_s)} for the whole stack."
            )
            remedy = "Shorten interval, retries or start_period, or raise the gate's timeout."
            yield Draft(service.name, message, remedy, service.place("healthcheck"))


@check_with_options("IG522", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def slow_image_without_start_period(project: Project, options: CheckOptions) -> Iterator[Draft]:
    """An image that is known to start slowly has a healthcheck that gives it up before it can have started.

    Known are, among others, Elasticsearch, OpenSearch, Kafka, Cassandra, Keycloak, SQL Server, GitLab and SonarQube.
    Flagged is less than a minute until the service is unhealthy.

    Options: ``slow_start``, a duration in place of that minute.

    Flagged::

        services:
          search:
            image: elasticsearch:8.15.0
            healthcheck:
              test: curl -f http://localhost:9200/
              interval: 5s
              retries: 3

    Accepted::

        services:
          search:
            image: elasticsearch:8.15.0
            healthcheck:
              test: curl -f http://localhost:9200/
              interval: 5s
              retries: 3
              start_period: 90s
    """
    for service, health in _checked(project):
        if is_slow(service) and _allowed_s(health) < options.slow_start:
            allowed = format_duration(_allowed_s(health))
            message = f"The healthcheck gives up after {allowed}, but {service.image!r} is known to start slowly."
            remedy = "Give it a start_period, for example 60s: failures in it do not count."
            yield Draft(service.name, message, remedy, service.place("healthcheck"))


@check("IG524", Severity.INFO, strict=Severity.WARNING)
def healthcheck_missing(project: Project) -> Iterator[Draft]:
    """A service that runs for long has no healthcheck in the file, or one that is switched off.

    Its image may have one, and a ``probe`` in the settings of the gate serves as well. Services that end by
    themselves need none.

    References: CIS Docker 4.6 and 5.27.

    Flagged::

        services:
          web:
            image: ours:1.0
            ports: ["80"]

    Accepted::

        services:
          web:
            image: ours:1.0
            ports: ["80"]
            healthcheck:
              test: curl -f http://localhost/
    """
    for service in long_running(project):
        health = service.healthcheck
        if health is None or health.disabled:
            what = "switches the healthcheck off" if health is not None else "gives no healthcheck"
            remedy = "Add a healthcheck that asks the service what it is there for."
            yield Draft(service.name, f"The file {what}.", remedy, service.place("healthcheck"))


def _checked(project: Project) -> Iterator[tuple[Service, Healthcheck]]:
    for service in project.services.values():
        if service.healthcheck is not None and not service.healthcheck.disabled:
            yield service, service.healthcheck


def _allowed_s(health: Healthcheck) -> float:
    """Return for how long a service may fail its test before the engine calls it unhealthy, in seconds."""
    retries = RETRIES if health.retries is None else health.retries
    return (health.start_period_s or 0.0) + retries * (health.interval_s or INTERVAL_S)
