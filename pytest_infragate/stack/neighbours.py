"""The containers and networks of everybody on the engine, with the Compose project that each belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from docker.errors import NotFound

from .inspection import PROJECT_LABEL, container_state
from .state import ContainerState

if TYPE_CHECKING:
    from .engine import Engine

ISOLATE = "set `compose: {isolate: true}` in the settings, which gives every run its own"
"""The remedy for whatever two stacks cannot both have."""


@dataclass(frozen=True)
class Neighbour:
    """A container of whoever; ``project`` is empty where it belongs to none."""

    project: str
    state: ContainerState

    def __str__(self) -> str:
        return f"container {self.state.name} {of_project(self.project)}"


@dataclass(frozen=True)
class Network:
    """A network of the engine with its address ranges; ``project`` is empty where it belongs to none."""

    name: str
    project: str
    subnets: tuple[str, ...] = ()


def of_project(name: str) -> str:
    """Return whose something is, to follow its name."""
    return f"of project {name}" if name else "of no Compose project"


def everybody(engine: Engine) -> Iterator[Neighbour]:
    """Yield every container of the engine; one that vanishes meanwhile is left out."""
    api = engine.client.api
    with engine.asking("for its containers"):
        for listed in api.containers(all=True):
            try:
                inspected = api.inspect_container(str(listed["Id"]))
            except NotFound:
                continue
            labels = inspected["Config"].get("Labels") or {}
            yield Neighbour(labels.get(PROJECT_LABEL, ""), container_state(inspected))


def networks(engine: Engine) -> tuple[Network, ...]:
    """Return every network of the engine."""
    with engine.asking("for its networks"):
        found = engine.client.api.networks()
    return tuple(
        Network(
            str(one["Name"]),
            (one.get("Labels") or {}).get(PROJECT_LABEL, ""),
            tuple(str(pool["Subnet"]) for pool in (one.get("IPAM") or {}).get("Config") or () if pool.get("Subnet")),
        )
        for one in found
    )
