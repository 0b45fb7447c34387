"""What Compose itself says, a port that is taken, the stack without a fault, and what a test does on purpose."""

from __future__ import annotations

import subprocess

import pytest

from ..projects import UserProject
from .at_up import CRASH_LOOP
from .judging import demand
from .stack import COMPOSE, FILES


def test_compose_itself_calls_a_crash_loop_healthy(project: UserProject) -> None:
    (change,) = CRASH_LOOP
    project.write(**change(FILES))
    up = ("docker", "compose", "-p", project.name, "up", "--detach", "--wait")
    assert subprocess.run(up, cwd=project.directory, capture_output=True, check=False).returncode == 0
    assert project.remove(), "nothing was started"


def test_a_port_that_somebody_else_holds_closes_the_gate(project: UserProject, foreign_port: int) -> None:
    project.write(**{**FILES, "compose.yaml": COMPOSE.replace("127.0.0.1::8000", f"127.0.0.1:{foreign_port}:8000")})
    ended = project.gate()
    demand(project, ended.output, "lifecycle", "api", (str(foreign_port),))
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output


def test_the_stack_without_a_fault_passes_twice_in_a_row(project: UserProject) -> None:
    project.write(**FILES)
    for _ in range(2):
        ended = project.gate()
        assert ended.status == pytest.ExitCode.OK, ended.output
        assert project.report.verdict == "complete"
        assert project.report.complaints == ()
        assert set(project.report.outcomes.values()) == {"passed"}
        assert project.left_behind() == ()


@pytest.mark.parametrize("action", ["restart", "stop", "pause"])
def test_what_a_test_does_on_purpose_is_no_fault(project: UserProject, action: str) -> None:
    test = f"def test_on_purpose(infragate_stack):\n    infragate_stack.{action}('worker')\n"
    project.write(**{**FILES, "test_on_purpose.py": test})
    ended = project.gate()
    assert ended.status == pytest.ExitCode.OK, ended.output
    assert project.report.verdict == "complete"
