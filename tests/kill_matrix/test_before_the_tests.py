"""A run that is cut short before its first test, by each signal in each phase, leaves nothing behind."""

from __future__ import annotations

import pytest

from ..projects import UserProject
from .phases import BEFORE_THE_TESTS, Phase
from .signals import ORDERLY, ends_in_order, is_killed

each_phase = pytest.mark.parametrize("phase", BEFORE_THE_TESTS, ids=str)


@each_phase
@pytest.mark.parametrize("name", ORDERLY)
def test_a_run_that_is_asked_to_end_leaves_nothing(project: UserProject, phase: Phase, name: str) -> None:
    ends_in_order(project, phase, ORDERLY[name])


@each_phase
def test_a_run_that_is_killed_leaves_nothing(project: UserProject, phase: Phase) -> None:
    is_killed(project, phase)
