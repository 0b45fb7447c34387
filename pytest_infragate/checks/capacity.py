"""Checks of what the services ask for together, against the machine or a stated budget (IG714 to IG716)."""

from __future__ import annotations

from collections.abc import Iterator

from ..compose.model import Service
from ..results import WHOLE_STACK, Location, Severity
from ..units import format_size
from .base import Draft, Material, check_of_material
from .limits import limit_place


@check_of_material("IG714", Severity.ERROR, dev=Severity.WARNING)
def more_processors_than_machine(material: Material) -> Iterator[Draft]:
    """A service asks for more processors than this machine has; the engine refuses to create the container.

    Nothing is flagged where the engine runs elsewhere (``DOCKER_HOST``, Docker Desktop).

    Flagged::

        services:
          web:
            image: nginx:1.27
            cpus: 4096

    Accepted::

        services:
          web:
            image: nginx:1.27
            cpus: 0.5
    """
    there = material.machine.processors
    for service in _services(material):
        if there and service.cpus and service.cpus > there:
            message = f"{service.cpus:g} processors are asked for, this machine has {there}."
            yield Draft(service.name, message, f"Ask for {there} at most.", _cpu_place(service))


@check_of_material("IG715", Severity.ERROR)
def budget_exceeded(material: Material) -> Iterator[Draft]:
    """The services may take more memory or processors than the settings allow the whole stack.

    The budget is ``checks: {budget: {memory: 8g, cpus: 4}}`` in the settings; without one nothing is compared. Limits
    count with the number of replicas. A service without a limit may take everything, so it exceeds any budget.

    Flagged::

        services:
          app:
            image: ours:1.0
            mem_limit: 1g
            deploy: {replicas: 3}
        # file: infragate.yaml
        checks: {budget: {memory: 2g}}

    Accepted::

        services:
          app:
            image: ours:1.0
            mem_limit: 512m
            deploy: {replicas: 3}
        # file: infragate.yaml
        checks: {budget: {memory: 2g}}
    """
    budget, services = material.budget, _services(material)
    if budget.memory is not None:
        yield from _unbounded("memory", [service for service in services if not service.memory_limit])
        total = sum((service.memory_limit or 0) * service.replicas for service in services)
        if total > budget.memory:
            message = (
                f"The services may take {format_size(total)} of memory, the budget is {format_size(budget.memory)}."
            )
            yield Draft(WHOLE_STACK, message, "Lower limits or replicas, or raise the budget.", _whole(material))
    if budget.cpus is not None:
        yield from _unbounded("processors", [service for service in services if not service.cpus])
        asked = sum((service.cpus or 0) * service.replicas for service in services)
        if asked > budget.cpus:
            message = f"The services may take {asked:g} processors, the budget is {budget.cpus:g}."
            yield Draft(WHOLE_STACK, message, "Lower limits or replicas, or raise the budget.", _whole(material))


@check_of_material("IG716", Severity.WARNING, dev=Severity.INFO)
def more_memory_than_machine(material: Material) -> Iterator[Draft]:
    """Limits or reservations of memory are more than this machine has, so that they protect nothing.

    A single limit, the sum of the reservations and the sum of the limits are compared, each with the number of replicas.
    Nothing is flagged where the engine runs elsewhere (``DOCKER_HOST``, Docker Desktop).

    Flagged::

        services:
          db:
            image: mysql:8.4
            mem_limit: 9000g

    Accepted::

        services:
          db:
            image: mysql:8.4
            mem_limit: 64m
    """
    there, services = material.machine.memory, _services(material)
    if not there:
        return
    has = f"this machine has {format_size(there)}"
    too_big = [service for service in services if (service.memory_limit or 0) > there]
    for service in too_big:
        message = f"{format_size(service.memory_limit or 0)} of memory are allowed, {has}."
        yield Draft(service.name, message, "Set a limit that the machine can keep.", limit_place(service))
    reserved = sum((service.memory_reservation or 0) * service.replicas for service in services)
    allowed = sum((service.memory_limit or 0) * service.replicas for service in services)
    for word, total in (("reserved", reserved), ("allowed", allowed)):
        if total > there and not too_big:
            message = f"{format_size(total)} of memory are {word} for all services together, {has}."
            yield Draft(WHOLE_STACK, message, "Lower limits or replicas.", _whole(material))
            break


def _services(material: Material) -> list[Service]:
    project = material.resolution.project
    return [] if project is None else list(project.services.values())


def _unbounded(what: str, services: list[Service]) -> Iterator[Draft]:
    for service in services:
        message = f"The service has no limit of {what}, so it may exceed any budget."
        yield Draft(service.name, message, "Give it a limit.", service.location)


def _whole(material: Material) -> Location | None:
    project = material.resolution.project
    return None if project is None else project.location


def _cpu_place(service: Service) -> Location:
    place = service.place("cpus")
    return service.place("deploy", "resources", "limits", "cpus") if place == service.location else place
