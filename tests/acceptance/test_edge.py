"""Exit status and reports: whatever tests are chosen, checks are neither lost nor doubled."""

from __future__ import annotations

import pytest

from ..outputs import junit_cases, percentages, verbose_checks
from .conftest import READY, STAYED, Answer, RunGate

BROKEN: Answer = ("IG911", "service-ready", "health", "api", "failed", "api is unhealthy: its healthcheck exits with 1")
DIED: Answer = ("IG912", "service-stayed-healthy", "health", "api", "failed", "api died during the suite")
LOST: Answer = ("IG913", "watch-complete", "health", "*", "error", "the event stream has a gap of 3 s")
SKIPPED: Answer = ("IG921", "edge-open", "connectivity", "api -> db:5432", "not-run", "db is not ready")

TESTS = """
import os
def test_one(): assert os.environ.get("INFRAGATE_FAKE") or "PYTEST_XDIST_WORKER" in os.environ
def test_two(): pass
"""


@pytest.fixture(autouse=True)
def suite(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(TESTS)


def log(pytester: pytest.Pytester) -> list[str]:
    return (pytester.path / "gate.log").read_text().splitlines()


def test_an_open_gate_and_green_tests_are_green(run_gate: RunGate, distribution: tuple[str, ...]) -> None:
    result = run_gate(*distribution)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["*= infragate: complete =*", "health*passed*2 checks"])


def test_a_closed_gate_runs_no_test_and_says_so_once(
    run_gate: RunGate, distribution: tuple[str, ...], pytester: pytest.Pytester
) -> None:
    result = run_gate(*distribution, "--junitxml=junit.xml", early=[BROKEN])
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        ["*infragate: incomplete*", "The gate was closed before the first test: 2 tests were not run."]
    )
    assert [
        case for case in junit_cases(pytester.path) if case[0] == "test_a_closed_gate_runs_no_test_and_says_so_once"
    ] == []
    assert ("infragate.health", "service-ready[api]", "failure") in junit_cases(pytester.path)


@pytest.mark.parametrize("late", [DIED, LOST], ids=["failed", "error"])
def test_green_tests_do_not_save_a_stack_that_broke_under_them(
    run_gate: RunGate, distribution: tuple[str, ...], late: Answer
) -> None:
    result = run_gate(*distribution, late=[late])
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*infragate: incomplete*"])


def test_each_check_is_reported_exactly_once(
    run_gate: RunGate, distribution: tuple[str, ...], pytester: pytest.Pytester
) -> None:
    result = run_gate(*distribution, "-v", "--junitxml=junit.xml", early=[READY], late=[DIED, LOST])
    checks = [case for case in junit_cases(pytester.path) if case[0].startswith("infragate.")]
    assert checks == [
        ("infragate.health", "service-ready[api]", "passed"),
        ("infragate.health", "service-stayed-healthy[api]", "failure"),
        ("infragate.health", "watch-complete", "error"),
    ]
    assert verbose_checks(result.outlines) == [
        ("infragate/health::service-ready[api]", "PASSED"),
        ("infragate/health::service-stayed-healthy[api]", "FAILED"),
        ("infragate/health::watch-complete", "ERROR"),
    ]


def test_progress_stays_within_a_hundred_percent(run_gate: RunGate, distribution: tuple[str, ...]) -> None:
    result = run_gate(*distribution, "-v")
    assert max(percentages(result.outlines)) == 100


@pytest.mark.parametrize(
    "arguments", [("-k", "one"), ("-x",), ("--deselect", "test_x.py::test_one"), ("--lf",), ("--ff",)]
)
@pytest.mark.parametrize(("late", "status"), [(STAYED, 0), (DIED, 1)], ids=["open", "closed"])
def test_choosing_tests_neither_hides_a_closed_gate_nor_closes_an_open_one(
    run_gate: RunGate, arguments: tuple[str, ...], late: Answer, status: int
) -> None:
    assert run_gate("-p", "no:xdist", *arguments, late=[late]).ret == status


def test_last_failed_after_a_closed_gate_runs_the_suite(run_gate: RunGate) -> None:
    assert run_gate(late=[DIED]).ret == pytest.ExitCode.TESTS_FAILED
    second = run_gate("--lf")
    assert second.ret == pytest.ExitCode.OK
    second.stdout.fnmatch_lines(["*4 passed*"])


def test_a_failed_test_does_not_close_the_gate_but_fails_the_run(
    run_gate: RunGate, distribution: tuple[str, ...], pytester: pytest.Pytester
) -> None:
    pytester.makepyfile("def test_bad(): assert 0")
    result = run_gate(*distribution)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*infragate: complete*"])
    assert log(pytester)[-2] == "prove again patient=False"


@pytest.mark.parametrize("arguments", [("-x",), ("-x", "-n2"), ("--maxfail=1", "-n2", "--dist", "each"), ("--sw",)])
def test_a_suite_that_stops_at_its_first_failure_does_not_close_the_gate(
    run_gate: RunGate, arguments: tuple[str, ...], pytester: pytest.Pytester
) -> None:
    pytester.makepyfile("def test_bad(): assert 0\ndef test_lost(): pass")
    result = run_gate(*arguments)
    assert result.ret in (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED)
    result.stdout.fnmatch_lines(["*infragate: complete*"])


