"""Which service starts behind which, over any number of steps of ``depends_on``, ``links`` and shared namespaces."""

from __future__ import annotations

from collections.abc import Iterable

from .model import Project, Service

_SHARED = "service:"


class Order:
    """Answers whether one service waits for another.

    What a service waits for is one number with a bit for each service, so that long chains cost no more than short ones.
    """

    def __init__(self, project: Project) -> None:
        self._direct = {
            service.name: _named(service) & project.services.keys() for service in project.services.values()
        }
        self._bit = {name: 1 << index for index, name in enumerate(self._direct)}
        self._all: dict[str, int] = {}
        self._on_path: set[str] = set()

    def waits(self, name: str, other: str) -> bool:
        """Return whether ``other`` is started before ``name``."""
        return bool(self._reached(name) & self._bit[other])

    def bits(self, names: Iterable[str]) -> int:
        """Return some services as bits, for ``waits_for_any``."""
        found = 0
        for name in names:
            found |= self._bit[name]
        return found

    def waits_for_any(self, name: str, bits: int) -> bool:
        """Return whether any of these services is started before ``name``."""
        return bool(self._reached(name) & bits)

    def _reached(self, name: str) -> int:
        """Return the bits of all services before one; those of the deepest are put together first."""
        path = [] if name in self._all else [name]
        while path:
            top = path[-1]
            self._on_path.add(top)
            open_ = (one for one in self._direct[top] if one not in self._all and one not in self._on_path)
            below = next(open_, None)
            if below is None:
                self._all[top] = self._put_together(top)
                self._on_path.discard(path.pop())
            else:
                path.append(below)
        return self._all[name]

    def _put_together(self, name: str) -> int:
        bits = 0
        for below in self._direct[name]:
            bits |= self._bit[below] | self._all.get(below, 0)
        return bits


def _named(service: Service) -> frozenset[str]:
    """Return the services that one names itself; a link and a shared namespace imply the order too."""
    linked = {link.partition(":")[0] for link in service.links}
    mode = service.network_mode or ""
    shared = {mode.removeprefix(_SHARED)} if mode.startswith(_SHARED) else set()
    return frozenset({needed.service for needed in service.depends_on} | linked | shared)
