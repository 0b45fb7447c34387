"""Times the answers of services to a request, again and again in the background: what ``http.*`` is measured on."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import InfragateError
from ..settings import ProbeSettings
from ..stack.periodic import Periodic
from ..stack.state import ContainerState
from . import probe
from .base import Target

if TYPE_CHECKING:
    from ..stack.inside import Inside

INTERVAL_S = 1.0
_TIMEOUT_S = 5.0
KEPT_REQUESTS = 20_000


@dataclass(frozen=True)
class TimedRequest:
    """One request: ``latency_s`` is ``None`` when there was no answer or the tools inside cannot time it.

    ``proven`` is ``False`` where the request could not be made at all: it says nothing about the service.
    """

    time: float
    phase: str
    ok: bool
    latency_s: float | None
    message: str
    proven: bool = True


class RequestTimer:
    """Asks every running container of the services that have a performance probe about once a second."""

    def __init__(
        self,
        inside: Inside,
        probes: Mapping[str, ProbeSettings],
        containers: Sequence[ContainerState],
        interval_s: float = INTERVAL_S,
    ) -> None:
        self._inside = inside
        self._probes = probes
        self._targets = tuple(container for container in containers if container.service in probes)
        self._lock = threading.Lock()
        self._requests: dict[str, list[TimedRequest]] = {}
        self._phase = ""
        self._thread = Periodic("infragate-requests", interval_s, self._round)

    def start(self, phase: str) -> None:
        """Start asking; without any probe nothing is started."""
        self._phase = phase
        if self._targets:
            self._thread.start()

    def mark(self, phase: str) -> None:
        """Begin another phase."""
        self._phase = phase

    def stop(self) -> None:
        """Stop asking."""
        self._thread.stop()

    @property
    def died(self) -> bool:
        """Whether asking ended by an error of its own."""
        return self._thread.died

    def requests(self) -> Mapping[str, tuple[TimedRequest, ...]]:
        """Return the requests so far, by service."""
        with self._lock:
            return {service: tuple(requests) for service, requests in self._requests.items()}

    def _round(self) -> None:
        for container in self._targets:
            request = self._request(container)
            with self._lock:
                kept = self._requests.setdefault(container.service, [])
                kept.append(request)
                del kept[:-KEPT_REQUESTS]

    def _request(self, container: ContainerState) -> TimedRequest:
        phase, now = self._phase, time.time()
        try:
            target = Target(self._inside, container, beside=True)
            result = probe(target, self._probes[container.service], _TIMEOUT_S)
        except InfragateError as error:
            return TimedRequest(now, phase, ok=False, latency_s=None, message=str(error), proven=False)
        latency_s = result.duration_s if result.ok else None
        return TimedRequest(now, phase, result.ok, latency_s, result.message, result.proven)
