"""A stack with one single fault never passes, and the verdict names the condition and the service."""

from __future__ import annotations

import re
import subprocess

import pytest

from ..projects import UserProject
from .at_up import CRASH_LOOP
from .fault import Fault
from .faults import FAULTS
from .stack import COMPOSE, EVERYTHING, FILES


@pytest.mark.parametrize("fault", [one for one in FAULTS if EVERYTHING or not one.costly], ids=lambda fault: fault.name)
def test_a_single_fault_closes_the_gate(project: UserProject, fault: Fault) -> None:
    project.write(**fault.files)
    ended = project.gate()
    demand(project, ended.output, fault.condition, fault.subject, fault.words)
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
    assert project.report.broken <= {fault.condition, *fault.also}, project.report.complaints
    assert not re.search(r"^(FAILED|ERROR) test_", ended.output, re.MULTILINE), "the gate alone makes this run red"


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
        assert project.left() == ()


@pytest.mark.parametrize("action", ["restart", "stop", "pause"])
def test_what_a_test_does_on_purpose_is_no_fault(project: UserProject, action: str) -> None:
    test = f"def test_on_purpose(infragate_stack):\n    infragate_stack.{action}('worker')\n"
    project.write(**{**FILES, "test_on_purpose.py": test})
    ended = project.gate()
    assert ended.status == pytest.ExitCode.OK, ended.output
    assert project.report.verdict == "complete"


def demand(project: UserProject, output: str, condition: str, subject: str, words: tuple[str, ...]) -> None:
    """Demand that the verdict is incomplete because of this condition and subject, for the reason given."""
    report = project.report
    assert report.verdict == "incomplete", output
    assert report.outcomes[condition] in ("failed", "error"), output
    about = report.about(condition, subject)
    assert about, f"{condition} does not name {subject}: {report.complaints}\n{output}"
    text = "\n".join(complaint.message for complaint in about)
    assert all(word in text for word in words), f"{words} not all in:\n{text}\n{output}"
