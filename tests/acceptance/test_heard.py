"""The gate hears when each test begins and ends, however tests are handed out, and nothing of its own checks."""

from __future__ import annotations

import json

import pytest

from .conftest import RunGate


def heard(pytester: pytest.Pytester) -> tuple[list[str], list[str]]:
    """Return the tests that the gate heard of, and those that it thinks are still running."""
    told = json.loads((pytester.path / "heard.json").read_text())
    return sorted(told["heard"]), sorted(told["running"])


def test_every_test_is_heard_to_its_end(
    run_gate: RunGate, distribution: tuple[str, ...], pytester: pytest.Pytester
) -> None:
    pytester.makepyfile(test_suite="def test_one(): pass\ndef test_two(): assert False\n")
    run_gate(*distribution)
    assert heard(pytester) == (["test_suite.py::test_one", "test_suite.py::test_two"], [])


def test_a_test_whose_worker_crashes_is_over(run_gate: RunGate, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_suite="import os\ndef test_one(): os._exit(1)\n")
    run_gate("-n1", "--max-worker-restart=0")
    assert heard(pytester) == (["test_suite.py::test_one"], [])