def test_a_crashed_worker_loses_its_test_and_no_check(run_gate: RunGate, pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import os\ndef test_crash(): os._exit(3)")
    result = run_gate("-n2", "--junitxml=junit.xml")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*crashed while running*", "*infragate: complete*"])
    assert len([case for case in junit_cases(pytester.path) if case[0] == "infragate.health"]) == 2


def test_the_gate_opens_before_and_closes_after_every_test(
    run_gate: RunGate, distribution: tuple[str, ...], pytester: pytest.Pytester
) -> None:
    pytester.makepyfile(
        f"""
        import pathlib
        import pytest
        def note(text):
            with open({str(pytester.path / "gate.log")!r}, "a") as stream:
                stream.write(text + "\\n")
        @pytest.fixture(scope="session", autouse=True)
        def slow_end():
            yield
            note("test over")
        def test_it(): note("test")
        """
    )
    assert run_gate(*distribution).ret == 0
    noted = log(pytester)
    assert noted[:3] == ["begin", "prepare", "open"]
    assert noted[-2:] == ["prove again patient=True", "close None"]
    assert noted.count("test over") == noted.count("test") >= 1


def test_nothing_collected_and_nothing_selected_means_the_gate_is_the_run(
    run_gate: RunGate, pytester: pytest.Pytester
) -> None:
    for path in pytester.path.glob("test_*.py"):
        path.unlink()
    assert run_gate("-p", "no:xdist").ret == pytest.ExitCode.OK
    assert run_gate("-p", "no:xdist", late=[DIED]).ret == pytest.ExitCode.TESTS_FAILED


def test_a_selection_that_matches_nothing_keeps_its_status(run_gate: RunGate) -> None:
    assert run_gate("-p", "no:xdist", "-k", "nothing_like_this").ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert run_gate("-p", "no:xdist", "absent_folder").ret == pytest.ExitCode.USAGE_ERROR


def test_tests_that_cannot_be_collected_leave_the_gate_unevaluated(
    run_gate: RunGate, pytester: pytest.Pytester
) -> None:
    pytester.makepyfile("import absent_module")
    result = run_gate("-p", "no:xdist")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert "open" not in log(pytester)
    result.stdout.fnmatch_lines(["*ERROR collecting *", "*absent_module*", "*infragate: incomplete*"])


def test_without_a_terminal_the_exit_status_is_the_same(run_gate: RunGate) -> None:
    assert run_gate("-p", "no:terminal", "-p", "no:xdist").ret == pytest.ExitCode.OK
    assert run_gate("-p", "no:terminal", "-p", "no:xdist", late=[DIED]).ret == pytest.ExitCode.TESTS_FAILED


def test_a_check_that_was_not_run_is_shown_and_closes_the_gate(run_gate: RunGate, pytester: pytest.Pytester) -> None:
    result = run_gate("-p", "no:xdist", "--junitxml=junit.xml", early=[READY, SKIPPED])
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert ("infragate.connectivity", "edge-open[api -> db:5432]", "skipped") in junit_cases(pytester.path)


def test_an_interruption_is_never_complete_and_still_closes(run_gate: RunGate, pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(): raise KeyboardInterrupt")
    result = run_gate("-p", "no:xdist")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert log(pytester)[-1] == "close the run was interrupted"
    result.stdout.fnmatch_lines(["*infragate: incomplete*"])


def test_an_interruption_that_is_interrupted_itself_is_never_complete(
    run_gate: RunGate, pytester: pytest.Pytester
) -> None:
    pytester.makepyfile("def test_it(): raise KeyboardInterrupt")
    pytester.makeconftest(
        "import pytest\n"
        "@pytest.hookimpl(tryfirst=True)\n"
        "def pytest_keyboard_interrupt(): raise KeyboardInterrupt('the second Ctrl-C')\n"
    )
    result = run_gate("-p", "no:xdist")
    assert result.ret != pytest.ExitCode.OK
    assert log(pytester)[-1] == "close the run was interrupted"


def test_a_suite_that_asks_to_exit_with_0_is_never_complete(run_gate: RunGate, pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import pytest\ndef test_it(): pytest.exit('enough', returncode=0)")
    assert run_gate("-p", "no:xdist").ret != pytest.ExitCode.OK
    assert log(pytester)[-1] == "close the run was interrupted"


def test_a_static_run_without_paths_collects_nothing(run_gate: RunGate, pytester: pytest.Pytester) -> None:
    pytester.makepyfile("raise SystemExit('collected')")
    rule: Answer = ("IG201", "floating-image-tag", "configuration", "*", "passed", "")
    result = run_gate(early=[rule], late=[], static=True)
    assert result.ret == pytest.ExitCode.OK
    assert run_gate("-n2", early=[rule], late=[], static=True).ret == pytest.ExitCode.OK


def test_a_static_run_with_paths_runs_the_tests(run_gate: RunGate, pytester: pytest.Pytester) -> None:
    rule: Answer = ("IG201", "floating-image-tag", "configuration", "*", "passed", "")
    path = next(pytester.path.glob("test_*.py")).name
    run_gate("-p", "no:xdist", path, early=[rule], late=[], static=True).assert_outcomes(passed=3)
