"""Gathers what a run has seen of its stack, and asks for advice about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from .. import runner
from ..advice import resources, start
from ..advice.hint import Hint
from ..advice.usage import usage
from ..compose.model import Project
from ..compose.values import text
from ..gates.readiness import WEAKER
from ..gates.waiting import Wait
from ..stack.sampling import Series
from .moments import ready_at
from .site import Site

_ORDER = ("tight", "shared", "critical-path", "wide", "missing", "too-few-samples")


def advised(
    site: Site, wait: Wait | None, series: Mapping[str, Sequence[Series]], *, started: bool
) -> tuple[Hint, ...]:
    """Return what could be better, what matters most first; nothing where it cannot be worked out: no run depends on it.

    ``started``: whether this run has started the whole stack.
    """
    if wait is None:
        return ()
    return runner.attempt(partial(_advice, site, wait, series, started=started))[0] or ()


def _advice(site: Site, wait: Wait, series: Mapping[str, Sequence[Series]], *, started: bool) -> tuple[Hint, ...]:
    found = [*_of_resources(site.project, series), *(_of_start(site, wait) if started else ())]
    return tuple(sorted(found, key=_rank))


def times_of_start(site: Site, wait: Wait) -> dict[str, tuple[float, float]]:
    """Return when each service was started and ready, in seconds since the first container was created or started.

    A service that nothing but its running proves counts as ready when it was started.
    """
    moments = ready_at(wait, site.watch.events(), site.engine.clock)
    began = [state.started_at for state in wait.containers if state.started_at is not None]
    found: dict[str, tuple[float, float]] = {}
    for state in wait.containers:
        if state.started_at is None:
            continue
        unknown = wait.readiness[state.service].proof == WEAKER
        at_s = (state.started_at - min(began)).total_seconds()
        ready_s = at_s if unknown else (moments[state.id] - min(began)).total_seconds()
        before = found.get(state.service, (0.0, 0.0))
        found[state.service] = (max(at_s, before[0]), max(ready_s, before[1]))
    return found


def pools(project: Project, processors: int) -> dict[str, tuple[tuple[str, ...], int]]:
    """Return who shares which processors: all services those of the engine, and those that are bound to the same ones."""
    found: dict[str, tuple[tuple[str, ...], int]] = {"": (tuple(project.services), processors)}
    for service in project.services.values():
        bound = text(service.resolved, "cpuset")
        if bound:
            found[bound] = ((*found.get(bound, ((), 0))[0], service.name), _count(bound))
    return found


def _of_resources(project: Project, series: Mapping[str, Sequence[Series]]) -> Iterator[Hint]:
    if not series:
        return
    used = {name: usage(several) for name, several in series.items() if name in project.services}
    for name, one in used.items():
        if one is not None:
            yield from resources.hints(project.services[name], one)
    samples = [sample for several in series.values() for one in several for _, sample in one.samples]
    yield from resources.competition(series, pools(project, max((one.online_cpus for one in samples), default=1)))
    yield from resources.too_few(used)


def _of_start(site: Site, wait: Wait) -> Iterator[Hint]:
    yield from start.hints(site.project, start.steps(site.project, times_of_start(site, wait)))


def _count(bound: str) -> int:
    """Return how many processors ``0-2,5`` names."""
    ends = [part.split("-") for part in bound.split(",")]
    return sum(int(end[-1]) - int(end[0]) + 1 for end in ends)


def _rank(hint: Hint) -> int:
    return next((rank for rank, mark in enumerate(_ORDER) if mark in hint.kind), len(_ORDER))
