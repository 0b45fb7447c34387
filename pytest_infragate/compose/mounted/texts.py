"""The configuration files that services are given and that lie in the project's folder, or in the Compose file itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ... import sightings
from ...results import Location
from ..model import Project, Service
from ..trees import shown
from ..values import objects, text
from .calls import Call, Reader, Written
from .kinds import may_hold, reader

LARGEST = 1_000_000
"""Bytes; a larger file is no configuration that somebody wrote."""
_DEEPEST = 3
_MOST = 200
"""Folders are searched so deep, and so many names of each service are looked at."""


def calls(project: Project, service: Service) -> Iterator[Call]:
    """Yield whom the configuration files of a service make it call."""
    found = tuple(configurations(project, service))
    for written, read in found:
        beside = tuple(other.text for other, kind in found if kind is read and other is not written)
        yield from read(replace(written, beside=beside))


def configurations(project: Project, service: Service) -> Iterator[tuple[Written, Reader]]:
    """Yield each configuration of a known kind; what cannot be read, is binary, or leads out of the folder is left out."""
    for path, file in _files(project, service):
        read = reader(service.image or "", path)
        content = _content(project, file) if read else None
        if read and content is not None:
            place = Location(shown(file, project.directory), 1)
            yield Written(path, content, place, is_file=True, environment=service.environment), read
    yield from _inline(project, service)


def _inline(project: Project, service: Service) -> Iterator[tuple[Written, Reader]]:
    """Yield what the Compose file itself holds under ``configs``."""
    for use in objects(service.resolved, "configs"):
        config = project.configs.get(text(use, "source") or "")
        content = text(config.resolved, "content") if config else None
        path = text(use, "target") or ""
        read = reader(service.image or "", path)
        if config and content and read:
            yield Written(path, content, config.location, is_file=False, environment=service.environment), read


def _files(project: Project, service: Service) -> Iterator[tuple[str, Path]]:
    """Yield (path in the container, file) of every file that is mounted, folders searched."""
    for use in objects(service.resolved, "configs"):
        config = project.configs.get(text(use, "source") or "")
        if config and config.file:
            yield text(use, "target") or f"/{config.key}", Path(config.file)
    for mount in service.mounts:
        if mount.kind == "bind" and mount.source and _is_within(project, Path(mount.source)):
            yield from _below(service.image or "", mount.target, Path(mount.source))


def _below(image: str, target: str, source: Path) -> Iterator[tuple[str, Path]]:
    if not sightings.is_dir(source):
        yield target, source
        return
    if not may_hold(image, target):
        return
    open_, seen = [(target.rstrip("/"), source, 0)], 0
    while open_ and seen < _MOST:
        path, folder, depth = open_.pop(0)
        for name in sightings.names_in(folder):
            seen += 1
            if not name.startswith(".") and sightings.is_dir(folder / name):
                open_ += [(f"{path}/{name}", folder / name, depth + 1)] if depth < _DEEPEST else []
            else:
                yield f"{path}/{name}", folder / name


def _is_within(project: Project, path: Path) -> bool:
    """Whether a path lies below the project's folder, links followed, and is not the folder itself."""
    folder = Path(project.directory).resolve()
    return folder in path.resolve().parents


def _content(project: Project, file: Path) -> str | None:
    if not _is_within(project, file):
        return None
    content = sightings.read_at_most(file, LARGEST)
    if content is None or b"\0" in content:
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
