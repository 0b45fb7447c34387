"""The fixture and the markers that tests use; works in every process that runs tests, with or without the gate."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .handover import Handover
    from .stack.disruption import Disruption
    from .stack.running import RunningStack

FIXTURE = "infragate_stack"
REQUIRES = "infragate_requires"
MARKER = (
    f"{REQUIRES}(service, ...): the test fails at set-up in one line unless each of these services is proven good; "
    "an unknown name is an error at collection"
)

SKIP_OPTION = "--infragate-skip-without-engine"

HANDOVER_PATH = pytest.StashKey[Path]()
"""Where the owner of the stack writes what the tests may know."""
_STACK = pytest.StashKey["RunningStack"]()
_SERVICES = pytest.StashKey["tuple[str, ...] | None"]()


@pytest.fixture(scope="session")
def infragate_stack(request: pytest.FixtureRequest) -> RunningStack:
    """The running Compose stack: endpoints, exec, logs, and stop/pause/restart that are undone after the test.

    With ``--infragate`` it is the proven stack; without, one stack is started for the whole run by the first test that
    needs it, and taken down after the last one.
    """
    return running_stack(request.config)


@pytest.fixture
def infragate_disrupt(infragate_stack: RunningStack) -> Disruption:
    """Stop, pause, kill or disconnect services of the stack; undone after the test, and meant for the gate.

    Each action returns a context manager that undoes it earlier: ``with infragate_disrupt.pause("db"): ...``.
    """
    return infragate_stack.disruption


def needs_stack(item: pytest.Item) -> bool:
    """Return whether a test uses the fixture or a marker that looks at the stack."""
    return FIXTURE in getattr(item, "fixturenames", ()) or item.get_closest_marker(REQUIRES) is not None


def running_stack(config: pytest.Config) -> RunningStack:
    """Return the object behind the fixture, or fail the test in one line that says why there is no stack."""
    if _STACK not in config.stash:
        handover = _handover(config)
        if handover.skip:
            pytest.skip(f"{handover.problem} ({SKIP_OPTION})")
        if handover.problem:
            pytest.fail(handover.problem, pytrace=False)
        config.stash[_STACK] = _connect(handover)
    return config.stash[_STACK]


def take_over_environment(config: pytest.Config) -> None:
    """Give this process the variables of the running stack, so that commands in tests speak to the same one."""
    from .handover import Handover

    path = config.stash.get(HANDOVER_PATH, None)
    handover = Handover.read(path) if path else None
    if handover:
        os.environ.update(handover.environment)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Refuse a marker that names a service which the stack does not have: an error at collection, in one line."""
    named = required_services(metafunc.definition)
    services = _known_services(metafunc.config) if named else None
    if services is None:
        return
    from .suggest import unknown_service

    for name in named:
        if name not in services:
            raise pytest.Collector.CollectError(
                f"{metafunc.definition.nodeid}: {REQUIRES}: {unknown_service(name, services)}"
            )


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail a test whose required services are not proven at this moment."""
    for service in required_services(item):
        problem = running_stack(item.config).problem_unless_meant(service)
        if problem:
            pytest.fail(f"{REQUIRES}: {problem}", pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Undo what the test did to the stack, after its fixtures are gone."""
    try:
        return (yield)
    finally:
        _undo(item.config)


def _known_services(config: pytest.Config) -> tuple[str, ...] | None:
    """Return the services of the Compose files, read once; ``None`` when the files cannot be used, which others tell."""
    if _SERVICES not in config.stash:
        from . import intake
        from .preparation import prepare

        project = prepare(intake.read(config), os.environ).project
        config.stash[_SERVICES] = None if project is None else tuple(project.services)
    return config.stash[_SERVICES]


def required_services(item: pytest.Item) -> tuple[str, ...]:
    """Return the services that the test's markers name, nearest marker first, each once."""
    names = (name for marker in item.iter_markers(REQUIRES) for name in marker.args)
    return tuple(dict.fromkeys(names))


def _undo(config: pytest.Config) -> None:
    stack = config.stash.get(_STACK, None)
    if stack is None:
        return
    from .errors import InfragateError

    try:
        stack.undo()
    except InfragateError as error:
        pytest.fail(str(error), pytrace=False)


def _handover(config: pytest.Config) -> Handover:
    from .handover import Handover

    path = config.stash.get(HANDOVER_PATH, None)
    found = Handover.read(path) if path else None
    return found or Handover(
        problem=f"{FIXTURE}: no stack was started for this run; name the fixture in the test's arguments or use the "
        f"{REQUIRES} marker, so that it is known before the first test"
    )


def _connect(handover: Handover) -> RunningStack:
    from .errors import InfragateError
    from .stack.engine import Engine
    from .stack.interruptions import Journal
    from .stack.running import RunningStack

    try:
        engine = Engine.connect({**os.environ, **handover.environment})
    except InfragateError as error:
        pytest.fail(str(error), pytrace=False)
    journal = Journal(Path(handover.journal))
    return RunningStack(engine, handover.project, handover.services, journal, handover.ended, early=handover.early)
