"""Faults that only a measurement shows break the limit on the right metric, and no limit where there is no fault."""

from __future__ import annotations

import pytest

from ..projects import Ended, UserProject
from .measured import FACTS, FAULTS, files


def run(project: UserProject, *, faults: bool = False, facts: bool = False) -> Ended:
    """Run the gate on the stack; no test of the suite itself fails."""
    project.write(**files(faults=faults, facts=facts))
    ended = project.gate()
    assert "FAILED test_" not in ended.output, ended.output
    assert project.left_behind() == ()
    return ended


def broken(project: UserProject) -> set[str]:
    """Return the limits that were not kept, each with its service; what was not proven is none of them."""
    return {
        one["subject"] for one in project.report.data["checks"] if one["id"] == "IG931" and one["outcome"] == "failed"
    }


def test_a_sound_stack_keeps_all_limits(project: UserProject) -> None:
    ended = run(project)
    assert ended.status == pytest.ExitCode.OK, ended.output
    assert project.report.complaints == ()


def test_every_fault_breaks_the_limit_on_its_metric_and_no_other(project: UserProject) -> None:
    ended = run(project, faults=True)
    assert project.report.broken == {"performance"}, ended.output
    assert broken(project) == {f"{name} {limit}" for name, limit in FAULTS.items()}, ended.output


def test_a_slow_start_and_a_slow_healthcheck_are_told_before_the_suite(project: UserProject) -> None:
    ended = run(project, facts=True)
    assert broken(project) == {f"late {limit}" for limit in FACTS["late"]}, ended.output
    assert "test_under_load" not in ended.output
