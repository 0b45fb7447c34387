"""Checks of what stands in the way of more than one: replicas, and stacks side by side (IG5xx)."""

from __future__ import annotations

from collections.abc import Iterator

from ..compose.model import Project
from ..results import Severity
from .base import Draft, check


@check("IG503", Severity.WARNING, dev=Severity.INFO)
def fixed_container_name(project: Project) -> Iterator[Draft]:
    """A fixed ``container_name`` exists once per engine: a second stack of the same files cannot start beside it.

    A gate that runs under a project name of its own meets the developer's own stack there.

    Flagged::

        services:
          db:
            image: postgres:16
            container_name: our-db

    Accepted::

        services:
          db:
            image: postgres:16
            hostname: our-db
    """
    for service in project.services.values():
        if service.container_name is not None:
            message = f"The container is always called {service.container_name!r}, so only one such stack can run."
            remedy = "Remove container_name; inside the networks the service's own name or an alias serves."
            yield Draft(service.name, message, remedy, service.place("container_name"))
