"""What a person sees of a closed gate, with as little and as much as asked for."""

from __future__ import annotations

import pytest

from .conftest import READY, STAYED, Answer, RunGate

SICK: Answer = ("IG911", "service-ready", "health", "api", "failed", "api is unhealthy\n  its healthcheck exits with 1")
LOST: Answer = ("IG913", "watch-complete", "health", "*", "error", "the event stream has a gap of 3 s")


@pytest.fixture(autouse=True)
def suite(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_one(): pass")


def test_a_failed_check_is_told_once(run_gate: RunGate, distribution: tuple[str, ...]) -> None:
    result = run_gate(*distribution, early=[SICK])
    assert str(result.stdout).count("api is unhealthy") == 1
    assert str(result.stdout).count("its healthcheck exits with 1") == 1
    result.stdout.fnmatch_lines(["1. service-ready[[]api]: api is unhealthy", "*its healthcheck*", "*= 1 failed, *"])
    for section in ("FAILURES", "short test summary", "infragate/health"):
        assert section not in str(result.stdout)


def test_checks_that_passed_have_no_line_and_are_counted(run_gate: RunGate, distribution: tuple[str, ...]) -> None:
    result = run_gate(*distribution)
    assert "infragate/health" not in str(result.stdout)
    tests = 4 if "each" in distribution else 1
    result.stdout.fnmatch_lines([f"*= {tests + 2} passed in *"])
    assert any(line.endswith("[100%]") for line in result.outlines)


def test_q_is_shorter_and_v_tells_all(run_gate: RunGate) -> None:
    quiet = run_gate("-p", "no:xdist", "-q", early=[SICK])
    assert "its healthcheck" not in str(quiet.stdout)
    quiet.stdout.fnmatch_lines(["1. service-ready[[]api]: api is unhealthy", "More of each: with -v*"])
    loud = run_gate("-p", "no:xdist", "-v", early=[SICK])
    loud.stdout.fnmatch_lines(
        ["infragate/health::service-ready[[]api] FAILED*", "*= FAILURES =*", "*short test summary info*"]
    )


def test_a_test_that_failed_keeps_pytests_own_sections(run_gate: RunGate, pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_bad(): assert 0, 'my own reason'")
    result = run_gate("-p", "no:xdist", late=[LOST])
    result.stdout.fnmatch_lines(["*= FAILURES =*", "*my own reason*", "*short test summary info*", "FAILED test_*"])


@pytest.mark.parametrize("arguments", [(), ("--tb=short",), ("-rA",)])
def test_a_check_that_could_not_be_evaluated_is_told_once(run_gate: RunGate, arguments: tuple[str, ...]) -> None:
    result = run_gate("-p", "no:xdist", *arguments, early=[READY], late=[STAYED, LOST])
    assert str(result.stdout).count("the event stream has a gap") == 1
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_github_reads_what_is_wrong_from_the_output_at_the_beginning_of_lines(
    run_gate: RunGate, distribution: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    result = run_gate(*distribution, "--color=yes", early=[SICK])
    told = [line for line in result.outlines if "::error" in line]
    assert told == ["::error title=IG911 service-ready[api]::api is unhealthy%0A  its healthcheck exits with 1"]
