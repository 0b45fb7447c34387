"""Checks of limits and reservations (IG7xx)."""

from __future__ import annotations

from collections.abc import Iterator

from ..compose.model import Project
from ..results import Severity
from ..units import format_size
from .base import Draft, check


@check("IG701", Severity.ERROR)
def memory_reservation_above_limit(project: Project) -> Iterator[Draft]:
    """More memory is reserved than allowed; the engine refuses to create the container.

    Flagged::

        services:
          db:
            image: postgres:16
            mem_limit: 256m
            mem_reservation: 512m

    Accepted::

        services:
          db:
            image: postgres:16
            mem_limit: 512m
            mem_reservation: 256m
    """
    for service in project.services.values():
        limit, reserved = service.memory_limit, service.memory_reservation
        if limit and reserved and reserved > limit:
            message = f"{format_size(reserved)} of memory are reserved, but only {format_size(limit)} allowed."
            place = service.place("mem_reservation")
            if place == service.location:
                place = service.place("deploy", "resources", "reservations", "memory")
            yield Draft(service.name, message, "Raise the limit or lower the reservation.", place)
