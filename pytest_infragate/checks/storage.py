"""Checks of where data lives (IG620 to IG623)."""

from __future__ import annotations

from collections.abc import Iterator

from ..compose.model import Mount, Project, Service
from ..compose.stores import POSTGRES_OF_PARENT, Store, is_postgres, major, store
from ..results import Severity
from ..suggest import listed
from .base import Draft, check

_PARENT = "/var/lib/postgresql"
_DATA = f"{_PARENT}/data"
_KEEPING = ("volume", "bind", "tmpfs")


@check("IG620", Severity.WARNING, dev=Severity.INFO)
def data_without_volume(project: Project) -> Iterator[Draft]:
    """A database keeps its data in no volume of the project, so that it is gone with the container.

    A bind mount and a tmpfs count: whoever writes one has decided.

    Flagged::

        services:
          db:
            image: mysql:8.4

    Accepted::

        services:
          db:
            image: mysql:8.4
            volumes: ["data:/var/lib/mysql"]
          scratch:
            image: mysql:8.4
            tmpfs: [/var/lib/mysql]
        volumes:
          data:
    """
    for service in project.services.values():
        known = store(service)
        if known and not _moved(service, known) and not _named_mounts(service):
            message = f"{service.image} keeps its data at {listed(known.paths)}, where the file mounts nothing."
            remedy = f"Mount a named volume at {known.paths[0]}, or a tmpfs where the data may go."
            yield Draft(service.name, message, remedy, service.place("volumes"))


@check("IG621", Severity.INFO, strict=Severity.WARNING)
def anonymous_volume(project: Project) -> Iterator[Draft]:
    """A volume without a name is a new one for every new container; old ones stay behind on the engine.

    A folder that is kept out of a bind mount above it (``/app`` from the host, ``/app/node_modules`` not) is fine.

    Flagged::

        services:
          db:
            image: mysql:8.4
            volumes: [/var/lib/mysql]

    Accepted::

        services:
          app:
            image: ours:1.0
            volumes: [".:/app", /app/node_modules]
    """
    for service in project.services.values():
        binds = [mount.target.rstrip("/") + "/" for mount in service.mounts if mount.kind == "bind"]
        for mount in service.mounts:
            if mount.kind == "volume" and not mount.source and not mount.target.startswith(tuple(binds)):
                message = f"The volume at {mount.target} has no name: a new container begins with an empty one."
                remedy = f"Give it one (data:{mount.target}) and declare it under volumes."
                yield Draft(service.name, message, remedy, mount.location or service.place("volumes"))


@check("IG622", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def volume_beside_data(project: Project) -> Iterator[Draft]:
    """A database has volumes, but none where its image keeps the data.

    The data then lies in a volume without a name, or in the container, and the named volume stays empty.

    Flagged::

        services:
          db:
            image: mysql:8.4
            volumes: ["data:/var/lib/mysqldata"]
        volumes:
          data:

    Accepted::

        services:
          db:
            image: mysql:8.4
            volumes: ["data:/var/lib/mysql"]
        volumes:
          data:
    """
    for service in project.services.values():
        known = store(service)
        named = [mount for mount in service.mounts if mount.kind == "volume" and mount.source]
        if known is None or not named or _moved(service, known) or _refused_mount(service) is not None:
            continue
        if not any(_covers(mount.target, path) for mount in service.mounts for path in known.paths):
            kept = f"{service.image} keeps its data at {listed(known.paths)}"
            message = f"{kept}, but {named[0].source!r} is mounted at {named[0].target}."
            remedy = f"Mount the volume that is for the data at {known.paths[0]}."
            yield Draft(service.name, message, remedy, named[0].location or service.place("volumes"))


@check("IG623", Severity.ERROR)
def postgres_refuses_mount(project: Project) -> Iterator[Draft]:
    """PostgreSQL 18 and newer does not start with a mount at the folder where older versions kept their data.

    From 18 on the image keeps its data in a folder of the version below ``/var/lib/postgresql``, and refuses a mount at
    ``/var/lib/postgresql/data``, where it would stay unused.

    Flagged::

        services:
          db:
            image: postgres:18
            volumes: ["data:/var/lib/postgresql/data"]
        volumes:
          data:

    Accepted::

        services:
          db:
            image: postgres:18
            volumes: ["data:/var/lib/postgresql"]
          old:
            image: postgres:17
            volumes: ["old:/var/lib/postgresql/data"]
        volumes:
          data:
          old:
    """
    for service in project.services.values():
        mount = _refused_mount(service)
        if mount is not None:
            message = f"{service.image} refuses to start with a mount at {_DATA}."
            remedy = f"Mount it at {_PARENT} and move old data with pg_upgrade, or stay at version 17."
            yield Draft(service.name, message, remedy, mount.location or service.place("volumes"))


def _refused_mount(service: Service) -> Mount | None:
    known = store(service)
    if known is None or not is_postgres(service) or "PGDATA" in service.environment:
        return None
    if (major(service.image or "") or 0) < POSTGRES_OF_PARENT:
        return None
    return next((mount for mount in service.mounts if mount.target.rstrip("/") == _DATA), None)


def _moved(service: Service, known: Store) -> bool:
    """Whether a variable puts the data elsewhere."""
    return bool(known.variable) and known.variable in service.environment


def _named_mounts(service: Service) -> list[Mount]:
    """Return the mounts that somebody gave a thought to: volumes with a name, folders of the host, memory."""
    return [mount for mount in service.mounts if mount.kind == "tmpfs" or (mount.source and mount.kind in _KEEPING)]


def _covers(target: str, path: str) -> bool:
    """Whether a mount holds what an image keeps at a path; one above it does not, as the image makes its own there."""
    return f"{target.rstrip('/')}/".startswith(f"{path}/")
