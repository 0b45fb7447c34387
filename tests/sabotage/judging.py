"""What is demanded of the verdict on a stack with a fault."""

from __future__ import annotations

import re

import pytest

from ..projects import UserProject
from .fault import Fault


def demand_that_it_closes_the_gate(project: UserProject, fault: Fault) -> None:
    """Run the gate on a stack with one fault; only what the fault may break is broken, and no test is red."""
    project.write(**fault.files)
    ended = project.gate()
    demand(project, ended.output, fault.condition, fault.subject, fault.words)
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
    assert project.report.broken <= {fault.condition, *fault.also}, project.report.complaints
    assert not re.search(r"^(FAILED|ERROR) test_", ended.output, re.MULTILINE), "the gate alone makes this run red"


def demand(project: UserProject, output: str, condition: str, subject: str, words: tuple[str, ...]) -> None:
    """Demand that the verdict is incomplete because of this condition and subject, for the reason given."""
    report = project.report
    assert report.verdict == "incomplete", output
    assert report.outcomes[condition] in ("failed", "error"), output
    about = report.about(condition, subject)
    assert about, f"{condition} does not name {subject}: {report.complaints}\n{output}"
    text = "\n".join(complaint.message for complaint in about)
    assert all(word in text for word in words), f"{words} not all in:\n{text}\n{output}"
