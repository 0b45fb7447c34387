"""Reads the last runs of the engine's healthcheck: what they said, and whether their program exists at all."""

from __future__ import annotations

import re

from ..diagnosis import lines
from ..stack.state import ContainerState, HealthRun

_MISSING = re.compile(
    r"executable file not found|no such file or directory|permission denied|: not found", re.IGNORECASE
)
_PROGRAM = re.compile(r'exec: "([^"]+)"|([^\s:]+): (?:command )?not found', re.IGNORECASE)
_COULD_NOT_RUN = (-1, 126, 127)
_SURE_RUNS = 2
_SHOWN = 200


def cannot_run(state: ContainerState) -> bool:
    """Whether the healthcheck's program is missing; after one run it could still be about to be installed."""
    last = state.health_runs[-_SURE_RUNS:]
    return len(last) == _SURE_RUNS and all(map(_could_not_run, last))


def missing_program(state: ContainerState) -> str:
    """Return the program that the last healthcheck did not find, empty when it ran."""
    if not state.health_runs or not _could_not_run(state.health_runs[-1]):
        return ""
    match = _PROGRAM.search(state.health_runs[-1].output)
    return match[1] or match[2] if match else " ".join(state.health_test[1:2]) or "its program"


def last_output(state: ContainerState) -> str:
    """Return what the last failed healthcheck wrote, in one line."""
    failures = [run for run in state.health_runs if run.exit_code != 0]
    return " ".join(lines.plain(failures[-1].output))[:_SHOWN] if failures else ""


def _could_not_run(run: HealthRun) -> bool:
    return run.exit_code in _COULD_NOT_RUN and bool(_MISSING.search(run.output))
