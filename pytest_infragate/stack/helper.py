"""Helper containers in a caller's network namespace, for callers whose image has nothing to ask with."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from docker.errors import NotFound
from docker.types import LogConfig

from .. import identity
from ..errors import EngineError
from .claim import OWNER_LABEL, RUN_LABEL
from .state import ContainerState

if TYPE_CHECKING:
    from .engine import Engine

LIFETIME_S = 3600
"""A helper ends by itself after this time, so that none outlives a killed run for long."""
_AT_ONCE = 4
_COMPOSE_LABELS = (
    "com.docker.compose.project",
    "com.docker.compose.service",
    "com.docker.compose.oneoff",
    "com.docker.compose.container-number",
)
_STAY = {
    "sleep": ("sleep", str(LIFETIME_S)),
    "python3": ("python3", "-I", "-S", "-c", f"import time; time.sleep({LIFETIME_S})"),
}


@dataclass(frozen=True)
class HelperImage:
    """A local image that helpers can be made of, and the programs that it has."""

    image: str
    programs: frozenset[str]


@dataclass(frozen=True)
class _Running:
    container_id: str
    started_for: object
    born: float


class Helpers:
    """The helper containers of one run: at most one per caller, all removed by ``close``; safe for several threads."""

    def __init__(self, engine: Engine, run: str) -> None:
        self._engine = engine
        self._run = run
        self._lock = threading.Lock()
        self._running: dict[str, _Running] = {}

    def container_id(self, caller: ContainerState, image: HelperImage) -> str:
        """Return the id of the helper of ``caller``, started now unless it stands already.

        A caller that was restarted has a new network namespace, so its helper is made anew. Raises EngineError.
        """
        key = f"{caller.id} {image.image}"
        with self._lock:
            known = self._running.get(key)
            if known and known.started_for == caller.started_at and time.monotonic() - known.born < LIFETIME_S / 2:
                return known.container_id
            if known:
                remove(self._engine, known.container_id)
            container_id = self._start(caller, image)
            self._running[key] = _Running(container_id, caller.started_at, time.monotonic())
            return container_id

    def close(self) -> None:
        """Remove every helper, also when removing one of them fails."""
        with self._lock:
            running, self._running = self._running, {}
        remove_all(self._engine, [helper.container_id for helper in running.values()])

    def _start(self, caller: ContainerState, image: HelperImage) -> str:
        """Create and start a helper; return its id."""
        stay = _STAY["sleep" if "sleep" in image.programs else "python3"]
        inherited = self._image_labels(image.image)
        container_id = create_beside(self._engine, self._run, caller, image.image, stay, inherited)
        with started(self._engine, container_id):
            return container_id

    def _image_labels(self, image: str) -> Mapping[str, str]:
        with self._engine.asking(f"about image {image}"):
            return dict(self._engine.client.images.get(image).labels)


def create_beside(
    engine: Engine,
    run: str,
    caller: ContainerState,
    image: str,
    entrypoint: Sequence[str],
    inherited: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Create a container in the network namespace of ``caller``, with its input open; nothing is pulled. Return its id.

    It has what asking needs and nothing else, for each of these costs the engine time. ``inherited`` are the labels of
    its image. Raises EngineError.
    """
    api = engine.client.api
    with engine.asking(f"for a helper container beside {caller.name}"):
        made = api.create_container(
            image,
            command=[],
            entrypoint=list(entrypoint),
            labels=_labels(run, inherited),
            healthcheck={"test": ["NONE"]},
            stdin_open=True,
            host_config=api.create_host_config(
                network_mode=f"container:{caller.id}",
                auto_remove=True,
                read_only=True,
                cap_drop=["ALL"],
                security_opt=["no-new-privileges"],
                log_config=LogConfig(type="none"),
                init=False,
            ),
        )
    return str(made["Id"])


@contextlib.contextmanager
def started(engine: Engine, container_id: str) -> Iterator[None]:
    """Start a helper; it is removed when that fails, or what is done then. Raises EngineError."""
    with contextlib.ExitStack() as unless_good:
        unless_good.callback(remove, engine, container_id)
        with engine.asking("to start a helper container"):
            engine.client.api.start(container_id)
        yield
        unless_good.pop_all()


def remove(engine: Engine, container_id: str) -> None:
    """Remove a helper with its anonymous volumes; one that is gone already is fine. Raises EngineError."""
    try:
        what = f"to remove the helper container {container_id[:12]}"
        with engine.asking(what), contextlib.suppress(NotFound):
            engine.client.api.remove_container(container_id, force=True, v=True)
    except EngineError as error:
        if "already in progress" not in str(error):
            raise


def remove_all(engine: Engine, container_ids: Iterable[str]) -> None:
    """Remove helpers, several at a time; all are tried. Raises EngineError for the first that could not be removed."""
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="infragate-remove") as pool:
        done = [pool.submit(remove, engine, one) for one in container_ids]
    for removed in done:
        removed.result()


def _labels(run: str, inherited: Mapping[str, str]) -> dict[str, str]:
    """Return our labels, and empty ones over those that Compose leaves in the images that it builds.

    A container inherits its image's labels: Compose would take the helper for a container of the project.
    """
    blanked = {name: "" for name in inherited if name.startswith("com.docker.compose.")}
    return {
        **dict.fromkeys(_COMPOSE_LABELS, ""),
        **blanked,
        RUN_LABEL: run,
        OWNER_LABEL: identity.mine().text(),
    }
