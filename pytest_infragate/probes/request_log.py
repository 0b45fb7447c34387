"""What became of each request, kept exactly and in little memory.

Exact values and no histogram: a request takes 22 bytes here, so that a suite of an hour at 20 requests a second takes
1.6 MB. A histogram of high resolution is not much smaller, rounds, and cannot leave out a phase or a warm-up afterwards.
"""

from __future__ import annotations

import math
import threading
from array import array
from dataclasses import dataclass

KEPT_REQUESTS = 500_000
"""Requests kept of one container, seven hours at 20 a second; beyond it, the first ones are forgotten."""
_FORGOTTEN_AT_ONCE = 50_000
_MOST_TEXTS = 1000
_OTHER = "something else"
_OK, _PROVEN = 1, 2


@dataclass(frozen=True, slots=True)
class TimedRequest:
    """One request: ``time`` when it was due, in seconds since 1970 by our clock, and the phase of that moment.

    ``latency_s`` is ``None`` when there was no answer, or none that can be timed; a request that ran out of time has taken
    that time at least. ``proven`` is ``False`` where the request could not be made at all: it says nothing about the service.
    """

    time: float
    phase: str
    ok: bool
    latency_s: float | None
    message: str
    proven: bool = True
    container: str = ""
    """The name of the container that was asked."""


class RequestLog:
    """The requests to one container; safe for several threads."""

    def __init__(self, container: str = "") -> None:
        self._container = container
        self._lock = threading.Lock()
        self._times, self._latencies = array("d"), array("d")
        self._marks = array("B")
        self._phases, self._messages = array("H"), array("H")
        self._texts: list[str] = [_OTHER]
        self._numbers: dict[str, int] = {_OTHER: 0}

    def add(self, request: TimedRequest) -> None:
        """Take note of a request."""
        with self._lock:
            self._times.append(request.time)
            self._latencies.append(math.nan if request.latency_s is None else request.latency_s)
            self._marks.append(_OK * request.ok | _PROVEN * request.proven)
            self._phases.append(self._text(request.phase))
            self._messages.append(self._text(request.message))
            if len(self._times) > KEPT_REQUESTS:
                for column in (self._times, self._latencies, self._marks, self._phases, self._messages):
                    del column[:_FORGOTTEN_AT_ONCE]

    def requests(self) -> tuple[TimedRequest, ...]:
        """Return all requests in their order."""
        with self._lock:
            return tuple(map(self._request, range(len(self._times))))

    def _request(self, index: int) -> TimedRequest:
        latency_s, marks = self._latencies[index], self._marks[index]
        return TimedRequest(
            self._times[index],
            self._texts[self._phases[index]],
            bool(marks & _OK),
            None if math.isnan(latency_s) else latency_s,
            self._texts[self._messages[index]],
            bool(marks & _PROVEN),
            self._container,
        )

    def _text(self, text: str) -> int:
        """Return the number of a text; of very many different ones the later ones are no longer told apart."""
        if text not in self._numbers and len(self._texts) < _MOST_TEXTS:
            self._numbers[text] = len(self._texts)
            self._texts.append(text)
        return self._numbers.get(text, 0)
