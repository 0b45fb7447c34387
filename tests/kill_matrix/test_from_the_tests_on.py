"""A run that is cut short in its tests or after them, by each signal in each phase, leaves nothing behind."""

from __future__ import annotations

import signal

import pytest

from ..projects import UserProject
from .phases import FROM_THE_TESTS_ON, WITH_THE_FIXTURE_ALONE, Phase
from .signals import ORDERLY, ends_in_order, is_killed

SUITE = FROM_THE_TESTS_ON[0]


@pytest.mark.parametrize("phase", FROM_THE_TESTS_ON, ids=str)
@pytest.mark.parametrize("name", ORDERLY)
def test_a_run_that_is_asked_to_end_leaves_nothing(project: UserProject, phase: Phase, name: str) -> None:
    ends_in_order(project, phase, ORDERLY[name])


@pytest.mark.parametrize("phase", WITH_THE_FIXTURE_ALONE, ids=str)
@pytest.mark.parametrize("name", ["Ctrl-C", "SIGTERM"])
def test_a_run_without_the_gate_that_is_asked_to_end_leaves_nothing(
    project: UserProject, phase: Phase, name: str
) -> None:
    ends_in_order(project, phase, ORDERLY[name])


@pytest.mark.parametrize("phase", [*FROM_THE_TESTS_ON, *WITH_THE_FIXTURE_ALONE], ids=str)
def test_a_run_that_is_killed_leaves_nothing(project: UserProject, phase: Phase) -> None:
    is_killed(project, phase)


def test_a_run_that_crashes_leaves_nothing(project: UserProject) -> None:
    is_killed(project, SUITE, signal.SIGSEGV)
