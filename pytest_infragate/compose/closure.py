"""Which service starts behind which, over any number of steps of ``depends_on``, ``links`` and shared namespaces."""

from __future__ import annotations

from .model import Project, Service

_SHARED = "service:"


class Order:
    """Answers whether one service waits for another; what was walked once is remembered."""

    def __init__(self, project: Project) -> None:
        self._before = {service.name: _named(service) for service in project.services.values()}
        self._all: dict[str, frozenset[str]] = {}

    def waits(self, name: str, other: str) -> bool:
        """Return whether ``other`` is started before ``name``."""
        return other in self._before[name] or other in self._reached(name)

    def _reached(self, name: str) -> frozenset[str]:
        if name not in self._all:
            seen: set[str] = set()
            queue = [name]
            while queue:
                further = self._before.get(queue.pop(), frozenset()) - seen
                seen |= further
                queue.extend(further)
            self._all[name] = frozenset(seen)
        return self._all[name]


def _named(service: Service) -> frozenset[str]:
    """Return the services that one names itself; a link and a shared namespace imply the order too."""
    linked = {link.partition(":")[0] for link in service.links}
    mode = service.network_mode or ""
    shared = {mode.removeprefix(_SHARED)} if mode.startswith(_SHARED) else set()
    return frozenset({needed.service for needed in service.depends_on} | linked | shared)
