"""What containers have to ask with: the programs of their images, each image looked into once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import InfragateError
from . import tools
from .helper import HelperImage
from .state import ContainerState
from .tools import Tools

if TYPE_CHECKING:
    from .engine import Engine

_LOOK_S = 20.0


class InsideError(InfragateError):
    """Nothing could be learned from inside a container; the message says why and what to do."""


class Programs:
    """The programs of a project's images. Safe for use from several threads."""

    def __init__(self, engine: Engine, project: str) -> None:
        self._engine = engine
        self._project = project
        self._known: dict[str, frozenset[str]] = {}
        self._looking: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def of(self, image_id: str, container_id: str) -> frozenset[str]:
        """Return the programs that an image has, found out in a container of it the first time; the others wait."""
        with self._lock:
            looking = self._looking.setdefault(image_id, threading.Lock())
        with looking:
            if image_id not in self._known:
                self._known[image_id] = self._looked_for(container_id)
            return self._known[image_id]

    def _looked_for(self, container_id: str) -> frozenset[str]:
        for argv in (tools.FIND_TOOLS, tools.FIND_PYTHON):
            found = self._engine.execute(container_id, argv, timeout_s=_LOOK_S)
            if found.timed_out:
                raise InsideError(f"looking for tools in container {container_id[:12]} did not finish in {_LOOK_S:g} s")
            if found.exit_code == 0:
                return frozenset(found.stdout.decode("ascii", errors="replace").split())
        return frozenset()

    def image_of_stack(self, able: Callable[[frozenset[str]], bool]) -> HelperImage | None:
        """Return the running image of the stack that has the best tools, if any has what is needed."""
        running = [state for state in self._engine.containers(self._project) if not down(state)]
        found = {state.image_id: self.of(state.image_id, state.id) for state in running}
        fit = [HelperImage(image, programs) for image, programs in found.items() if able(programs)]
        ranks = list(Tools)
        return min(fit, key=lambda one: (ranks.index(tools.best_of(one.programs)), one.image), default=None)


def down(caller: ContainerState) -> str:
    """Say why nothing can be asked from a container; empty when something can."""
    if caller.paused:
        return f"{caller.name} is paused"
    if caller.restarting or not caller.running:
        return f"{caller.name} is not running (it is {caller.status}, exit code {caller.exit_code})"
    return ""
