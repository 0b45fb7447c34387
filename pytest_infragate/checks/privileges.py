"""Checks of what a container may do to its host (IG4xx)."""

from __future__ import annotations

from collections.abc import Iterator

from ..compose.model import Mount, Project
from ..results import Severity
from .base import Draft, check

_SOCKETS = ("docker.sock", "containerd.sock", "podman.sock", "crio.sock")
_SOCKET_FOLDERS = frozenset({"/", "/run", "/var/run"})


@check("IG401", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def privileged_container(project: Project) -> Iterator[Draft]:
    """A privileged container is root on the host in all but name.

    Flagged::

        services:
          agent:
            image: busybox:1.36
            privileged: true

    Accepted::

        services:
          agent:
            image: busybox:1.36
            cap_add: [NET_ADMIN]
    """
    for service in project.services.values():
        if service.privileged:
            remedy = "Grant the capabilities or devices that it needs (cap_add, devices) instead of all of them."
            message = "The container is privileged: it can do anything to its host."
            yield Draft(service.name, message, remedy, service.place("privileged"))


@check("IG402", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def engine_socket_mounted(project: Project) -> Iterator[Draft]:
    """A container that can reach the container engine's socket can start a privileged one: it is root on the host.

    A read-only mount makes no difference: a request needs no write access to the socket's file.

    Flagged::

        services:
          agent:
            image: busybox:1.36
            volumes: ["/var/run/docker.sock:/var/run/docker.sock:ro"]

    Accepted::

        services:
          agent:
            image: busybox:1.36
            volumes: ["/var/log:/logs:ro"]
    """
    for service in project.services.values():
        for mount in service.mounts:
            if _reaches_socket(mount):
                message = f"{mount.source} is mounted: whoever controls this container controls the host."
                remedy = "Do without it, or put a proxy between that allows only the requests that are needed."
                yield Draft(service.name, message, remedy, mount.location or service.place("volumes"))


def _reaches_socket(mount: Mount) -> bool:
    source = mount.source or ""
    return mount.kind == "bind" and (source in _SOCKET_FOLDERS or source.endswith(_SOCKETS))
