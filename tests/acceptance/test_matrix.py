"""Every way of handing out tests, with every plugin that people use beside this one, in one run each."""

from __future__ import annotations

from collections import Counter

import pytest

from ..outputs import html_checks, junit_cases, percentages, verbose_checks
from .conftest import READY, STAYED, Answer, RunGate

DIED: Answer = ("IG912", "service-stayed-healthy", "health", "api", "failed", "api died during the suite")
LOST: Answer = ("IG913", "watch-complete", "health", "*", "error", "the event stream has a gap of 3 s")
LEFT_OUT: Answer = ("IG921", "edge-open", "connectivity", "api -> db:5432", "not-run", "db is not ready")

WAYS = [
    ("-p", "no:xdist"),
    ("-n0",),
    ("-n1",),
    ("-n4",),
    ("-nauto",),
    *(("-n2", "--dist", way) for way in ("each", "load", "loadfile", "loadscope", "loadgroup", "worksteal")),
]
PLUGINS = ("xdist", "pytest_randomly", "pytest_rerunfailures", "pytest_html", "pytest_cov", "pytest_timeout")
ALL_OF_THEM = (
    *("-v", "--junitxml=junit.xml", "--html=report.html", "--self-contained-html"),
    *("--reruns=1", "--timeout=20", "--cov=code_under_test", "--cov-report=term"),
)

CODE = """
def double(number):
    return 2 * number

def never():
    return 1
"""
NOTES = """
import os
from pathlib import Path
import pytest

LOG = Path(__file__).with_name("gate.log")

@pytest.fixture(autouse=True)
def noted(request):
    with LOG.open("a") as stream:
        stream.write(f"test {request.node.originalname} {os.environ.get('INFRAGATE_FAKE')}\\n")
"""
FIRST = """
import os
import pytest
from code_under_test import double

def test_doubled():
    assert double(2) == 4

def test_flaky():
    mark = f"failed-once-{os.environ.get('PYTEST_XDIST_WORKER')}"
    if not os.path.exists(mark):
        open(mark, "w").close()
        assert 0

@pytest.mark.xdist_group("pair")
@pytest.mark.parametrize("number", [1, 2])
def test_pair(number):
    pass
"""
SECOND = """
import pytest

class TestTogether:
    def test_left(self):
        pass
    def test_right(self):
        pass
"""
TESTS = Counter(test_doubled=1, test_flaky=2, test_pair=2, test_left=1, test_right=1)
"""How often each test is begun, the second run of the flaky one included."""


@pytest.fixture(autouse=True)
def suite(pytester: pytest.Pytester) -> None:
    for plugin in PLUGINS:
        pytest.importorskip(plugin)
    files = {"code_under_test": CODE, "conftest": NOTES, "test_first": FIRST, "test_second": SECOND}
    pytester.makepyfile(**files)


@pytest.mark.parametrize("way", WAYS, ids=" ".join)
def test_all_plugins_at_once(run_gate: RunGate, pytester: pytest.Pytester, way: tuple[str, ...]) -> None:
    late = (STAYED, LOST, LEFT_OUT)
    result = run_gate(*ALL_OF_THEM, *way, late=late, in_order=False)
    assert result.ret == pytest.ExitCode.TESTS_FAILED, result.outlines
    demand_one_gate_around_the_suite(pytester, copies=2 if "each" in way else 1)
    demand_every_check_once(pytester, result, late)
    assert max(percentages(result.outlines)) == 100
    demand_one_coverage_file(pytester, result)


@pytest.mark.parametrize("way", [WAYS[0], ("-n2",), ("-n2", "--dist", "each")], ids=" ".join)
def test_all_plugins_at_an_open_gate(run_gate: RunGate, way: tuple[str, ...]) -> None:
    assert run_gate(*ALL_OF_THEM, *way, in_order=False).ret == pytest.ExitCode.OK


@pytest.mark.parametrize("way", [WAYS[0], ("-n2",), ("-n2", "--dist", "each")], ids=" ".join)
def test_all_plugins_at_a_closed_gate(run_gate: RunGate, pytester: pytest.Pytester, way: tuple[str, ...]) -> None:
    result = run_gate(*ALL_OF_THEM, *way, early=(READY, DIED), late=(), in_order=False)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["The gate was closed before the first test: 6 tests were not run."])
    assert not any(line.startswith("test ") for line in noted(pytester))
    demand_every_check_once(pytester, result, (DIED,))
    demand_one_coverage_file(pytester, result, percent=50)


def noted(pytester: pytest.Pytester) -> list[str]:
    return (pytester.path / "gate.log").read_text().splitlines()


def demand_one_gate_around_the_suite(pytester: pytest.Pytester, copies: int) -> None:
    lines = noted(pytester)
    assert lines[:3] == ["begin", "prepare", "open"]
    assert lines[-2:] == ["prove again patient=True", "close None"]
    begun = Counter(line.split()[1] for line in lines[3:-2])
    assert begun == Counter({name: number * copies for name, number in TESTS.items()})


def demand_every_check_once(pytester: pytest.Pytester, result: pytest.RunResult, late: tuple[Answer, ...]) -> None:
    names = [_nodeid(answer) for answer in (READY, *late)]
    words = [answer[4] for answer in (READY, *late)]
    verbose = {"passed": "PASSED", "failed": "FAILED", "error": "ERROR", "not-run": "SKIPPED"}
    assert verbose_checks(result.outlines) == [(name, verbose[word]) for name, word in zip(names, words, strict=True)]
    html = {"passed": "Passed", "failed": "Failed", "error": "Error", "not-run": "Skipped"}
    assert html_checks(pytester.path) == [(name, html[word]) for name, word in zip(names, words, strict=True)]
    junit = {"passed": "passed", "failed": "failure", "error": "error", "not-run": "skipped"}
    told = [case for case in junit_cases(pytester.path) if case[0].startswith("infragate.")]
    assert told == sorted((*_junit_name(name), junit[word]) for name, word in zip(names, words, strict=True))


def demand_one_coverage_file(pytester: pytest.Pytester, result: pytest.RunResult, percent: int = 75) -> None:
    result.stdout.re_match_lines([rf"code_under_test\.py\s+4\s+\d\s+{percent}%"])
    assert [path.name for path in pytester.path.glob(".coverage*")] == [".coverage"]


def _nodeid(answer: Answer) -> str:
    _, name, condition, subject, _, _ = answer
    return f"infragate/{condition}::{name}" + ("" if subject == "*" else f"[{subject}]")


def _junit_name(nodeid: str) -> tuple[str, str]:
    folder, _, title = nodeid.partition("::")
    return folder.replace("/", "."), title
