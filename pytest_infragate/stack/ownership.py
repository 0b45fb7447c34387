"""What is not ours stays untouched: a stack that would use others' objects is refused before anything is started."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from docker.errors import NotFound

from ..compose.model import Project, Resource
from ..errors import OwnershipError
from .engine import Engine
from .inspection import PROJECT_LABEL, container_state
from .state import ContainerState

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


@dataclass(frozen=True)
class _Container:
    """A container of whoever, with the Compose project that it belongs to (empty: none)."""

    project: str
    state: ContainerState

    def __str__(self) -> str:
        owner = f"of project {self.project}" if self.project else "of no Compose project"
        return f"container {self.state.name} {owner}"


def refuse_foreign(engine: Engine, project: Project, *, reused: bool = False) -> Before:
    """Return what the engine holds before the start, when starting and removing the project touches none of it.

    Raises ``OwnershipError`` that names each object which this run would use or remove although it did not create it:
    those under the project's name, volumes and networks of a fixed name, containers of a fixed name, and host folders
    that containers of others write to as well. ``reused``: the project's name is one that only our runs use, and what
    carries its label was kept by an earlier one.
    """
    before, containers = survey(engine), tuple(_everybody(engine))
    kept = objects_of(engine, project.name)
    problems = [
        *([] if reused else _in_use(project.name, kept)),
        *_existing("volume", project.name, project.volumes, _without(before.volumes, "volume", kept, reused=reused)),
        *_existing(
            "network", project.name, project.networks, _without(before.networks, "network", kept, reused=reused)
        ),
        *_names_taken(project, containers),
        *_shared_folders(project, containers),
    ]
    if problems:
        raise OwnershipError("\n".join([*problems, _ATTACH]))
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


def _everybody(engine: Engine) -> Iterator[_Container]:
    """Yield every container of the engine; one that vanishes meanwhile is left out."""
    api = engine.client.api
    with engine.asking("for its containers"):
        for listed in api.containers(all=True):
            try:
                inspected = api.inspect_container(str(listed["Id"]))
            except NotFound:
                continue
            labels = inspected["Config"].get("Labels") or {}
            yield _Container(labels.get(PROJECT_LABEL, ""), container_state(inspected))


def _without(names: frozenset[str], kind: str, kept: list[str], *, reused: bool) -> frozenset[str]:
    return frozenset(name for name in names if f"{kind} {name}" not in kept) if reused else names


def _in_use(project: str, found: list[str]) -> list[str]:
    if not found:
        return []
    return [f"The project name {project} is in use: {', '.join(found)} exist and were not created by this run."]


def _existing(kind: str, project: str, resources: Mapping[str, Resource], there: frozenset[str]) -> Iterator[str]:
    """Say which volumes or networks the stack would take over; external ones are shared on purpose and never removed."""
    for resource in resources.values():
        name = resource.name or f"{project}_{resource.key}"
        if name in there and not resource.external:
            yield (
                f"{resource.location}: the {kind} {name} exists and was not created by this run, which would use and "
                f"remove it. Leave out its fixed name, or declare it external."
            )


def _names_taken(project: Project, containers: tuple[_Container, ...]) -> Iterator[str]:
    by_name = {one.state.name: one for one in containers if one.project != project.name}
    for service in project.services.values():
        other = by_name.get(service.container_name or "")
        if other is not None:
            yield (
                f"{service.place('container_name')}: the container name {service.container_name} of service "
                f"{service.name} is taken by the {other}. Leave out container_name, or remove that container."
            )


def _shared_folders(project: Project, containers: tuple[_Container, ...]) -> Iterator[str]:
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
                    yield (
                        f"{mount.location or service.location}: service {service.name} would write to {mount.source}, "
                        f"which the {other} writes to as well. Mount another folder, or mount it read-only."
                    )


def _is_inside(path: str, folder: str) -> bool:
    return PurePosixPath(path).is_relative_to(folder)


def _holds_no_data(path: str) -> bool:
    return path.endswith(_SOCKET) or any(_is_inside(path, folder) for folder in _NO_DATA)
