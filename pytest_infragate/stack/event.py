"""One event of the engine, and what it means for a service of the project; pure."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ..errors import EngineError
from .inspection import ONE_OFF_LABEL, PROJECT_LABEL, SERVICE_LABEL
from .state import ContainerState

NANOSECONDS = 1_000_000_000
HEALTHY = "health_status: healthy"
KEPT_ACTIONS = frozenset(
    {"create", "destroy", "die", "kill", "oom", "pause", "restart", "start", "stop", "unpause", "connect", "disconnect"}
)
"""Actions that say something about a service; ``health_status: …`` too. Those of exec, by the hundred, do not."""
_HEALTH = "health_status: "


@dataclass(frozen=True)
class StackEvent:
    """Something that happened to one container of the project; ``time_ns`` is the engine's clock since 1970."""

    time_ns: int
    action: str
    """``die``, ``oom``, ``start``, ``health_status: unhealthy``, ``disconnect`` …"""
    service: str
    container_id: str
    exit_code: int | None = None
    detail: str = ""
    """The signal of ``kill``, the network of ``connect`` and ``disconnect``."""
    number: int = 0
    """Its place in the order in which the engine told the events of the project, from 1."""

    @property
    def time(self) -> datetime.datetime:
        """The engine's time, aware."""
        return _time(self.time_ns)


@dataclass(frozen=True)
class EngineEvent:
    """One event as the engine tells it, of any kind and anybody."""

    time_ns: int
    kind: str
    action: str
    actor: str
    attributes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def time(self) -> datetime.datetime:
        """The engine's time, aware."""
        return _time(self.time_ns)

    @property
    def identity(self) -> tuple[int, str, str, str, str]:
        """What tells this event from every other, also where the engine's clock is coarse."""
        subject = self.attributes.get("container") or self.attributes.get("execID") or ""
        return (self.time_ns, self.kind, self.action, self.actor, subject)


def parse(line: str | bytes) -> EngineEvent:
    """Return the event in one line of the stream; raises ``EngineError`` for what is none."""
    try:
        value = json.loads(line)
        actor = value["Actor"]
        attributes = MappingProxyType(dict(actor.get("Attributes") or {}))
        return EngineEvent(int(value["timeNano"]), value["Type"], value["Action"], actor["ID"], attributes)
    except (ValueError, KeyError, TypeError) as error:
        raise EngineError(f"The engine's event stream holds something that is no event: {line!r:.200}") from error


class Translator:
    """Picks the events of one project's services; network events name containers only, so it remembers those."""

    def __init__(self, project: str) -> None:
        self._project = project
        self._services: dict[str, str] = {}

    def know(self, containers: Iterable[ContainerState]) -> None:
        """Learn of containers whose first events were missed."""
        self._services.update((state.id, state.service) for state in containers)

    def translate(self, event: EngineEvent) -> StackEvent | None:
        """Return what the event means for a service, ``None`` when it is not ours or says nothing."""
        if event.kind == "container":
            return self._of_container(event)
        service = self._services.get(event.attributes.get("container", ""))
        if event.kind != "network" or service is None or event.action not in KEPT_ACTIONS:
            return None
        container, network = event.attributes["container"], event.attributes.get("name", "")
        return StackEvent(event.time_ns, event.action, service, container, detail=network)

    def _of_container(self, event: EngineEvent) -> StackEvent | None:
        labels = event.attributes
        if labels.get(PROJECT_LABEL) != self._project or labels.get(ONE_OFF_LABEL) == "True":
            return None
        service = labels.get(SERVICE_LABEL, "")
        self._services[event.actor] = service
        action = _action(event)
        if action not in KEPT_ACTIONS and not action.startswith(_HEALTH):
            return None
        code = labels.get("exitCode")
        return StackEvent(
            event.time_ns,
            action,
            service,
            event.actor,
            exit_code=int(code) if code is not None else None,
            detail=labels.get("signal", ""),
        )


def _time(time_ns: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(time_ns / NANOSECONDS, datetime.timezone.utc)


def _action(event: EngineEvent) -> str:
    """Return the action as Docker spells it: Podman tells ``health_status`` and the health in an attribute."""
    if event.action != _HEALTH.strip(": "):
        return event.action
    return f"{_HEALTH}{event.attributes.get('health_status', '')}"
