"""What may be sent to a run, and how a run ends that has time to."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from ..projects import Underway, UserProject
from .phases import Phase, assert_nothing_left

Send = Callable[[Underway], None]


def _twice(run: Underway) -> None:
    run.press_ctrl_c()
    run.press_ctrl_c()


ORDERLY: dict[str, Send] = {
    "Ctrl-C": Underway.press_ctrl_c,
    "Ctrl-C-twice": _twice,
    "SIGTERM": lambda run: run.send(signal.SIGTERM),
    "SIGHUP": lambda run: run.send(signal.SIGHUP),
}
"""What asks a run to end."""


def ends_in_order(project: UserProject, phase: Phase, send: Send) -> None:
    """Demand an orderly, red end of a run that is asked to end in a phase."""
    run = phase.reach(project)
    send(run)
    ended = run.end()
    assert ended.status != pytest.ExitCode.OK, ended.output
    assert "INTERNALERROR" not in ended.output
    if phase.gate:
        assert project.report.verdict == ("complete" if phase.proven else "incomplete"), ended.output
    assert_nothing_left(project)


def is_killed(project: UserProject, phase: Phase, number: signal.Signals = signal.SIGKILL) -> None:
    """Demand that nothing is left of a run whose controller is killed in a phase."""
    run = phase.reach(project)
    run.send(number)
    assert run.end().status == -number
    if phase.gate:
        assert project.report.verdict == "incomplete"
    assert_nothing_left(project)
