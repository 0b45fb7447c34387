"""Removes what ``docker compose down`` left of this run's own objects, and says what is still there."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from docker.errors import APIError

from ..compose.model import Project
from .inspection import PROJECT_LABEL
from .ownership import Before, objects_of

if TYPE_CHECKING:
    from .engine import Engine


def built_images(project: Project) -> tuple[str, ...]:
    """Return the images that a build makes for this project alone; one with ``image:`` bears the user's own name."""
    return tuple(
        f"{project.name}-{service.name}:latest"
        for service in project.services.values()
        if service.build and not service.image
    )


def own_volumes(engine: Engine, project: str, before: Before) -> frozenset[str]:
    """Return the volumes, anonymous ones too, that our containers mount and that did not exist before."""
    return engine.mounted_volumes(project) - before.volumes


def leftovers(engine: Engine, project: str, volumes: Collection[str] = (), images: Collection[str] = ()) -> list[str]:
    """Return what is left of a project, as words: labelled objects, and the given volumes and images that exist."""
    left = objects_of(engine, project)
    with engine.asking("for what is left"):
        there = {str(one["Name"]) for one in engine.client.api.volumes().get("Volumes") or ()}
    left += [f"volume {name}" for name in sorted(there.intersection(volumes)) if f"volume {name}" not in left]
    return left + [f"image {name}" for name in images if engine.exists_image(name)]


def attached(engine: Engine, project: str) -> dict[str, tuple[str, ...]]:
    """Return the networks of a project to which containers are still connected, with their names.

    Asked after everything of the project was removed, these are containers of others; Compose leaves such a network
    behind and calls that a success.
    """
    api = engine.client.api
    with engine.asking(f"who uses the networks of project {project}"):
        ids = [str(one["Id"]) for one in api.networks(filters={"label": [f"{PROJECT_LABEL}={project}"]})]
        found = [api.inspect_network(one) for one in ids]
    users = {str(one["Name"]): sorted(str(user["Name"]) for user in one["Containers"].values()) for one in found}
    return {network: tuple(names) for network, names in users.items() if names}


def lost_networks(engine: Engine, project: str) -> tuple[str, ...]:
    """Return the networks of a project that have no container and that the engine refuses to remove all the same.

    The engine may lose count of a network's endpoints when many containers end at once, and then frees the network only
    when it is started anew (moby/moby#43286). To be asked when removal was tried for a while: a network that is still
    being freed looks the same. Raises ``EngineError`` when the engine does not answer.
    """
    with engine.asking(f"for the networks of project {project}"):
        networks = engine.client.api.networks(filters={"label": [f"{PROJECT_LABEL}={project}"]})
        return tuple(sorted(str(one["Name"]) for one in networks if _is_lost(engine, str(one["Id"]))))


def _is_lost(engine: Engine, network: str) -> bool:
    api = engine.client.api
    if api.inspect_network(network)["Containers"]:
        return False
    try:
        api.remove_network(network)
    except APIError as error:
        return "has active endpoints" in str(error)
    return False


def remove_leftovers(
    engine: Engine, project: str, before: Before, volumes: Collection[str] = (), images: Collection[str] = ()
) -> None:
    """Remove what this run created under the project's label, the given volumes and the given images.

    Nothing that existed ``before`` is removed. What cannot be removed stays for ``leftovers`` to tell. Removed images
    leave their layers, so that the next build finds them. Raises ``EngineError`` when the engine does not answer.
    """
    api = engine.client.api
    label = {"label": [f"{PROJECT_LABEL}={project}"]}
    with engine.asking(f"to remove what is left of project {project}"):
        containers = [str(one["Id"]) for one in api.containers(all=True, filters=label)]
        _each(containers, before.containers, lambda name: api.remove_container(name, v=True, force=True))
        networks = {str(one["Name"]): str(one["Id"]) for one in api.networks(filters=label)}
        _each(networks, before.networks, lambda name: api.remove_network(networks[name]))
        labelled = [str(one["Name"]) for one in api.volumes(filters=label).get("Volumes") or ()]
        _each({*labelled, *volumes}, before.volumes, api.remove_volume)
        _each(images, before.images, lambda name: api.remove_image(name, noprune=True))


def _each(names: Iterable[str], before: Collection[str], remove: Callable[[str], Any]) -> None:
    """Remove everything that is new; what the engine refuses to remove is told afterwards as left."""
    for name in _new(names, before):
        with contextlib.suppress(APIError):
            remove(name)


def _new(names: Iterable[str], before: Collection[str]) -> Iterator[str]:
    return (name for name in names if name not in before)
