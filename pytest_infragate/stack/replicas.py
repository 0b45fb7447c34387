"""Takes containers out of a service again that were added to it."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from docker.errors import NotFound

from .lifecycle import STOP_GRACE_S
from .state import ContainerState

if TYPE_CHECKING:
    from .engine import Engine

_AT_ONCE = 4


def withdraw(engine: Engine, containers: Sequence[ContainerState]) -> None:
    """Stop containers in order and remove them with their anonymous volumes. Raises EngineError after trying all.

    Not through ``docker compose up --scale``: that leaves the anonymous volumes, which nothing names afterwards.
    """
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="infragate-withdraw") as pool:
        tuple(pool.map(partial(_withdraw, engine), containers))


def _withdraw(engine: Engine, state: ContainerState) -> None:
    with engine.asking(f"to remove container {state.name}"), contextlib.suppress(NotFound):
        container = engine.client.containers.get(state.id)
        container.stop(timeout=STOP_GRACE_S)
        container.remove(v=True, force=True)
