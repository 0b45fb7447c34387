"""The fixture and the markers that tests use; works in every process that runs tests, with or without the gate."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

from . import markers

if TYPE_CHECKING:
    from .run.handover import Handover
    from .stack.disruption import Disruption
    from .stack.running import RunningStack

_Result = TypeVar("_Result")
FIXTURE = "infragate_stack"
SKIP_OPTION = "--infragate-skip-without-engine"

HANDOVER_PATH = pytest.StashKey[Path]()
"""Where the owner of the stack writes what the tests may know."""
_STACK = pytest.StashKey["RunningStack"]()
_DEMANDED = pytest.StashKey[bool]()
"""Whether all was as the markers of a test demand before it, so that it must be so after it as well."""


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
    return FIXTURE in getattr(item, "fixturenames", ()) or markers.demands_stack(item)


def running_stack(config: pytest.Config) -> RunningStack:
    """Return the object behind the fixture, or fail the test in one line that says why there is no stack."""
    if _STACK not in config.stash:
        handover = _handover(config)
        if handover.skip:
            pytest.skip(f"{handover.problem} ({SKIP_OPTION})")
        if handover.problem:
            pytest.fail(handover.problem, pytrace=False)
        config.stash[_STACK] = stack = _connect(handover)
        config.add_cleanup(stack.close)
    return config.stash[_STACK]


def take_over_environment(config: pytest.Config) -> None:
    """Give this process the variables of the running stack, so that commands in tests speak to the same one."""
    from .run.handover import Handover

    path = config.stash.get(HANDOVER_PATH, None)
    handover = Handover.read(path) if path else None
    if handover:
        os.environ.update(handover.environment)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Refuse a marker that names what the stack does not have."""
    markers.refuse_unknown(metafunc)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail a test whose markers demand what is not proven at this moment."""
    if markers.demands_stack(item):
        _fail_in_one_line(markers.problem_before(item, running_stack(item.config)))
        item.stash[_DEMANDED] = True


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Measure what the test does to services whose limits it demands; one that is not kept fails it.

    The call alone: the set-up of a wider fixture falls on whichever test comes first. Innermost, so that what other
    plugins do around a call is not measured.
    """
    limits = markers.limits(item)
    if not limits:
        return (yield)
    from .run.attending import Attendance

    attendance = Attendance(running_stack(item.config), limits, markers.probes(item.config))
    try:
        _or_fail(attendance.begin)
        result = yield
        problems = _or_fail(attendance.end)
    finally:
        attendance.stop()
    _fail_in_one_line("\n".join(f"{markers.LIMITS}: {problem}" for problem in problems))
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Undo what the test did to the stack, after its fixtures are gone; then demand its edges again."""
    try:
        return (yield)
    finally:
        _undo(item.config)
        if item.stash.get(_DEMANDED, False):
            _fail_in_one_line(markers.problem_of_edges(item, item.config.stash[_STACK]))


def _fail_in_one_line(problem: str | None) -> None:
    if problem:
        pytest.fail(problem, pytrace=False)


def _undo(config: pytest.Config) -> None:
    stack = config.stash.get(_STACK, None)
    if stack is not None:
        _or_fail(stack.undo)


def _or_fail(act: Callable[[], _Result]) -> _Result:
    """Do something with the stack; what hinders it fails the test in one line."""
    from .errors import InfragateError

    try:
        return act()
    except InfragateError as error:
        pytest.fail(str(error), pytrace=False)


def _handover(config: pytest.Config) -> Handover:
    from .run.handover import Handover

    path = config.stash.get(HANDOVER_PATH, None)
    found = Handover.read(path) if path else None
    return found or Handover(
        problem=f"{FIXTURE}: no stack was started for this run; name the fixture in the test's arguments or use the "
        f"{markers.REQUIRES} marker, so that it is known before the first test"
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
    return RunningStack(
        engine,
        handover.project,
        handover.services,
        journal,
        handover.ended,
        early=handover.early,
        helper_image=handover.helper_image,
    )
