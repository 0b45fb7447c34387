"""What the tests made on the engine: names by which it is known, and how it is found and removed."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from docker.errors import NotFound

from pytest_infragate.stack.claim import RUN_LABEL
from pytest_infragate.stack.engine import Engine
from pytest_infragate.stack.removal import lost_networks

PROJECT_LABEL = "com.docker.compose.project"
SERVICE_LABEL = "com.docker.compose.service"
RUN = os.environ.setdefault("IGT_RUN", secrets.token_hex(3))
"""Tells apart what several test runs make on one engine; inherited by the workers of xdist."""
_OURS = re.compile(r"(infragate-)?igt-")
_OF_A_RUN = re.compile(r"(?:infragate-)?igt-([0-9a-f]{6})-")


@dataclass(frozen=True, order=True)
class Thing:
    """A container, network, volume or image; ``project`` is the stack that it belongs to, else its own name.

    Helper containers, the images of probers and claims belong to the stack beside which a run made them.
    """

    kind: str
    name: str
    project: str
    id: str


def project_name() -> str:
    """Return a Compose project name that nobody else uses and that tells which test run made it."""
    return f"igt-{RUN}-{secrets.token_hex(4)}"


def things(engine: Engine) -> tuple[Thing, ...]:
    """Return all that stands on the engine and bears a name of ours, sorted."""
    return tuple(sorted(thing for thing in _everything(engine) if _OURS.match(thing.project)))


def of_this_run(thing: Thing) -> bool:
    """Return whether this test run made it, as far as its name tells: it does not name another run."""
    named = _OF_A_RUN.match(thing.project)
    return named is None or named[1] == RUN


def without_lost(engine: Engine, those: Iterable[Thing]) -> tuple[Thing, ...]:
    """Return the things without networks of which the engine itself has lost track: nobody can remove these."""
    return tuple(
        thing for thing in those if thing.kind != "network" or thing.name not in lost_networks(engine, thing.project)
    )


def remove(engine: Engine, those: Iterable[Thing]) -> None:
    """Remove containers first, then what they used."""
    for thing in sorted(those, key=lambda thing: thing.kind != "container"):
        with contextlib.suppress(NotFound):
            _remove(engine, thing)


def told(those: Iterable[Thing]) -> str:
    """Return the things as a sentence lists them."""
    return ", ".join(f"{thing.kind} {thing.name}" for thing in those)


def _remove(engine: Engine, thing: Thing) -> None:
    client = engine.client
    if thing.kind == "container":
        client.containers.get(thing.id).remove(force=True, v=True)
    elif thing.kind == "network":
        client.networks.get(thing.id).remove()
    elif thing.kind == "image":
        client.images.remove(thing.id, noprune=True)
    else:
        client.volumes.get(thing.id).remove(force=True)


def _everything(engine: Engine) -> Iterator[Thing]:
    api = engine.client.api
    for found in api.containers(all=True):
        yield _thing("container", found["Names"][0].lstrip("/"), found["Labels"], found["Id"])
    for found in api.networks():
        yield _thing("network", found["Name"], found["Labels"], found["Id"])
    for found in api.volumes()["Volumes"] or ():
        yield _thing("volume", found["Name"], found["Labels"], found["Name"])
    for found in api.images():
        for tag in found["RepoTags"] or ():
            project = (found["Labels"] or {}).get(RUN_LABEL) or tag.partition(":")[0]
            yield Thing("image", tag, project, tag)


def _thing(kind: str, name: str, labels: dict[str, str] | None, id_: str) -> Thing:
    known = labels or {}
    return Thing(kind, name, known.get(PROJECT_LABEL) or known.get(RUN_LABEL) or name, id_)
