"""A stack that an earlier run has kept, compared with what the files say now: what must be started, and what anew."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..compose.model import Project, Service
from ..gates.roles import Life
from ..stack.state import ContainerState
from .site import Site


@dataclass(frozen=True)
class Kept:
    """What stands of a stack before this run starts anything."""

    containers: tuple[ContainerState, ...] = ()
    pending: frozenset[str] = frozenset()
    """What Compose would create or replace, by name."""
    stale: tuple[str, ...] = ()
    """Services that were started before the files changed that are mounted into them, which Compose does not see."""
    unfit: tuple[str, ...] = ()
    """Containers that do not run and have not ended as one-shots do."""

    @property
    def stands(self) -> bool:
        """Whether all of it is there as the files say, so that nothing has to be started."""
        return bool(self.containers) and not (self.pending or self.stale or self.unfit)

    @property
    def is_well(self) -> bool:
        """Whether, moreover, nobody has to be waited for."""
        return self.stands and all(state.health in (None, "healthy") for state in self.containers)


def look(site: Site) -> Kept:
    """Return what stands; nothing is changed. Raises ``EngineError`` and ``StartError`` as ``ComposeStack.pending``."""
    found = site.containers()
    unfit = tuple(state.name for state in found if not _fits(site, state))
    return Kept(found, site.stack.pending(), tuple(stale(site.project, found, local=site.engine.is_local)), unfit)


def images(site: Site) -> dict[str, str]:
    """Return which image each name means now, of those that the services use; a name with a digest never changes."""
    used = {_with_tag(one.image or f"{site.project.name}-{one.name}") for one in site.project.services.values()}
    return {name: id_ for name, id_ in site.engine.image_ids().items() if name in used}


def stale(project: Project, containers: Sequence[ContainerState], *, local: bool) -> Iterator[str]:
    """Yield the services of which a container was started before a file changed that it gets and cannot write.

    What a container may write, it may have changed itself. The files of an engine elsewhere cannot be seen.
    """
    for service in project.services.values() if local else ():
        started = [state.started_at for state in containers if state.service == service.name and state.started_at]
        changed = max(map(_changed_at, _sources(project, service)), default=0.0)
        if started and changed > min(started).timestamp():
            yield service.name


def _fits(site: Site, state: ContainerState) -> bool:
    role = site.roles.get(state.service)
    ends = role is not None and role.life is not Life.LONG_RUNNING
    if ends and state.status == "exited":
        return state.exit_code == 0
    return state.running and not state.paused and not state.restarting


def _sources(project: Project, service: Service) -> Iterator[Path]:
    """Yield the files and folders of the host that a service reads: read-only mounts, configs and secrets."""
    yield from (Path(one.source) for one in service.mounts if one.kind == "bind" and one.read_only and one.source)
    for keys, resources in ((service.configs, project.configs), (service.secrets, project.secrets)):
        files = (resources[key].file for key in keys if key in resources)
        yield from (Path(file) for file in files if file)


def _changed_at(path: Path) -> float:
    """Return when a file, or anything in a folder, changed last, in seconds; 0 for what is not there.

    The time of the last change of content or state, which copying a file does not set back.
    """
    folders: Collection[tuple[str, list[str], list[str]]] = tuple(os.walk(path)) if path.is_dir() else ()
    inside = (Path(folder) / name for folder, _, names in folders for name in names)
    times = (one.lstat().st_ctime for one in (path, *inside) if one.is_symlink() or one.exists())
    return max(times, default=0.0)


def _with_tag(image: str) -> str:
    return image if ":" in image.rpartition("/")[2] else f"{image}:latest"
