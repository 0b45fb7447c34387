"""The containers of one project, looked at often and inspected only when something may have changed."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .state import ContainerState

if TYPE_CHECKING:
    from .engine import Engine

STALE_S = 5.0
"""What the list does not show (restarts, runs of a healthcheck) is asked for at least so often."""
_AT_ONCE = 8
_STARTING, _HEALTHY = ("running", "starting"), ("running", "healthy")
_HEALTH = re.compile(r"\((?:health: )?(\w+)\)")


@dataclass(frozen=True)
class _Entry:
    summary: tuple[str, str]
    state: ContainerState
    seen: float


class Roster:
    """Looks at a project with one short call, where inspecting every container each time would slow their start."""

    def __init__(self, engine: Engine, project: str) -> None:
        self._engine = engine
        self._project = project
        self._entries: dict[str, _Entry] = {}

    def look(self) -> tuple[ContainerState, ...]:
        """Return the containers; what the engine's list shows of each is new, the rest at most ``STALE_S`` old."""
        listed = {str(one["Id"]): _summary(one) for one in self._engine.listed(self._project)}
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="infragate-roster") as pool:
            entries = dict(zip(listed, pool.map(self._entry, listed, listed.values()), strict=True))
        self._entries = {key: entry for key, entry in entries.items() if entry is not None}
        return _sorted(entry.state for entry in self._entries.values())

    def look_closely(self) -> tuple[ContainerState, ...]:
        """Return the containers, every one inspected now."""
        self._entries = {}
        return self.look()

    def _entry(self, key: str, summary: tuple[str, str]) -> _Entry | None:
        known = self._entries.get(key)
        if known is not None and time.monotonic() - known.seen < STALE_S:
            if known.summary == summary:
                return known
            if (known.summary, summary) == (_STARTING, _HEALTHY):
                return replace(known, summary=summary, state=replace(known.state, health=_HEALTHY[1]))
        state = self._engine.inspect_if_there(key)
        return None if state is None else _Entry(summary, state, time.monotonic())


def _summary(listed: Mapping[str, Any]) -> tuple[str, str]:
    """Return state and health as the engine's list has them: ``("running", "starting")``."""
    found = _HEALTH.search(str(listed.get("Status") or ""))
    return str(listed.get("State") or ""), found[1] if found else ""


def _sorted(states: Iterable[ContainerState]) -> tuple[ContainerState, ...]:
    return tuple(sorted(states, key=lambda state: (state.service, state.number)))
