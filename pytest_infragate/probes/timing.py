"""Times the answers of services to a request, again and again in the background: what ``http.*`` and ``probe.*`` are measured on.

One thread asks each container, at the moments of its ``Schedule``. At most ``stream.MOST`` requests are under way; one that has to
wait for its turn because of that has the waiting added to its latency. A request that gets no answer in time has taken that
time at least.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import InfragateError
from ..settings import ProbeSettings
from ..stack.exchange import Exchange, Failure, Question
from ..stack.state import ContainerState
from . import PROTOCOLS, dialogue
from .base import Protocol
from .request_log import RequestLog, TimedRequest
from .schedule import Schedule

if TYPE_CHECKING:
    from ..stack.inside import Inside
    from ..stack.stream import Stream

TIMEOUT_S = 5.0
"""How long connecting and answering may take, each."""
_READY_S = 15.0
"""What the way to all containers may take on a busy machine before whoever starts asking goes on without it."""
_NO_WAY = "what asks beside the container was not ready yet"
_LOOK_S = 0.25
_RETRY_S = 1.0
_STOP_S = 1.0


@dataclass(frozen=True)
class _Due:
    """A request at the moment at which it was due: monotonic and since 1970, and the phase of it."""

    at: float
    time: float
    phase: str


class ProbeError(InfragateError):
    """Requests cannot be made for now."""


class RequestTimer:
    """Asks every running container of the services that have a performance probe, at the rate of the probe."""

    def __init__(
        self, inside: Inside, probes: Mapping[str, ProbeSettings], containers: Sequence[ContainerState]
    ) -> None:
        self._logs: dict[str, list[RequestLog]] = {}
        self._askers = []
        for container in containers:
            if container.service in probes:
                log = RequestLog(container.name)
                self._logs.setdefault(container.service, []).append(log)
                self._askers.append(_Asker(inside, container, probes[container.service], log))

    def start(self, phase: str) -> None:
        """Start asking; when this returns, every container is being asked, or has shown that it cannot be for now.

        A test that begins before would go unmeasured for as long as it takes to get there.
        """
        for asker in self._askers:
            asker.phase = phase
            asker.start()
        deadline = time.monotonic() + _READY_S
        for asker in self._askers:
            asker.ready.wait(max(deadline - time.monotonic(), 0))

    def mark(self, phase: str) -> None:
        """Begin another phase."""
        for asker in self._askers:
            asker.lose_what_had_no_way()
            asker.phase = phase

    def finish(self) -> None:
        """Ask nothing more, and wait for what is under way: without it, the slowest answers would be missing."""
        for asker in self._askers:
            asker.finish()
        deadline = time.monotonic() + TIMEOUT_S + _STOP_S
        for asker in self._askers:
            asker.join(max(deadline - time.monotonic(), 0))
        self.stop()

    def stop(self) -> None:
        """Stop at once."""
        for asker in self._askers:
            asker.stop()

    @property
    def died(self) -> bool:
        """Whether asking ended by an error of its own."""
        return any(asker.died for asker in self._askers)

    def requests(self) -> Mapping[str, tuple[TimedRequest, ...]]:
        """Return the requests so far, by service; those to one container in the order in which they ended."""
        return {service: tuple(one for log in logs for one in log.requests()) for service, logs in self._logs.items()}


class _Asker:
    """Asks one container."""

    def __init__(self, inside: Inside, container: ContainerState, probe: ProbeSettings, log: RequestLog) -> None:
        self.phase = ""
        self.ready = threading.Event()
        self._inside = inside
        self._container: ContainerState | None = container
        self._id = container.id
        self._protocol: Protocol = PROTOCOLS[probe.protocol]
        self._probe = dialogue.addressed(self._protocol, probe, container)
        self._log = log
        self._schedule = Schedule(probe.rate, time.monotonic())
        self._waiting: deque[_Due] = deque()
        self._untried: list[Question] = []
        self._under_way: dict[int, tuple[_Due, float]] = {}
        """The requests that have no answer yet, with the seconds for which each had to wait for its turn."""
        self._looked = 0.0
        self._finishing = threading.Event()
        self._over = threading.Event()
        self._ended_well = False
        self._thread = threading.Thread(target=self._run, name="infragate-requests", daemon=True)

    def start(self) -> None:
        self._schedule = Schedule(self._probe.rate, time.monotonic())
        self._thread.start()

    def lose_what_had_no_way(self) -> None:
        """Take note of what was due while there was no way to the container yet: nothing is known of it meanwhile."""
        if self._thread.ident is not None and not self.ready.is_set():
            for due in self._missed():
                self._note(due, ok=False, latency_s=None, message=_NO_WAY, proven=False)

    def finish(self) -> None:
        self.lose_what_had_no_way()
        self._finishing.set()

    def stop(self) -> None:
        self._finishing.set()
        self._over.set()

    def join(self, timeout_s: float) -> None:
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    @property
    def died(self) -> bool:
        return self._thread.ident is not None and not self._thread.is_alive() and not self._ended_well

    def _run(self) -> None:
        try:
            while not self._finishing.is_set():
                self._ask_while_it_lasts()
            self._ended_well = True
        finally:
            self.ready.set()

    def _ask_while_it_lasts(self) -> None:
        try:
            if self._container is None:
                raise ProbeError("its container is gone")
            with self._inside.stream(self._container) as stream:
                self._ask(stream, self._container)
        except InfragateError as error:
            self._lose(str(error))

    def _lose(self, why: str) -> None:
        """Take note of what could not be asked or answered, and see after a while whether that has changed.

        A service that does not run has failed; where only the asking is in trouble, nothing is known of the service.
        """
        self.ready.set()
        self._finishing.wait(_RETRY_S)
        try:
            self._container = self._inside.engine.inspect_if_there(self._id)
            down = self._container is None or not self._container.running or self._container.paused
        except InfragateError:
            down = False
        lost = [due for due, _ in self._under_way.values()]
        for due in [*lost, *self._waiting, *self._missed()]:
            self._note(due, ok=False, latency_s=None, message=why, proven=down)
        self._under_way.clear()
        self._waiting.clear()

    def _ask(self, stream: Stream, container: ContainerState) -> None:
        """Ask until it is over. Raises InfragateError when nothing can be asked any more, as in a container started anew."""
        self._begin_with_first(container)
        self.ready.set()
        last = time.monotonic()
        while not self._over.is_set():
            if not self._finishing.is_set():
                self._waiting.extend(self._new())
                last = time.monotonic()
            elif not (self._under_way or self._waiting) or time.monotonic() - last >= TIMEOUT_S:
                break
            while self._waiting and stream.room:
                self._begin(stream, self._waiting.popleft())
            self._hear(stream, container)
        self._note_overdue()

    def _begin_with_first(self, container: ContainerState) -> None:
        """Ask at the container's address next; loopback comes after it."""
        self._question, *self._untried = (
            dialogue.question(self._protocol, self._probe, host, TIMEOUT_S) for host in dialogue.hosts(container)
        )

    def _begin(self, stream: Stream, due: _Due) -> None:
        self._under_way[stream.begin(self._question)] = (due, time.monotonic() - due.at)

    def _hear(self, stream: Stream, container: ContainerState) -> None:
        """Take what was answered. Raises InfragateError when an answer is bad because the container was started anew."""
        good = True
        until = min(self._schedule.next, time.monotonic() + _LOOK_S)
        for number, exchange in stream.hear(until):
            due, waited_s = self._under_way.pop(number)
            if self._is_elsewhere(exchange):
                self._begin(stream, due)
            else:
                good = self._take(due, waited_s, exchange) and good
        if not good:
            self._begin_with_first(container)
            self._demand_same(container)

    def _is_elsewhere(self, exchange: Exchange) -> bool:
        """Return whether nobody listens where was asked, and there is another place: some listen on loopback only.

        An answer that is slow, or bad, comes from somebody: it counts, and the place is the right one.
        """
        if exchange.failure is not Failure.REFUSED:
            self._untried.clear()
            return False
        if self._untried and exchange.question.host == self._question.host:
            self._question = self._untried.pop(0)
        return exchange.question.host != self._question.host

    def _take(self, due: _Due, waited_s: float, exchange: Exchange) -> bool:
        result = dialogue.result(self._protocol, self._probe, exchange)
        took_s = time.monotonic() - due.at
        latency_s = None
        if result.ok and result.duration_s is not None:
            latency_s = result.duration_s + waited_s
        elif not result.ok and took_s >= TIMEOUT_S:
            latency_s = took_s
        self._note(due, ok=result.ok, latency_s=latency_s, message=result.message, proven=result.proven)
        return result.ok

    def _demand_same(self, container: ContainerState) -> None:
        """Raise InfragateError when a container has ended, or was started anew and has another network; looks now and then."""
        if time.monotonic() - self._looked < _RETRY_S:
            return
        self._looked = time.monotonic()
        now = self._inside.engine.inspect_if_there(container.id)
        if now is None or now.started_at != container.started_at or now.paused or not now.running:
            raise ProbeError(f"{container.name} was stopped or started anew")

    def _note_overdue(self) -> None:
        """Take note of requests that were not answered although their time is over."""
        for due, _ in self._under_way.values():
            took_s = time.monotonic() - due.at
            if took_s >= TIMEOUT_S:
                message = f"no answer within {TIMEOUT_S:g} s"
                self._note(due, ok=False, latency_s=took_s, message=message, proven=True)

    def _new(self) -> list[_Due]:
        """Return the requests that are due now. Of several, because we have slept, the last alone: no rush follows."""
        now = time.monotonic()
        return [_Due(now, time.time(), self.phase)] * min(self._schedule.due(now), 1)

    def _missed(self) -> list[_Due]:
        """Return every request that was due since the last one, each at its time: nobody could be asked, however often."""
        now, period_s = time.monotonic(), 1 / self._probe.rate
        ago = [number * period_s for number in reversed(range(self._schedule.due(now)))]
        return [_Due(now - seconds, time.time() - seconds, self.phase) for seconds in ago]

    def _note(self, due: _Due, *, ok: bool, latency_s: float | None, message: str, proven: bool) -> None:
        self._log.add(TimedRequest(due.time, due.phase, ok, latency_s, message, proven))
