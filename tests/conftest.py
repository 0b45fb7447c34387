"""What every test on a real engine shares; at the end of the run nothing of it may be left."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_infragate.errors import EngineError
from pytest_infragate.stack.engine import Engine

from . import leftovers
from .leftovers import Thing
from .projects import UserProject, user_project

ON_THE_ENGINE = ("engine", "sabotage", "fail_closed", "kill_matrix")
"""Folders whose tests need an engine."""
LAST = "test_nothing_left.py"
_AT_THE_START = pytest.StashKey[frozenset[Thing]]()


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """Return the engine that the docker CLI would use."""
    with contextlib.closing(Engine.connect(os.environ)) as found:
        yield found


@pytest.fixture
def project(tmp_path: Path, engine: Engine) -> Iterator[UserProject]:
    """Give a user's project that is still empty; fails the test when anything of it is left on the engine."""
    with user_project(tmp_path, engine) as made:
        yield made


@pytest.fixture
def at_the_start(request: pytest.FixtureRequest) -> frozenset[Thing]:
    """Return what stood on the engine, under names like ours, before the first test."""
    return request.config.stash[_AT_THE_START]


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    """Let every run of pytest that tests begin have a cache of its own: under tox, all of them would share one."""
    os.environ.pop("TOX_ENV_DIR", None)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Note what stands on the engine already; where there is no engine, nothing can be left on it."""
    if not session.config.option.collectonly:
        with contextlib.suppress(EngineError):
            session.config.stash[_AT_THE_START] = _standing()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs an engine, and look for leftovers only after all of it."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) and item.path.relative_to(here).parts[0] in ON_THE_ENGINE:
            item.add_marker("engine")
    items.sort(key=lambda item: item.path.name == LAST)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run when something is left after the last worker and the last session fixture."""
    before = session.config.stash.get(_AT_THE_START, None)
    if before is None or hasattr(session.config, "workerinput"):
        return
    left = _left_behind(before)
    if left:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.write_line(f"left behind on the engine: {leftovers.told(left)}", red=True)


def _left_behind(before: frozenset[Thing]) -> tuple[Thing, ...]:
    with contextlib.closing(Engine.connect(os.environ)) as engine:
        mine = sorted(thing for thing in set(leftovers.things(engine)) - before if leftovers.of_this_run(thing))
        return leftovers.without_lost(engine, mine)


def _standing() -> frozenset[Thing]:
    with contextlib.closing(Engine.connect(os.environ)) as engine:
        return frozenset(leftovers.things(engine))
