"""Checks of what several containers may write to, and of files that a container may change (IG617 to IG619)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from .. import sightings
from ..compose.model import Mount, Project, Service
from ..compose.stores import store
from ..compose.values import inner, objects, text
from ..results import Severity
from ..suggest import listed
from .base import Draft, check


@check("IG617", Severity.ERROR, dev=Severity.WARNING)
def databases_share_volume(project: Project) -> Iterator[Draft]:
    """Two servers write into one data folder, which destroys the data or keeps the second from starting.

    Counted are database servers with write access at the folder where their image keeps its data, and the replicas of one
    such service. A client that uses the same image, and a mount without write access, are fine.

    Flagged::

        services:
          one:
            image: postgres:16
            volumes: ["data:/var/lib/postgresql/data"]
          two:
            image: postgres:16
            volumes: ["data:/var/lib/postgresql/data"]
        volumes:
          data:

    Accepted::

        services:
          one:
            image: postgres:16
            volumes: ["data:/var/lib/postgresql/data"]
          dump:
            image: postgres:16
            command: pg_dump -h one
            volumes: ["data:/var/lib/postgresql/data"]
        volumes:
          data:
    """
    owners: dict[tuple[str, str], Service] = {}
    for service in project.services.values():
        for key, mount in _data_mounts(service):
            place = mount.location or service.place("volumes")
            other = owners.setdefault(key, service)
            if other is not service:
                message = (
                    f"{mount.source!r} is the data folder of {other.name!r} as well; only one server may write it."
                )
                yield Draft(service.name, message, "Give each server a volume of its own.", place)
            elif service.replicas > 1:
                message = f"{service.replicas} replicas write into the one data folder {mount.source!r}."
                yield Draft(service.name, message, "Run one replica, or a service for each with its own volume.", place)


@check("IG618", Severity.INFO)
def volume_shared(project: Project) -> Iterator[Draft]:
    """Several services mount one volume or folder of the host, and more than one of them may write to it.

    That is often meant; it is listed so that it is known.

    Flagged::

        services:
          web:
            image: nginx:1.27
            volumes: ["files:/files"]
          worker:
            image: ours:1.0
            volumes: ["files:/files"]
        volumes:
          files:

    Accepted::

        services:
          web:
            image: nginx:1.27
            volumes: ["files:/files:ro"]
          worker:
            image: ours:1.0
            volumes: ["files:/files"]
        volumes:
          files:
    """
    for volume, writers in _writers(project).items():
        if len(writers) > 1:
            message = f"{listed(writers, 'and')} may all write to {volume!r}."
            remedy = "Mount it read-only (:ro) where it is only read."
            service = project.services[writers[-1]]
            declared = project.volumes.get(volume)
            yield Draft(service.name, message, remedy, declared.location if declared else service.place("volumes"))


@check("IG619", Severity.INFO, strict=Severity.ERROR)
def configuration_mounted_writable(project: Project) -> Iterator[Draft]:
    """A file of the project is mounted with write access, so that the container may change it on the host.

    Flagged::

        services:
          web:
            image: nginx:1.27
            volumes: ["./compose.yaml:/etc/web.yaml"]

    Accepted::

        services:
          web:
            image: nginx:1.27
            volumes: ["./compose.yaml:/etc/web.yaml:ro"]
    """
    for service in project.services.values():
        for mount in service.mounts:
            if mount.kind == "bind" and not mount.read_only and mount.source and sightings.is_file(mount.source):
                message = f"The container may change the file {mount.source}, which is mounted at {mount.target}."
                place = mount.location or service.place("volumes")
                yield Draft(service.name, message, "Mount it read-only (:ro).", place)


def _data_mounts(service: Service) -> Iterator[tuple[tuple[str, str], Mount]]:
    """Yield the writable mounts at a server's data folder, each with what it writes to."""
    known = store(service)
    if known is None:
        return
    parts = {text(one, "target"): text(inner(one, "volume"), "subpath") for one in objects(service.resolved, "volumes")}
    for mount in service.mounts:
        at_data = mount.target.rstrip("/") in known.paths
        if mount.source and mount.kind in ("volume", "bind") and not mount.read_only and at_data:
            yield (f"{mount.kind}:{mount.source}", parts.get(mount.target) or ""), mount


def _writers(project: Project) -> Mapping[str, list[str]]:
    writers: dict[str, list[str]] = defaultdict(list)
    for service in project.services.values():
        for source in sorted({mount.source or "" for mount in service.mounts if _holds_data(mount)}):
            writers[source].append(service.name)
    return writers


def _holds_data(mount: Mount) -> bool:
    """Whether a service may write data into a mount that others can have as well: no socket, no file."""
    if mount.read_only or not mount.source or mount.kind not in ("volume", "bind"):
        return False
    return mount.kind == "volume" or (not mount.source.endswith(".sock") and not sightings.is_file(mount.source))
