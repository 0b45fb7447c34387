"""Checks of what a stack expects outside of itself (IG117)."""

from __future__ import annotations

from collections.abc import Iterator

from ..compose.model import Project
from ..results import Severity
from .base import Draft, check


@check("IG117", Severity.INFO)
def external_resource_expected(project: Project) -> Iterator[Draft]:
    """The stack needs a network or a volume that somebody else has to create before the start.

    Compose creates nothing that is ``external``, and refuses to start where it is absent. Whether it is there, only the
    engine knows: a static run lists it, a full run closes the condition ``lifecycle`` when it is not. What no service of
    the active profiles uses is not needed.

    References: Compose documentation, networks and volumes, external.

    Flagged::

        services:
          web:
            image: ours:1.0
            networks: [company]
        networks:
          company: {external: true}

    Accepted::

        services:
          web:
            image: ours:1.0
            networks: [company]
        networks:
          company: {}
    """
    networks = {use.key for service in project.services.values() for use in service.networks}
    volumes = {mount.source for service in project.services.values() for mount in service.mounts}
    for kind, used, resources in (("network", networks, project.networks), ("volume", volumes, project.volumes)):
        for key, resource in resources.items():
            if resource.external and key in used:
                name = resource.name or key
                message = f"The {kind} {name!r} has to be there before the start; Compose does not create it."
                remedy = f"Create it with `docker {kind} create {name}` where it is absent."
                yield Draft(key, message, remedy, resource.location)
