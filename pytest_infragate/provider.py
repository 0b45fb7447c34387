"""The fixture without the gate: one stack per run, started by the first need, taken down by the session's owner.

No verdict, no reports, and the exit status stays what the tests make it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from . import xdist
from .environment import lent
from .fixtures import HANDOVER_PATH
from .options import chosen
from .signals import raising_on_termination, shielded

if TYPE_CHECKING:
    from .run.providing import ProvidingGate


SKIP_OPTION_NAME = "infragate_skip_without_engine"
_CI_VARIABLES = (
    "BUILD_NUMBER",
    "CODEBUILD_BUILD_ARN",
    "CONTINUOUS_INTEGRATION",
    "JENKINS_URL",
    "TEAMCITY_VERSION",
    "TF_BUILD",
)
"""Set by systems that do not all set ``CI``: Jenkins, TeamCity, Azure Pipelines, CodeBuild (the npm package ci-info)."""
_FALSE = ("0", "false", "no", "off")


def runs_in_ci(environ: Mapping[str, str]) -> bool:
    """Return whether this is a CI job: ``CI`` decides where it says anything, else variables of systems without it."""
    said = environ.get("CI", "").strip().lower()
    if said:
        return said not in _FALSE
    return any(environ.get(name) for name in _CI_VARIABLES)


class Provider:
    """Starts the stack before the first test when any collected test needs it."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._gate: ProvidingGate | None = None
        self._until_down = contextlib.ExitStack()

    def tell_worker(self, node: Any) -> None:
        """Tell an xdist worker where it will find the stack."""
        xdist.tell_worker(node, self._handover_path())

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self) -> None:
        """Under xdist, start it when a worker has collected a test that needs it; nothing was sent yet."""
        if self._gate is None and xdist.stack_wanted(self._handover_path()):
            self.start()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Take the stack down after the last test and the last worker."""
        xdist.end_workers(session)
        self._stop()

    def pytest_unconfigure(self) -> None:
        """Take the stack down when an interruption kept ``pytest_sessionfinish`` from doing it."""
        self._stop()

    def _handover_path(self) -> Path:
        if HANDOVER_PATH not in self._config.stash:
            from .run import handover

            self._config.stash[HANDOVER_PATH] = handover.new_path()
        return self._config.stash[HANDOVER_PATH]

    def start(self) -> None:
        """Start the stack and tell the tests where it is."""
        from .intake import read
        from .owner import progress
        from .run.providing import ProvidingGate

        self._gate = ProvidingGate(read(self._config), dict(os.environ), self._handover_path())
        self._gate.progress = progress(self._config)
        self._until_down.enter_context(raising_on_termination())
        skip = SKIP_OPTION_NAME in chosen(self._config) and not runs_in_ci(os.environ)
        self._gate.provide(skip_without_engine=skip)
        self._until_down.enter_context(lent(self._gate.environment))

    def _stop(self) -> None:
        gate, self._gate = self._gate, None
        if gate is not None:
            with shielded(lambda: gate.progress.phase("still taking the stack down, please wait")):
                gate.withdraw()
            self._until_down.close()
        path = self._config.stash.get(HANDOVER_PATH, None)
        if path is not None:
            from .run import handover

            handover.remove(path)
