"""What is not ours stays untouched: a stack that would use others' objects is refused before anything is started."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..compose.isolation import joined_by
from ..compose.model import Project, Resource
from ..errors import Collision, OwnershipError
from . import host_ports
from .inspection import PROJECT_LABEL
from .neighbours import ISOLATE, Neighbour, Network, everybody, networks, of_project

if TYPE_CHECKING:
    from .engine import Engine

_ATTACH = "To gate a stack that is already up, use --infragate-attach: it starts, stops and alters nothing of it."
_NO_DATA = ("/dev", "/proc", "/sys")
_SOCKET = ".sock"


@dataclass(frozen=True)
class Before:
    """What the engine held before this run started anything: names of volumes, networks and images, ids of containers."""

    volumes: frozenset[str] = frozenset()
    networks: frozenset[str] = frozenset()
    images: frozenset[str] = frozenset()
    containers: frozenset[str] = frozenset()


def refuse_foreign(engine: Engine, project: Project, *, reused: bool = False) -> Before:
    """Return what the engine holds before the start, when starting and removing the project touches none of it.

    Raises ``OwnershipError`` that names each object which this run would use or remove although it did not create it:
    those under the project's name, volumes and networks of a fixed name, containers of a fixed name, and host folders
    that containers of others write to as well; and what others have that the stack needs for itself: host ports and
    address ranges. ``reused``: the project's name is one that only our runs use, and what
    carries its label was kept by an earlier one.
    """
    before, containers = survey(engine), tuple(everybody(engine))
    kept = objects_of(engine, project.name)
    problems = [
        *([] if reused else _in_use(project.name, kept)),
        *_existing("volume", project.name, project.volumes, _without(before.volumes, "volume", kept, reused=reused)),
        *_existing(
            "network", project.name, project.networks, _without(before.networks, "network", kept, reused=reused)
        ),
        *_names_taken(project, containers),
        *_shared_folders(project, containers),
        *_subnets_taken(project, networks(engine)),
        *host_ports.taken(engine, project, containers),
    ]
    if problems:
        raise OwnershipError(problems)
    return before


def survey(engine: Engine) -> Before:
    """Return what the engine holds now, everybody's."""
    api = engine.client.api
    with engine.asking("for what it holds"):
        return Before(
            volumes=frozenset(str(one["Name"]) for one in api.volumes().get("Volumes") or ()),
            networks=frozenset(str(one["Name"]) for one in api.networks()),
            images=frozenset(str(tag) for one in api.images() for tag in one.get("RepoTags") or ()),
            containers=frozenset(str(one["Id"]) for one in api.containers(all=True)),
        )


def objects_of(engine: Engine, project: str) -> list[str]:
    """Return the objects on the engine that carry a project's label, as words: ``volume shop_data``."""
    label = {"label": [f"{PROJECT_LABEL}={project}"]}
    api = engine.client.api
    with engine.asking(f"for the objects of project {project}"):
        containers = [str(one["Names"][0]).lstrip("/") for one in api.containers(all=True, filters=label)]
        networks = [str(one["Name"]) for one in api.networks(filters=label)]
        volumes = [str(one["Name"]) for one in api.volumes(filters=label).get("Volumes") or ()]
    return [
        *(f"container {name}" for name in sorted(containers)),
        *(f"network {name}" for name in sorted(networks)),
        *(f"volume {name}" for name in sorted(volumes)),
    ]


def _without(names: frozenset[str], kind: str, kept: list[str], *, reused: bool) -> frozenset[str]:
    return frozenset(name for name in names if f"{kind} {name}" not in kept) if reused else names


def _in_use(project: str, found: list[str]) -> list[Collision]:
    if not found:
        return []
    message = f"The project name {project} is in use: {', '.join(found)} exist and were not created by this run."
    return [Collision(message, _ATTACH)]


def _existing(kind: str, project: str, resources: Mapping[str, Resource], there: frozenset[str]) -> Iterator[Collision]:
    """Say which volumes or networks the stack would take over; external ones are shared on purpose and never removed."""
    for resource in resources.values():
        name = resource.name or f"{project}_{resource.key}"
        if name in there and not resource.external:
            message = f"the {kind} {name} exists and was not created by this run, which would use and remove it."
            remedy = f"Leave out its fixed name, declare it external, or {ISOLATE}. {_ATTACH}"
            yield Collision(message, remedy, location=resource.location)


def _subnets_taken(project: Project, there: tuple[Network, ...]) -> Iterator[Collision]:
    """Say which fixed address ranges the engine will refuse, because a network has them already."""
    others = [one for one in there if one.project != project.name]
    for network in project.networks.values():
        for subnet in () if network.external else network.subnets:
            other = next((one for one in others if any(_overlap(subnet, theirs) for theirs in one.subnets)), None)
            if other is not None:
                whose = f"the network {other.name} {of_project(other.project)}"
                message = (
                    f"the network {network.key} wants the addresses {subnet}, which overlap with those of {whose}."
                )
                remedy = f"Remove that network, leave out the fixed subnet, or {ISOLATE}."
                yield Collision(message, remedy, location=network.location)


def _overlap(one: str, other: str) -> bool:
    try:
        ours, theirs = ipaddress.ip_network(one, strict=False), ipaddress.ip_network(other, strict=False)
    except ValueError:
        return False
    return ours.version == theirs.version and ours.overlaps(theirs)


def _names_taken(project: Project, containers: tuple[Neighbour, ...]) -> Iterator[Collision]:
    by_name = {one.state.name: one for one in containers if one.project != project.name}
    for service in project.services.values():
        other = by_name.get(service.container_name or "")
        if other is not None:
            message = f"the container name {service.container_name} of service {service.name} is taken by the {other}."
            joined = joined_by(project, service)
            isolate = f"(service {joined} joins it by this name, so compose.isolate leaves it)" if joined else ISOLATE
            remedy = f"Remove that container, leave out container_name, or {isolate}. {_ATTACH}"
            yield Collision(message, remedy, service.name, service.place("container_name"))


def _shared_folders(project: Project, containers: tuple[Neighbour, ...]) -> Iterator[Collision]:
    """Say which host folders this stack and somebody else's container would both write to.

    A folder of ours inside one of theirs is left alone: that is a workspace mounted as a whole, not their data.
    """
    others = [one for one in containers if one.project != project.name]
    for service in project.services.values():
        for mount in service.mounts:
            if mount.kind != "bind" or mount.read_only or not mount.source or _holds_no_data(mount.source):
                continue
            for other in others:
                if any(writable and _is_inside(path, mount.source) for path, writable in other.state.binds):
                    message = (
                        f"service {service.name} would write to {mount.source}, which the {other} writes to as well."
                    )
                    remedy = "Mount another folder, or mount it read-only."
                    yield Collision(message, remedy, service.name, mount.location or service.location)


def _is_inside(path: str, folder: str) -> bool:
    return PurePosixPath(path).is_relative_to(folder)


def _holds_no_data(path: str) -> bool:
    return path.endswith(_SOCKET) or any(_is_inside(path, folder) for folder in _NO_DATA)
