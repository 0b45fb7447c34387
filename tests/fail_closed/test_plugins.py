"""The plugins that people use beside this one, on a real stack."""

from __future__ import annotations

import pytest

from ..outputs import html_checks, junit_cases, percentages
from ..projects import RUN_S, UserProject
from ..waiting import until
from .stack import COMPOSE, OPEN

FLAKY = """
from pathlib import Path
import pytest


@pytest.mark.parametrize("number", range(3))
def test_sees_the_stack(infragate_stack, number):
    assert len(infragate_stack.containers("api")) == 1


@pytest.mark.infragate_requires("api")
def test_flaky(infragate_stack):
    infragate_stack.restart("api")
    mark = Path("failed-once")
    if not mark.exists():
        mark.touch()
        assert 0
"""
"""The flaky test restarts the service in each of its runs, which is undone after each."""
ALL_OF_THEM = (
    *("-v", "--junitxml=junit.xml", "--html=report.html", "--self-contained-html"),
    *("--reruns=1", "--timeout=60", "--cov=test_suite"),
)
PLUGINS = ("pytest_cov", "pytest_html", "pytest_randomly", "pytest_rerunfailures", "pytest_timeout", "xdist")

SLOW = COMPOSE.replace('[python3, -m, http.server, "8000"]', '[sh, -c, "sleep 6; exec python3 -m http.server 8000"]')
SLOW = SLOW.replace("retries: 20", "retries: 20, start_period: 60s")
"""Starts for longer than a test may take."""
QUICK = """
def test_quick(infragate_stack):
    assert infragate_stack.project
"""

HANGS = """
import time


def test_hangs(infragate_stack):
    time.sleep(3600)
"""


@pytest.mark.parametrize("way", [("-p", "no:xdist"), ("-n2", "--dist", "worksteal")], ids=" ".join)
def test_all_plugins_share_one_stack(small: UserProject, way: tuple[str, ...]) -> None:
    for plugin in PLUGINS:
        pytest.importorskip(plugin)
    small.write(**{"test_suite.py": FLAKY})
    ended = small.gate(*ALL_OF_THEM, *way, environ={"PYTEST_ADDOPTS": ""})
    assert ended.status == pytest.ExitCode.OK, ended.output
    assert "1 rerun" in ended.output
    assert small.created() == ("api",)
    assert small.report.verdict == "complete"
    checks = small.report.data["checks"]
    told = [case for case in junit_cases(small.directory) if case[0].startswith("infragate.")]
    assert len(told) == len(html_checks(small.directory)) == len(checks)
    assert max(percentages(ended.output.splitlines())) == 100


@pytest.mark.parametrize("way", [("-p", "no:xdist"), ("-n2",)], ids=" ".join)
@pytest.mark.parametrize("gate", [True, False], ids=["gate", "fixture alone"])
def test_a_timeout_counts_no_start(project: UserProject, way: tuple[str, ...], gate: bool) -> None:
    pytest.importorskip("pytest_timeout")
    project.write(**{"compose.yaml": SLOW, "infragate.yaml": OPEN, "test_suite.py": QUICK})
    run = project.gate if gate else project.run
    ended = run("--timeout=5", *way)
    assert ended.status == pytest.ExitCode.OK, ended.output
    assert project.created() == ("api",)


def test_a_timeout_that_ends_the_process_leaves_nothing(small: UserProject) -> None:
    pytest.importorskip("pytest_timeout")
    small.write(**{"test_suite.py": HANGS})
    ended = small.gate("-p", "no:xdist", "--timeout=5", "--timeout-method=thread")
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
    assert small.created() == ("api",)
    assert small.report.verdict == "incomplete"
    until(lambda: not small.left(), RUN_S, "the stack was removed")
