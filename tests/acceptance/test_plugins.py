"""One plugin at a time, where it and the gate could get into each other's way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ..outputs import html_checks, junit_cases, verbose_checks
from .conftest import STAYED, Answer, RunGate

BROKEN: Answer = ("IG911", "service-ready", "health", "api", "failed", "api is unhealthy: its healthcheck exits with 1")
DIED: Answer = ("IG912", "service-stayed-healthy", "health", "api", "failed", "api died during the suite")
IN_PROCESS = ("-p", "no:xdist")

THREE = """
def test_first(): pass
def test_second(): assert 0
def test_third(): pass
"""
PASSES_THE_SECOND_TIME = """
from pathlib import Path

def test_flaky():
    mark = Path("failed-once")
    if not mark.exists():
        mark.touch()
        assert 0
"""
HANGS = """
import time

def test_hangs(): time.sleep(60)
def test_next(): pass
"""
CRASHES_ONCE = """
import os
from pathlib import Path

def test_crash():
    mark = Path("crashed-once")
    if not mark.exists():
        mark.touch()
        os._exit(3)
"""


def log(pytester: pytest.Pytester) -> list[str]:
    return (pytester.path / "gate.log").read_text().splitlines()


def checks(pytester: pytest.Pytester) -> list[str]:
    """The checks in JUnit XML by name, one for each time that it is there."""
    return [name for folder, name, _ in junit_cases(pytester.path) if folder.startswith("infragate.")]


BOTH_ONCE = ["service-ready[api]", "service-stayed-healthy[api]"]


class TestTimeout:
    @pytest.fixture(autouse=True)
    def plugin(self) -> None:
        pytest.importorskip("pytest_timeout")

    @pytest.mark.parametrize("distribution", [IN_PROCESS, ("-n2",)], ids=" ".join)
    @pytest.mark.parametrize("method", ["signal", "thread"])
    def test_does_not_count_the_gate(
        self, run_gate: RunGate, pytester: pytest.Pytester, distribution: tuple[str, ...], method: str
    ) -> None:
        pytester.makeini(f"[pytest]\ntimeout = 1\ntimeout_method = {method}\n")
        pytester.makepyfile("def test_it(): pass")
        result = run_gate(*distribution, slow_s=1.5)
        assert result.ret == pytest.ExitCode.OK, result.outlines
        assert log(pytester)[-1] == "close None"

    @pytest.mark.parametrize("distribution", [IN_PROCESS, ("-n2",)], ids=" ".join)
    def test_ends_a_test_and_nothing_of_the_gate(
        self, run_gate: RunGate, pytester: pytest.Pytester, distribution: tuple[str, ...]
    ) -> None:
        pytester.makepyfile(HANGS)
        result = run_gate(*distribution, "--timeout=0.5", "--junitxml=junit.xml")
        result.assert_outcomes(passed=3, failed=1)
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        result.stdout.fnmatch_lines(["*infragate: complete*"])
        assert checks(pytester) == BOTH_ONCE

    def test_that_kills_a_worker_leaves_the_gate_whole(self, run_gate: RunGate, pytester: pytest.Pytester) -> None:
        pytester.makepyfile(HANGS)
        result = run_gate("-n2", "--timeout=0.5", "--timeout-method=thread", "--junitxml=junit.xml")
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        result.stdout.fnmatch_lines(["*crashed while running*", "*infragate: complete*"])
        assert checks(pytester) == BOTH_ONCE

    def test_of_the_session_ends_the_suite_and_proves_the_stack(
        self, run_gate: RunGate, pytester: pytest.Pytester
    ) -> None:
        pytester.makepyfile("import time\ndef test_long(): time.sleep(0.3)\ndef test_lost(): pass")
        result = run_gate(*IN_PROCESS, "--session-timeout=0.2", "--junitxml=junit.xml", late=[DIED])
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        assert log(pytester)[-1] == "close None"
        assert checks(pytester) == BOTH_ONCE


class TestReruns:
    @pytest.fixture(autouse=True)
    def plugin(self) -> None:
        pytest.importorskip("pytest_rerunfailures")

    @pytest.mark.parametrize("distribution", [IN_PROCESS, ("-n2",)], ids=" ".join)
    @pytest.mark.parametrize(("late", "status"), [(STAYED, 0), (DIED, 1)], ids=["open", "broke"])
    def test_rerun_tests_alone(
        self,
        run_gate: RunGate,
        pytester: pytest.Pytester,
        distribution: tuple[str, ...],
        late: Answer,
        status: int,
    ) -> None:
        pytester.makepyfile(PASSES_THE_SECOND_TIME)
        result = run_gate(*distribution, "--reruns=2", "-v", "--junitxml=junit.xml", late=[late])
        assert result.ret == status
        result.stdout.fnmatch_lines(["*RERUN*", "*1 rerun*"])
        assert checks(pytester) == BOTH_ONCE
        assert log(pytester) == ["begin", "prepare", "open", "prove again patient=True", "close None"]

    def test_of_a_crashed_worker_are_none_of_the_gate(self, run_gate: RunGate, pytester: pytest.Pytester) -> None:
        pytester.makepyfile(CRASHES_ONCE)
        result = run_gate("-n2", "--reruns=1", "--junitxml=junit.xml")
        result.stdout.fnmatch_lines(["*infragate: complete*"])
        assert checks(pytester) == BOTH_ONCE
        assert log(pytester).count("open") == 1


class TestRandomly:
    @pytest.fixture(autouse=True)
    def plugin(self) -> None:
        pytest.importorskip("pytest_randomly")

    @pytest.mark.parametrize("seed", ["1", "2"])
    def test_shuffles_tests_and_no_checks(self, run_gate: RunGate, pytester: pytest.Pytester, seed: str) -> None:
        pytester.makepyfile("\n".join(f"def test_{number}(): pass" for number in range(8)))
        early = [(f"IG91{number}", f"early-{number}", "health", "*", "passed", "") for number in range(4)]
        late = [(f"IG92{number}", f"late-{number}", "health", "*", "passed", "") for number in range(4)]
        result = run_gate(*IN_PROCESS, "-v", f"--randomly-seed={seed}", early=early, late=late, in_order=False)
        told = [line.split()[0].rpartition("::")[2] for line in result.outlines if " PASSED" in line]
        tests = told[4:-4]
        assert told == [answer[1] for answer in early] + tests + [answer[1] for answer in late]
        assert sorted(tests) == [f"test_{number}" for number in range(8)]
        assert tests != sorted(tests)


class TestHtml:
    @pytest.mark.parametrize("distribution", [IN_PROCESS, ("-n2", "--dist", "each")], ids=" ".join)
    def test_shows_each_check_with_its_reason(
        self, run_gate: RunGate, pytester: pytest.Pytester, distribution: tuple[str, ...]
    ) -> None:
        pytest.importorskip("pytest_html")
        pytester.makepyfile("def test_it(): pass")
        run_gate(*distribution, "--html=report.html", "--self-contained-html", late=[DIED])
        assert html_checks(pytester.path) == [
            ("infragate/health::service-ready[api]", "Passed"),
            ("infragate/health::service-stayed-healthy[api]", "Failed"),
        ]
        assert "api died during the suite" in (pytester.path / "report.html").read_text(encoding="utf-8")


class TestCoverage:
    @pytest.fixture(autouse=True)
    def plugin(self, pytester: pytest.Pytester) -> None:
        pytest.importorskip("pytest_cov")
        pytester.makepyfile(
            code_under_test="def used():\n    return 1\ndef unused():\n    return 2\n",
            test_code="from code_under_test import used\ndef test_it(): assert used() == 1\n",
        )

    @pytest.mark.parametrize("distribution", [IN_PROCESS, ("-n2",)], ids=" ".join)
    def test_that_is_too_low_fails_the_run_and_not_the_gate(
        self, run_gate: RunGate, distribution: tuple[str, ...]
    ) -> None:
        measured = ("--cov=code_under_test", "--cov-fail-under")
        low = run_gate(*distribution, *measured, "76")
        assert low.ret == pytest.ExitCode.TESTS_FAILED
        low.stdout.fnmatch_lines(["*infragate: complete*"])
        assert run_gate(*distribution, *measured, "75").ret == pytest.ExitCode.OK

    def test_measures_the_same_lines_as_without_the_gate(self, run_gate: RunGate, pytester: pytest.Pytester) -> None:
        lines = []
        for gate in ((), ("-p", "no:tests.acceptance.fake_gate")):
            run_gate("-n2", "--cov=code_under_test", "--cov-report=json", *gate)
            lines.append(_executed_lines(pytester.path / "coverage.json"))
        assert lines[0] == lines[1] == [1, 2, 3]


class TestMemoryOfFailures:
    """``--lf``, ``--ff`` and ``--sw`` begin with the test that failed; a check is none."""

    @pytest.fixture(autouse=True)
    def suite(self, pytester: pytest.Pytester) -> None:
        pytester.makepyfile(THREE)

    @pytest.mark.parametrize("distribution", [IN_PROCESS, ("-n2",)], ids=" ".join)
    def test_last_failed_names_the_test(
        self, run_gate: RunGate, pytester: pytest.Pytester, distribution: tuple[str, ...]
    ) -> None:
        run_gate(*distribution, late=[DIED])
        assert "infragate" not in (pytester.path / ".pytest_cache/v/cache/lastfailed").read_text(encoding="utf-8")
        again = run_gate(*distribution, "--lf")
        again.assert_outcomes(passed=2, failed=1)

    def test_failed_first_runs_the_failed_test_first(self, run_gate: RunGate) -> None:
        run_gate(*IN_PROCESS, late=[DIED])
        again = run_gate(*IN_PROCESS, "--ff", "-v")
        told = [line.split()[0].rpartition("::")[2] for line in again.outlines if "%]" in line]
        assert told == ["service-ready[api]", "test_second", "test_first", "test_third", "service-stayed-healthy[api]"]

    @pytest.mark.parametrize("distribution", [IN_PROCESS, ("-n1",)], ids=" ".join)
    def test_stepwise_goes_on_from_the_test(self, run_gate: RunGate, distribution: tuple[str, ...]) -> None:
        run_gate(*distribution, "--sw", late=[DIED])
        again = run_gate(*distribution, "--sw", "-v", late=[DIED])
        assert not any("test_first" in line and "PASSED" in line for line in again.outlines)
        assert any("test_second" in line and "FAILED" in line for line in again.outlines)

    def test_stepwise_at_a_closed_gate_remembers_nothing(self, run_gate: RunGate) -> None:
        run_gate(*IN_PROCESS, "--sw", early=[BROKEN])
        again = run_gate(*IN_PROCESS, "--sw")
        again.assert_outcomes(passed=3, failed=1)


class TestStoppingEarly:
    @pytest.mark.parametrize(
        "arguments",
        [(*IN_PROCESS, "-x"), (*IN_PROCESS, "--maxfail=2"), ("-n0", "-x"), ("-n1", "--maxfail=1"), ("-n4", "-x")],
        ids=" ".join,
    )
    def test_loses_tests_and_no_checks(
        self, run_gate: RunGate, pytester: pytest.Pytester, arguments: tuple[str, ...]
    ) -> None:
        pytester.makepyfile(THREE)
        result = run_gate(*arguments, "-v", "--junitxml=junit.xml", late=[DIED])
        assert result.ret in (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED)
        assert checks(pytester) == BOTH_ONCE
        assert len(verbose_checks(result.outlines)) == 2
        assert log(pytester)[-1] == "close None"

    @pytest.mark.parametrize("distribution", [IN_PROCESS, ("-n2",)], ids=" ".join)
    def test_at_a_closed_gate_still_says_how_many_tests_were_not_run(
        self, run_gate: RunGate, pytester: pytest.Pytester, distribution: tuple[str, ...]
    ) -> None:
        pytester.makepyfile(THREE)
        result = run_gate(*distribution, "-x", early=[BROKEN])
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        result.stdout.fnmatch_lines(["The gate was closed before the first test: 3 tests were not run."])


class TestLittleOutput:
    @pytest.mark.parametrize("quiet", [("-q",), ("-qq",), ("-p", "no:terminal")], ids=" ".join)
    @pytest.mark.parametrize("distribution", [IN_PROCESS, ("-n2",)], ids=" ".join)
    def test_changes_no_verdict_and_no_report(
        self, run_gate: RunGate, pytester: pytest.Pytester, quiet: tuple[str, ...], distribution: tuple[str, ...]
    ) -> None:
        pytester.makepyfile("def test_it(): pass")
        assert run_gate(*distribution, *quiet, "--junitxml=junit.xml").ret == pytest.ExitCode.OK
        assert checks(pytester) == BOTH_ONCE
        assert run_gate(*distribution, *quiet, late=[DIED]).ret == pytest.ExitCode.TESTS_FAILED


class TestEnvironment:
    def test_of_others_is_left_to_them(self, run_gate: RunGate, pytester: pytest.Pytester) -> None:
        pytester.makeconftest(
            """
            import os
            def pytest_sessionstart(): os.environ["SET_BY_SOMEBODY"] = "1"
            def pytest_sessionfinish():
                del os.environ["SET_BY_SOMEBODY"]
                assert "INFRAGATE_FAKE" not in os.environ
            """
        )
        pytester.makepyfile("import os\ndef test_it(): assert os.environ['INFRAGATE_FAKE'] == '1'")
        assert run_gate(*IN_PROCESS).ret == pytest.ExitCode.OK


def _executed_lines(report: Path) -> object:
    (measured,) = json.loads(report.read_text(encoding="utf-8"))["files"].values()
    return measured["executed_lines"]
