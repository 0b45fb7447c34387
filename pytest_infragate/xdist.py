"""Controller and workers under pytest-xdist: workers start nothing, they are told where the stack is."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from .fixtures import HANDOVER_PATH, needs_stack, take_over_environment

CRASHED = "???"
"""Phase of the report that stands for a test whose worker crashed; no other end of it is told."""
_INPUT = "infragate_handover"


def is_worker(config: pytest.Config) -> bool:
    """Return whether this process is an xdist worker."""
    return hasattr(config, "workerinput")


def is_controller(config: pytest.Config) -> bool:
    """Return whether this process hands its tests to xdist workers."""
    return config.pluginmanager.has_plugin("dsession")


def tell_worker(node: Any, path: Path | None) -> None:
    """Send a worker the path of the handover file, which need not exist yet, and is not needed where no test runs."""
    node.workerinput[_INPUT] = "" if path is None else str(path)


def stack_wanted(path: Path) -> bool:
    """Return whether a worker has collected a test that needs the stack."""
    from .run.handover import WANTED_SUFFIX

    return path.with_suffix(WANTED_SUFFIX).exists()


def end_workers(session: pytest.Session) -> None:
    """Let xdist end its workers now; its own hook may run again later, which then finds none.

    The order of hooks of equal rank depends on which plugin was installed first, and the stack must not go down under
    a worker that still runs a test. Called through pluggy, because the hook's parameters differ between xdist's releases.
    """
    plugins = session.config.pluginmanager
    dsession = plugins.get_plugin("dsession")
    if dsession is not None:
        others = [plugin for plugin in plugins.get_plugins() if plugin is not dsession]
        finish = plugins.subset_hook_caller("pytest_sessionfinish", remove_plugins=others)
        finish(session=session, exitstatus=session.exitstatus)


def stopped_by_rule(error: BaseException) -> bool:
    """Return whether pytest or xdist ended the suite by a rule of its own, and nobody interrupted it.

    xdist has an exception of its own for that, and raises it as well when a worker was interrupted.
    """
    of_pytest = isinstance(error, (pytest.Session.Interrupted, pytest.Session.Failed))
    own = of_pytest or type(error).__module__ == "xdist.dsession"
    return own and "keyboard-interrupt" not in str(error)


class SendsNothing:
    """The scheduler of a closed gate: xdist ends its workers in order as soon as the first has collected.

    Ending the loop by an exception instead would keep pytest-cov, which stands around the loop, from combining what
    the workers have measured. Has what xdist asks of a scheduler that has no test to send.
    """

    has_pending = False
    collection_is_completed = False
    """Said to be open, because xdist would go on to send tests."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.tests_finished = False

    def add_node(self, node: Any) -> None:
        """Take note of a worker that has started."""
        self.nodes.append(node)

    def remove_node(self, node: Any) -> None:
        """Forget a worker that has ended, perhaps before it had started; no test was lost with it."""
        with contextlib.suppress(ValueError):
            self.nodes.remove(node)

    def add_node_collection(self, _node: Any, _collection: Sequence[str]) -> None:
        """Have enough as soon as one worker has told its tests."""
        self.tests_finished = True


class Worker:
    """The worker's side: asks for a stack at collection, takes over its environment before the first test."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._ready = False
        path = getattr(config, "workerinput").get(_INPUT)  # noqa: B009 - set by xdist, unknown to pytest's types
        self._path = Path(path) if path else None
        if self._path:
            config.stash[HANDOVER_PATH] = self._path

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Leave word for the controller when a test needs the stack; it looks before it sends the first test.

        First of all, because xdist's own hook tells the controller that the collection is over.
        """
        if self._path and any(map(needs_stack, session.items)):
            from .run.handover import WANTED_SUFFIX

            self._path.with_suffix(WANTED_SUFFIX).touch()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self) -> None:
        """Take over the environment once; the stack is up before any test is sent."""
        if not self._ready:
            take_over_environment(self._config)
            self._ready = True
