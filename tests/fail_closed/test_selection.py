"""On a real stack: whatever tests are chosen or lost, a closed gate is not hidden and an open one is not closed."""

from __future__ import annotations

import pytest

from ..projects import UserProject
from .stack import CLOSED, OPEN

CHOICES = (("-k", "one"), ("-x",), ("--deselect", "test_suite.py::test_one"), ("--lf",))


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice[0])
@pytest.mark.parametrize(("settings", "status"), [(OPEN, 0), (CLOSED, 1)], ids=["open", "closed"])
def test_choosing_tests_does_not_choose_checks(
    small: UserProject, choice: tuple[str, ...], settings: str, status: int
) -> None:
    small.write(**{"infragate.yaml": settings})
    ended = small.gate(*choice)
    assert ended.status == status, ended.output
    assert small.report.verdict == ("incomplete" if status else "complete")
    assert all(small.report.outcomes[name] == "passed" for name in ("health", "lifecycle", "performance"))


@pytest.mark.parametrize("arguments", [("-x",), ("-n2",)], ids=["-x", "crashed worker"])
def test_a_lost_test_fails_the_run_and_leaves_the_verdict_complete(
    small: UserProject, arguments: tuple[str, ...]
) -> None:
    end = "os._exit(3)" if "-n2" in arguments else "raise AssertionError"
    small.write(**{"test_lost.py": f"import os\n\n\ndef test_lost():\n    {end}\n"})
    ended = small.gate(*arguments)
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
    assert small.report.verdict == "complete", ended.output


def test_a_crashed_worker_does_not_hide_a_closed_gate(small: UserProject) -> None:
    small.write(**{"infragate.yaml": CLOSED, "test_lost.py": "import os\n\n\ndef test_lost():\n    os._exit(3)\n"})
    assert small.gate("-n2").status == pytest.ExitCode.TESTS_FAILED
    assert small.report.verdict == "incomplete"
    assert small.report.about("commands", "late")


@pytest.mark.parametrize(("settings", "status"), [(OPEN, 0), (CLOSED, 1)], ids=["open", "closed"])
def test_without_any_test_the_gate_is_the_run(small: UserProject, settings: str, status: int) -> None:
    (small.directory / "test_suite.py").unlink()
    small.write(**{"infragate.yaml": settings})
    ended = small.gate()
    assert ended.status == status, ended.output


def test_a_selection_that_matches_nothing_keeps_its_status(small: UserProject) -> None:
    assert small.gate("-k", "nothing_like_this").status == pytest.ExitCode.NO_TESTS_COLLECTED
