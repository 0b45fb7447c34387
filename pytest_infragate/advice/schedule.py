"""The start of a stack as a schedule: which service made the others wait, and how long it would take without that; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Need:
    """What a service waits for before it is started: that another one is ready (or has ended), or only started."""

    service: str
    until_ready: bool


@dataclass(frozen=True)
class Step:
    """One service in a start: when the last of its containers was started and ready, in seconds since the start began."""

    started_s: float
    ready_s: float
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True)
class Bottleneck:
    """A service on the critical path: how much sooner all would be ready if it were ready at once, and who waits for it."""

    service: str
    took_s: float
    """From its start until it was ready."""
    gain_s: float
    delayed: tuple[str, ...]
    """The services that would have been started sooner, first ones first."""


@dataclass(frozen=True)
class _Slot:
    started_s: float
    ready_s: float

    def met_s(self, need: Need) -> float:
        return self.ready_s if need.until_ready else self.started_s


Steps = Mapping[str, Step]


def whole_s(steps: Steps) -> float:
    """Return when all are ready, in seconds since the start began."""
    return max((slot.ready_s for slot in _scheduled(steps).values()), default=0.0)


def critical_path(steps: Steps) -> tuple[str, ...]:
    """Return the services that decide how long the start takes, the first one first."""
    slots = _scheduled(steps)
    path: list[str] = []
    at = max(slots, key=lambda name: slots[name].ready_s, default=None)
    while at is not None:
        path.append(at)
        needs = [need for need in steps[at].needs if need.service in slots]
        last = max(needs, key=lambda need: slots[need.service].met_s(need), default=None)
        at = last.service if last is not None else None
    return tuple(reversed(path))


def bottlenecks(steps: Steps) -> tuple[Bottleneck, ...]:
    """Return the services that the whole start would gain from, the one with the greatest gain first.

    The schedule is computed anew with each of them ready at its start; all others take as long as they did.
    """
    before = _scheduled(steps)
    whole = max((slot.ready_s for slot in before.values()), default=0.0)
    found = []
    for name in critical_path(steps):
        after = _scheduled(steps, at_once=name)
        gain_s = whole - max(slot.ready_s for slot in after.values())
        delayed = [other for other in steps if after[other].started_s < before[other].started_s]
        took_s = steps[name].ready_s - steps[name].started_s
        if gain_s > 0:
            found.append(
                Bottleneck(name, took_s, gain_s, tuple(sorted(delayed, key=lambda one: before[one].started_s)))
            )
    return tuple(sorted(found, key=lambda one: -one.gain_s))


def _scheduled(steps: Steps, at_once: str = "") -> dict[str, _Slot]:
    """Return when each service is started and ready if each takes as long as it did, but ``at_once`` no time at all.

    What passed between the moment at which a service could have been started and its start stays as long as it was.
    """
    measured = {name: _Slot(step.started_s, step.ready_s) for name, step in steps.items()}
    slots: dict[str, _Slot] = {}
    for name in _ordered(steps):
        step = steps[name]
        needs = [need for need in step.needs if need.service in steps]
        gate = max((measured[need.service].met_s(need) for need in needs), default=0.0)
        late_s = max(step.started_s - gate, 0.0)
        started_s = max((slots[need.service].met_s(need) for need in needs), default=0.0) + late_s
        took_s = 0.0 if name == at_once else max(step.ready_s - step.started_s, 0.0)
        slots[name] = _Slot(started_s, started_s + took_s)
    return slots


def _ordered(steps: Steps) -> Iterable[str]:
    """Return the services so that each comes after those that it waits for; Compose refuses circles."""
    done: dict[str, None] = {}
    for name in steps:
        waiting = [name]
        while waiting:
            at = waiting[-1]
            missing = [one.service for one in steps[at].needs if one.service in steps and one.service not in done]
            if missing:
                waiting += missing
            else:
                done[waiting.pop()] = None
    return done
