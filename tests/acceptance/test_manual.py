"""The manual on the command line."""

from __future__ import annotations

import pytest


def test_the_checks_are_listed_and_no_test_is_run(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_one(): assert False")
    result = pytester.runpytest_subprocess("--infragate-list")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(
        ["Networks", "IG301  host-port-conflict *error * error *", "The running stack", "IG921*"]
    )
    assert "test session" not in str(result.stdout)


def test_one_check_is_explained(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("--infragate-explain", "log-clean")
    assert result.ret == pytest.ExitCode.OK
    assert result.outlines[0] == "IG914 log-clean"


def test_a_typo_is_a_usage_error_with_what_was_meant(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("--infragate-explain", "log-claen")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*there is no check 'log-claen'; did you mean 'log-clean'?*"])
