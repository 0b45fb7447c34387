"""Checks of the limits of a single service (IG710 to IG713, IG717 to IG720)."""

from __future__ import annotations

from collections.abc import Iterator

from ..compose.heaps import largest_heap
from ..compose.model import Project, Service
from ..compose.stores import MEBIBYTE, memory_floor
from ..compose.values import Object, inner, size, text, whole
from ..results import Location, Severity
from ..units import format_size
from .base import Draft, check

_LEAST_MEMORY = 6 * MEBIBYTE
_UNLIMITED = -1


@check("IG710", Severity.INFO, strict=Severity.ERROR)
def memory_unlimited(project: Project) -> Iterator[Draft]:
    """A service may take all memory of its host, and the others with it.

    References: CIS Docker 5.11; OWASP Docker rule 7.

    Flagged::

        services:
          web:
            image: nginx:1.27

    Accepted::

        services:
          web:
            image: nginx:1.27
            mem_limit: 256m
    """
    for service in project.services.values():
        if not service.memory_limit:
            remedy = "Set mem_limit, or deploy.resources.limits.memory."
            yield Draft(service.name, "The service's memory has no limit.", remedy, service.place("mem_limit"))


@check("IG711", Severity.INFO, strict=Severity.ERROR)
def cpu_unlimited(project: Project) -> Iterator[Draft]:
    """A service may take all processors of its host.

    References: CIS Docker 5.12; OWASP Docker rule 7.

    Flagged::

        services:
          web:
            image: nginx:1.27

    Accepted::

        services:
          web:
            image: nginx:1.27
            cpus: 0.5
    """
    for service in project.services.values():
        if not service.cpus and not whole(service.resolved, "cpu_quota") and not text(service.resolved, "cpuset"):
            remedy = "Set cpus, or deploy.resources.limits.cpus."
            yield Draft(service.name, "The service's use of processors has no limit.", remedy, service.place("cpus"))


@check("IG712", Severity.INFO, strict=Severity.ERROR)
def processes_unlimited(project: Project) -> Iterator[Draft]:
    """A service may start as many processes as it likes, until the host has none left.

    References: CIS Docker 5.29; OWASP Docker rule 7.

    Flagged::

        services:
          web:
            image: nginx:1.27
            pids_limit: -1

    Accepted::

        services:
          web:
            image: nginx:1.27
            pids_limit: 200
    """
    for service in project.services.values():
        if (service.pids_limit or _UNLIMITED) <= 0:
            remedy = "Set pids_limit, or deploy.resources.limits.pids."
            yield Draft(service.name, "The number of processes has no limit.", remedy, service.place("pids_limit"))


@check("IG713", Severity.ERROR)
def ulimit_above_its_bound(project: Project) -> Iterator[Draft]:
    """A soft limit is higher than the hard one; the engine does not start such a container.

    References: CIS Docker 5.19.

    Flagged::

        services:
          web:
            image: nginx:1.27
            ulimits:
              nofile: {soft: 65536, hard: 1024}

    Accepted::

        services:
          web:
            image: nginx:1.27
            ulimits:
              nofile: {soft: 1024, hard: 65536}
              nproc: 65535
    """
    for service in project.services.values():
        for name in inner(service.resolved, "ulimits"):
            soft, hard = (whole(_ulimit(service, name), key) for key in ("soft", "hard"))
            if soft is not None and hard is not None and hard != _UNLIMITED and not 0 <= soft <= hard:
                message = f"The soft limit of {name} is {soft}, above the hard limit {hard}."
                remedy = "Raise the hard limit or lower the soft one."
                yield Draft(service.name, message, remedy, service.place("ulimits", name))


@check("IG717", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def memory_below_need(project: Project) -> Iterator[Draft]:
    """The memory limit is below what the image takes as soon as it starts, so that the kernel kills it.

    Known are SQL Server, Elasticsearch, OpenSearch, Logstash and Kafka; those with a heap of their own only where no
    variable sets it.

    Flagged::

        services:
          search:
            image: elasticsearch:8.15.0
            mem_limit: 512m

    Accepted::

        services:
          search:
            image: elasticsearch:8.15.0
            mem_limit: 2g
    """
    for service in project.services.values():
        floor = memory_floor(service)
        if floor and service.memory_limit and service.memory_limit < floor:
            message = (
                f"{format_size(service.memory_limit)} are allowed, but {service.image} needs {format_size(floor)}."
            )
            yield Draft(service.name, message, "Raise the limit, or configure a smaller heap.", limit_place(service))


@check("IG718", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def heap_fills_memory(project: Project) -> Iterator[Draft]:
    """Java may take as much memory for its heap (``-Xmx``) as the container has, and needs more beside it.

    When the heap fills, the kernel kills the process instead of Java's own error.

    Flagged::

        services:
          search:
            image: ours:1.0
            mem_limit: 1g
            environment:
              JAVA_OPTS: -Xms512m -Xmx1g

    Accepted::

        services:
          search:
            image: ours:1.0
            mem_limit: 2g
            environment:
              JAVA_OPTS: -Xms512m -Xmx1g
    """
    for service in project.services.values():
        heap, limit = largest_heap(service), service.memory_limit
        if limit and heap >= limit:
            message = (
                f"-Xmx allows a heap of {format_size(heap)}, the container has {format_size(limit)} for everything."
            )
            remedy = "Leave a quarter of the limit for what is not heap, or use -XX:MaxRAMPercentage=75."
            yield Draft(service.name, message, remedy, limit_place(service))


@check("IG720", Severity.ERROR)
def memory_limit_refused(project: Project) -> Iterator[Draft]:
    """A memory limit is one that the engine refuses: below 6 MB, or more than memory and swap together.

    Flagged::

        services:
          web:
            image: nginx:1.27
            mem_limit: 512m
            memswap_limit: 256m

    Accepted::

        services:
          web:
            image: nginx:1.27
            mem_limit: 512m
            memswap_limit: 1g
    """
    for service in project.services.values():
        limit, both = service.memory_limit, _swap(service)
        if limit and limit < _LEAST_MEMORY:
            message = f"{format_size(limit)} of memory are allowed; the engine wants at least 6 MiB."
            yield Draft(service.name, message, "Raise the limit; a bare number counts bytes.", limit_place(service))
        elif limit and both and both < limit:
            message = f"{format_size(limit)} of memory are allowed, but only {format_size(both)} with swap."
            remedy = "memswap_limit counts memory and swap together: raise it, or remove it."
            yield Draft(service.name, message, remedy, service.place("memswap_limit"))


def limit_place(service: Service) -> Location:
    """Return where a service's memory limit was written."""
    place = service.place("mem_limit")
    return service.place("deploy", "resources", "limits", "memory") if place == service.location else place


def _swap(service: Service) -> int | None:
    """Return what memory and swap may be together; ``None`` when that is not limited."""
    return size(service.resolved, "memswap_limit")


def _ulimit(service: Service, name: str) -> Object:
    """Return soft and hard limit; a single number is both and needs no look."""
    return inner(service.resolved, "ulimits", name)
