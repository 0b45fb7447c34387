"""Leaves out requests that a test has kept from a good answer on purpose: what is meant counts against nobody; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..probes.request_log import TimedRequest
from ..stack.interruptions import MeantInterruption
from .incidents import ECHO_S, all_needs

LONGEST_REQUEST_S = 5.0
"""How long before an interruption a request that failed because of it can have been sent: no answer is waited for longer."""
FOUND_AGAIN_S = 3.0
"""How long after an interruption requests may still go to where the container was before it was started anew."""

Requests = Mapping[str, tuple[TimedRequest, ...]]
"""The requests to each service."""


@dataclass(frozen=True)
class Outages:
    """What tests have interrupted on purpose, and which services each service needs; times by our clock."""

    meant: Sequence[MeantInterruption] = ()
    needs: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def left_out(self, requests: Requests) -> Requests:
        """Return the requests without those that an interruption of their service, or of one that it needs, has met.

        A service that needs the other has as long to find its way back as its health has. An interruption that was never
        undone excuses nothing: nobody has seen the service well again.
        """
        if not self.meant:
            return requests
        return {service: self._unmet(service, several) for service, several in requests.items()}

    def _unmet(self, service: str, requests: tuple[TimedRequest, ...]) -> tuple[TimedRequest, ...]:
        spans = self._spans(service)
        return tuple(one for one in requests if not any(_meets(one, *span) for span in spans))

    def _spans(self, service: str) -> list[tuple[float, float]]:
        """Return from when until when requests to a service may fail, in seconds since 1970."""
        needed = all_needs(service, self.needs)
        return [
            (one.begin.timestamp(), one.end.timestamp() + (FOUND_AGAIN_S if one.service == service else ECHO_S))
            for one in self.meant
            if one.end is not None and (one.service == service or one.service in needed)
        ]


def _meets(request: TimedRequest, begin_s: float, end_s: float) -> bool:
    lasts_s = LONGEST_REQUEST_S if request.latency_s is None else request.latency_s
    return begin_s - lasts_s <= request.time <= end_s
