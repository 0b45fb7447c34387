"""Checks of what services wait for (IG5xx)."""

from __future__ import annotations

from collections.abc import Iterator

from ..compose.model import Dependency, Project, Service
from ..compose.ports import is_store
from ..results import Severity
from .base import Draft, check
from .image_families import WITHOUT_HEALTHCHECK, official
from .lifetimes import ENDED, FOR_EVER

_HEALTHY, _STARTED = "service_healthy", "service_started"


@check("IG501", Severity.WARNING, strict=Severity.ERROR)
def dependency_health_without_healthcheck(project: Project) -> Iterator[Draft]:
    """A service waits for the health of another one whose file gives no healthcheck.

    Its image may have one; if it has not, ``docker compose up`` fails, but only then. Where no healthcheck can be
    there at all, IG510 says so instead.

    References: Compose documentation, "Control startup order".

    Flagged::

        services:
          api:
            image: ours:1.0
            depends_on:
              queue: {condition: service_healthy}
          queue:
            image: ours/queue:2.1

    Accepted::

        services:
          api:
            image: ours:1.0
            depends_on:
              queue: {condition: service_healthy}
          queue:
            image: ours/queue:2.1
            healthcheck:
              test: [CMD, queue, ping]
    """
    for service, needed, target in _needs(project, _HEALTHY):
        if target.healthcheck is None and not _certainly_without(target):
            message = f"It waits until {target.name!r} is healthy, but {target.name!r} has no healthcheck in the file."
            remedy = f"Give {target.name!r} a healthcheck, or wait for service_started."
            yield Draft(service.name, message, remedy, needed.location or service.place("depends_on"))


@check("IG510", Severity.ERROR)
def dependency_health_impossible(project: Project) -> Iterator[Draft]:
    """A service waits for the health of another one that certainly has no healthcheck: ``docker compose up`` fails.

    That is so where the file switches the healthcheck off, and where the image is a Docker Official Image that is
    known to bring none (``postgres``, ``redis``, ``mysql``, ``nginx`` …) and the file gives no test.

    References: Compose documentation, "Control startup order".

    Flagged::

        services:
          api:
            image: ours:1.0
            depends_on:
              db: {condition: service_healthy}
          db:
            image: postgres:16

    Accepted::

        services:
          api:
            image: ours:1.0
            depends_on:
              db: {condition: service_healthy}
          db:
            image: postgres:16
            healthcheck:
              test: [CMD, pg_isready, -h, localhost]
    """
    for service, needed, target in _needs(project, _HEALTHY):
        if _certainly_without(target):
            off = target.healthcheck is not None and target.healthcheck.disabled
            why = "switches its healthcheck off" if off else f"gives none, and the image {target.image!r} has none"
            message = f"It waits until {target.name!r} is healthy, which never happens: the file {why}."
            remedy = f"Give {target.name!r} a healthcheck with a test, or wait for service_started."
            yield Draft(service.name, message, remedy, needed.location or service.place("depends_on"))


@check("IG511", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def dependency_only_started(project: Project) -> Iterator[Draft]:
    """A service starts as soon as another one has started, although that one is known to be ready only later.

    Flagged is the short form of ``depends_on``, or ``service_started``, on a service that has a healthcheck, and on
    databases, queues and object stores. What Compose adds for ``links`` or a shared network is not looked at.

    References: Compose documentation, "Control startup order".

    Flagged::

        services:
          api:
            image: ours:1.0
            depends_on: [db]
          db:
            image: postgres:16
            healthcheck:
              test: [CMD, pg_isready, -h, localhost]

    Accepted::

        services:
          api:
            image: ours:1.0
            depends_on:
              db: {condition: service_healthy}
          db:
            image: postgres:16
            healthcheck:
              test: [CMD, pg_isready, -h, localhost]
    """
    for service, needed, target in _needs(project, _STARTED):
        written = ("depends_on", target.name) in service.places
        tested = target.healthcheck is not None and not target.healthcheck.disabled
        if written and (tested or _serves_as_store(target)):
            what = "has a healthcheck" if tested else "is a store that needs time"
            message = f"It starts as soon as {target.name!r} has started, but {target.name!r} {what}."
            also = "" if tested else " and a healthcheck there"
            remedy = f"Use the long form with condition: service_healthy{also}."
            yield Draft(service.name, message, remedy, needed.location or service.place("depends_on"))


@check("IG512", Severity.ERROR)
def awaited_end_never_comes(project: Project) -> Iterator[Draft]:
    """A service waits until another one has ended, but that one does not end, or is started again.

    Flagged is ``service_completed_successfully`` on a service with ``restart: always`` or ``unless-stopped``, and on
    a database or queue that runs its image's own command.

    References: Compose documentation, "Control startup order".

    Flagged::

        services:
          api:
            image: ours:1.0
            depends_on:
              migrate: {condition: service_completed_successfully}
          migrate:
            image: ours:1.0
            command: [migrate]
            restart: always

    Accepted::

        services:
          api:
            image: ours:1.0
            depends_on:
              migrate: {condition: service_completed_successfully}
          migrate:
            image: ours:1.0
            command: [migrate]
            restart: on-failure
    """
    for service, needed, target in _needs(project, ENDED):
        again = target.restart in FOR_EVER
        if again or _serves_as_store(target):
            why = f"has restart: {target.restart}" if again else f"runs the image {target.image!r}, which does not end"
            message = f"It waits until {target.name!r} has ended, but {target.name!r} {why}."
            remedy = "Take the restart away, or use on-failure." if again else "Wait for service_healthy."
            yield Draft(service.name, message, remedy, needed.location or service.place("depends_on"))


@check("IG561", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def needed_service_has_no_replicas(project: Project) -> Iterator[Draft]:
    """A service depends on another one of which no container is started; Compose silently does not wait for it.

    Flagged::

        services:
          api:
            image: ours:1.0
            depends_on: [worker]
          worker:
            image: ours:1.0
            deploy: {replicas: 0}

    Accepted::

        services:
          api:
            image: ours:1.0
            depends_on: [worker]
          worker:
            image: ours:1.0
            deploy: {replicas: 1}
    """
    for service in project.services.values():
        for needed in service.depends_on:
            target = project.services.get(needed.service)
            if target is not None and target.replicas == 0 and service.replicas and needed.required:
                message = f"It depends on {target.name!r}, of which 0 replicas are started."
                remedy = "Start at least one replica, or remove the dependency."
                yield Draft(service.name, message, remedy, needed.location or service.place("depends_on"))


def _needs(project: Project, condition: str) -> Iterator[tuple[Service, Dependency, Service]]:
    """Yield what services that are started wait for in one way, where that is started too."""
    for service in project.services.values():
        for needed in service.depends_on if service.replicas else ():
            target = project.services.get(needed.service)
            if needed.condition == condition and target is not None and target.replicas:
                yield service, needed, target


def _certainly_without(target: Service) -> bool:
    """Whether neither the file nor the image can give the service a healthcheck."""
    check = target.healthcheck
    if check is not None and check.disabled:
        return True
    known = official(target)
    return not (check is not None and check.test) and known is not None and known[0] in WITHOUT_HEALTHCHECK


def _serves_as_store(target: Service) -> bool:
    """Whether it is a store that runs as its image means it, not a tool out of the same image."""
    return is_store(target) and target.build is None and not target.command and not target.entrypoint
