"""What happened to a service between the first and the last test, read from the engine's events; pure."""

from __future__ import annotations

import datetime
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .. import words
from ..results import Json
from ..stack.event import StackEvent
from ..stack.interruptions import MeantInterruption
from ..timeline import Ran
from ..units import format_duration
from .roles import Life

ECHO_S = 10.0
"""How long after a meant interruption a service that needs the interrupted one may still turn unhealthy."""
FROM_OUTSIDE = "from outside"
"""What is said of an end that the engine was asked for."""
_OOM_NEAR_S = 2.0
_UNHEALTHY = "health_status: unhealthy"
_HARMLESS = frozenset(
    {signal.SIGHUP.name, signal.SIGUSR1.name, signal.SIGUSR2.name, signal.SIGWINCH.name, signal.SIGCONT.name}
)
"""Signals that ask a program to do something, not to end."""

Meanwhile = Callable[[datetime.datetime], Ran]
"""Tells what the suite was doing at a time of the engine's."""


def unknown(_moment: datetime.datetime) -> Ran:
    """Tell nothing of what the suite was doing."""
    return Ran()


@dataclass(frozen=True)
class Incident:
    """One thing that must not happen to a proven service; ``what`` follows its name."""

    event: StackEvent
    what: str

    def text(self, since: datetime.datetime, meanwhile: Meanwhile = unknown) -> str:
        """Say what happened, when (counted from ``since`` and by the engine's clock), and which test ran then."""
        elapsed = (self.event.time - since).total_seconds()
        side = "before" if elapsed < 0 else "after"
        told = f"{self.what} {format_duration(abs(elapsed))} {side} it was proven ready (at {self.event.time:%H:%M:%S} UTC)"
        return ", ".join(filter(None, (told, str(meanwhile(self.event.time)))))

    def to_dict(self, meanwhile: Meanwhile = unknown) -> dict[str, Json]:
        """Return the incident for the report."""
        told: dict[str, Json] = {"time": self.event.time.isoformat(), "action": self.event.action, "what": self.what}
        return told | meanwhile(self.event.time).to_dict()


def incidents(life: Life, events: Iterable[StackEvent]) -> list[Incident]:
    """Return what must not happen to a service that lives so, in the order of time."""
    found = _of_one_shot(events) if life is Life.ONE_SHOT else _of_long_running(_once(sorted(events, key=_time)))
    return list(found)


def is_meant(event: StackEvent, meant: Sequence[MeantInterruption], needs: Mapping[str, Iterable[str]]) -> bool:
    """Whether a test caused an event on purpose, or it is the echo of one: a flap of a service that needs the other.

    An interruption that was never undone (its process crashed) excuses nothing: nobody has seen the service well again.
    """
    if any(one.service == event.service and _within(event.time, one, 0.0) for one in meant):
        return True
    if event.action != _UNHEALTHY:
        return False
    needed = all_needs(event.service, needs)
    return any(one.service in needed and _within(event.time, one, ECHO_S) for one in meant)


def survived(oom: StackEvent, events: Iterable[StackEvent]) -> bool:
    """Whether a container lived on after a process of it was killed for memory: its inspection shows nothing of that."""
    return not any(
        one.action == "die" and one.container_id == oom.container_id and one.time_ns >= oom.time_ns for one in events
    )


def all_needs(service: str, needs: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """Return the services that one needs, directly or through others."""
    found: set[str] = set()
    untried = list(needs.get(service, ()))
    while untried:
        name = untried.pop()
        if name not in found:
            found.add(name)
            untried += needs.get(name, ())
    return frozenset(found)


def _within(time: datetime.datetime, one: MeantInterruption, slack_s: float) -> bool:
    return one.end is not None and one.begin <= time <= one.end + datetime.timedelta(seconds=slack_s)


def _of_one_shot(events: Iterable[StackEvent]) -> Iterator[Incident]:
    for event in events:
        if event.action == "die" and event.exit_code:
            yield Incident(event, f"was run again and ended with {words.exit_code(event.exit_code)}")
        elif event.action == "destroy":
            yield Incident(event, "lost its container: it was removed")


def _once(events: Iterable[StackEvent]) -> list[StackEvent]:
    """Leave out that a container leaves a network which it has left already: Engine 20.10 tells it twice."""
    away: set[tuple[str, str]] = set()
    found = []
    for event in events:
        place = (event.container_id, event.detail)
        if event.action == "connect":
            away.discard(place)
        if event.action != "disconnect" or place not in away:
            found.append(event)
        if event.action == "disconnect":
            away.add(place)
    return found


def _of_long_running(events: Sequence[StackEvent]) -> Iterator[Incident]:
    down: set[str] = set()
    for event in events:
        what = _what(event, events, event.container_id in down)
        if event.action in ("die", "create"):
            down.add(event.container_id)
        elif event.action == "start":
            down.discard(event.container_id)
        if what:
            yield Incident(event, what)


def _what(event: StackEvent, events: Sequence[StackEvent], down: bool) -> str:
    """Say what an event means, empty for one that means nothing or only follows from an end already told."""
    if event.action == "die":
        return _death(event, events)
    if event.action == "oom":
        return "ran out of memory and lost a process"
    if event.action == "kill":
        return _kill(event, events)
    if event.action == "disconnect" and not down:
        return f"was taken off network {event.detail}"
    if event.action == "start" and not down:
        return "was started anew"
    return {
        "create": "was given another container",
        "pause": "was paused",
        "destroy": "lost its container: it was removed",
        _UNHEALTHY: "turned unhealthy",
    }.get(event.action, "")


def _death(event: StackEvent, events: Sequence[StackEvent]) -> str:
    """Say how a container ended, and by whose hand."""
    code = event.exit_code or 0
    near = datetime.timedelta(seconds=_OOM_NEAR_S)
    oom = any(
        one.action == "oom" and one.container_id == event.container_id and abs(one.time - event.time) <= near
        for one in events
    )
    ended = words.exit_code(code, oom_killed=oom)
    signals = [words.signal_name(one.detail) for one in _kills_before(event, events)]
    if signals:
        return f"was stopped {FROM_OUTSIDE} ({signals[0]}) and ended with {ended}"
    return f"died with {ended}" if code else f"ended with {ended} although it is meant to run,"


def _kills_before(event: StackEvent, events: Sequence[StackEvent]) -> list[StackEvent]:
    """Return the signals that a container was sent from outside before it ended, since its last start."""
    own = [one for one in events if one.container_id == event.container_id and one.time_ns <= event.time_ns]
    starts = [one.time_ns for one in own if one.action == "start"]
    return [one for one in own if one.action == "kill" and one.time_ns >= max(starts, default=0)]


def _kill(event: StackEvent, events: Sequence[StackEvent]) -> str:
    """Say which signal came from outside; empty when it asks for no end, or when the end that followed tells it."""
    name = words.signal_name(event.detail)
    ended = any(
        one.action == "die" and one.container_id == event.container_id and one.time_ns >= event.time_ns
        for one in events
    )
    return "" if ended or name in _HARMLESS else f"was sent {name} {FROM_OUTSIDE}"


def _time(event: StackEvent) -> int:
    return event.time_ns
