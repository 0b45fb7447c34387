"""What markers of a test demand of the stack: services that are good, edges that are open, limits that are kept."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .compose.model import Project
    from .gates.limit_plan import PlannedLimit
    from .settings import EdgeSettings, ProbeSettings, Settings
    from .stack.running import RunningStack

REQUIRES = "infragate_requires"
CONNECTS = "infragate_connects"
LIMITS = "infragate_limits"
LINES = (
    (
        f"{REQUIRES}(service, ...): the test fails at set-up in one line unless each of these services is proven good; "
        "an unknown name is an error at collection"
    ),
    (
        f"{CONNECTS}(edge, ...): each edge, such as 'api -> db:5432', is proven from inside the caller before the test and "
        "after it, else the test fails in one line; an unknown service is an error at collection"
    ),
    (
        f"{LIMITS}(service, limit, ...): the test fails unless each of these limits, such as 'memory.growth: last < 10m', is "
        "kept by the service (or those that a pattern fits) while the test runs; a mistake is an error at collection"
    ),
)
"""What ``pytest --markers`` says."""

_SETTINGS = pytest.StashKey["Settings"]()
_PROJECT = pytest.StashKey["Project | None"]()


def demands_stack(item: pytest.Item) -> bool:
    """Return whether a marker of the test looks at the stack."""
    return any(item.get_closest_marker(name) is not None for name in (REQUIRES, CONNECTS, LIMITS))


def refuse_unknown(metafunc: pytest.Metafunc) -> None:
    """Refuse markers that cannot be meant: an error at collection, in one line."""
    item = metafunc.definition
    if not demands_stack(item):
        return
    try:
        project = _project(metafunc.config)
    except pytest.UsageError as error:  # Raised here, it would be shown with a traceback.
        raise pytest.Collector.CollectError(f"{item.nodeid}: {error}") from None
    if project is None:
        return
    mistakes = (*_unknown_services(item, project), *_mistaken_edges(item, project), *_mistaken_limits(item, project))
    for name, mistake in mistakes:
        raise pytest.Collector.CollectError(f"{item.nodeid}: {name}: {mistake}")


def problem_before(item: pytest.Item, stack: RunningStack) -> str | None:
    """Return in one line what the test demands and the stack is not, at this moment; ``None`` when all is as demanded."""
    problems = ((service, stack.problem_unless_meant(service)) for service in _named(item, REQUIRES))
    found = next((f"{REQUIRES}: {problem}" for _, problem in problems if problem), None)
    return found or problem_of_edges(item, stack)


def problem_of_edges(item: pytest.Item, stack: RunningStack) -> str | None:
    """Return in one line which edge that the test demands is not proven at this moment; ``None`` when all are."""
    edges = [_edge(text) for text in _named(item, CONNECTS)]
    project = _project(item.config) if edges else None
    if project is None:
        return None
    from .gates.connectivity import evaluate_declared
    from .gates.live import LiveStack
    from .results import Outcome

    def ask() -> str | None:
        live = LiveStack(stack.containers(), ended=stack.ended)
        results = evaluate_declared(project, edges, f"a marker of {item.nodeid}", live, stack.inside)
        return next((f"{CONNECTS}: {one.message}" for one in results if one.outcome is not Outcome.PASSED), None)

    return stack.unless_meant(ask)


def limits(item: pytest.Item) -> tuple[PlannedLimit, ...]:
    """Return the limits that hold while the test runs; none where the files of the stack cannot be used."""
    project = _project(item.config) if item.get_closest_marker(LIMITS) else None
    if project is None:
        return ()
    from .gates.marked import demanded

    probed = probes(item.config)
    every = (one for mark in item.iter_markers(LIMITS) for one in demanded(mark.args, project.services, probed))
    return tuple({one.check.key: one for one in every}.values())


def probes(config: pytest.Config) -> Mapping[str, ProbeSettings]:
    """Return the requests that the settings declare, by service."""
    return _settings(config).performance.probes


def _named(item: pytest.Item, marker: str) -> tuple[str, ...]:
    """Return what the test's markers of a name list, nearest marker first, each once."""
    return tuple(dict.fromkeys(name for one in item.iter_markers(marker) for name in one.args))


def _project(config: pytest.Config) -> Project | None:
    """Return the project of the Compose files, read once; ``None`` when they cannot be used, which others tell."""
    if _PROJECT not in config.stash:
        from .preparation import prepare

        config.stash[_PROJECT] = prepare(_settings(config), os.environ).project
    return config.stash[_PROJECT]


def _settings(config: pytest.Config) -> Settings:
    """Return the settings, read once."""
    if _SETTINGS not in config.stash:
        from . import intake

        config.stash[_SETTINGS] = intake.read(config)
    return config.stash[_SETTINGS]


def _unknown_services(item: pytest.Item, project: Project) -> Iterator[tuple[str, str]]:
    from .suggest import unknown_service

    for name in _named(item, REQUIRES):
        if name not in project.services:
            yield REQUIRES, unknown_service(name, project.services)


def _mistaken_edges(item: pytest.Item, project: Project) -> Iterator[tuple[str, str]]:
    from .compose.names import host_names
    from .reading.problems import InvalidError
    from .suggest import unknown_service

    for text in _named(item, CONNECTS):
        try:
            edge = _edge(text)
        except InvalidError as error:
            yield CONNECTS, f"{text!r}: {error}"
            continue
        known = {name for name in (edge.source, edge.target) if name == "*" or name in project.services}
        known |= {edge.target} if edge.target.lower() in host_names(project) else set()
        unknown = (name for name in (edge.source, edge.target) if name not in known)
        yield from ((CONNECTS, f"{text!r}: {unknown_service(name, project.services)}") for name in unknown)


def _mistaken_limits(item: pytest.Item, project: Project) -> Iterator[tuple[str, str]]:
    if item.get_closest_marker(LIMITS) is None:
        return
    from .gates.marked import EXAMPLE, MarkerError, demanded

    probed = probes(item.config)
    for mark in item.iter_markers(LIMITS):
        if mark.kwargs:
            from .suggest import listed

            yield (
                LIMITS,
                f"{listed(mark.kwargs, 'and')} is no argument of it: expected a service and its limits, such as {EXAMPLE}",
            )
        try:
            demanded(mark.args, project.services, probed)
        except MarkerError as error:
            yield LIMITS, str(error)


def _edge(text: str) -> EdgeSettings:
    """Return an edge that a marker names. Raises ``InvalidError``."""
    from .reading.notation import parse_edge

    return parse_edge(str(text).strip())
