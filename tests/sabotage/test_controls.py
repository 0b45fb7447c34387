"""No sound stack is refused, however odd it looks."""

from __future__ import annotations

import pytest

from ..projects import UserProject
from .controls import CONTROLS, Control
from .stack import tried

_STAND_INS = {"FREE_PORT": "free_port", "THEIR_NETWORK": "foreign_network"}
"""What stands for something in the files, and the fixture that gives it."""


@pytest.mark.parametrize("control", tried(CONTROLS), ids=lambda control: control.name)
def test_a_sound_stack_passes(project: UserProject, control: Control, request: pytest.FixtureRequest) -> None:
    compose = control.files["compose.yaml"]
    for word, fixture in _STAND_INS.items():
        if word in compose:
            compose = compose.replace(word, request.getfixturevalue(fixture))
    project.write(**{**control.files, "compose.yaml": compose})
    ended = project.gate()
    assert ended.status == pytest.ExitCode.OK, ended.output
    assert project.report.verdict == "complete"
    assert project.report.complaints == ()
    assert project.report.message("stack-removed") == "nothing of the stack is left on the engine"
    assert project.left_behind() == ()
