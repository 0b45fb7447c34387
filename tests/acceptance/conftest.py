"""Runs pytest as a user would, with evidence given beforehand."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ..projects import NOT_SHUFFLED

pytest_plugins = ("pytester",)

ROOT = Path(__file__).resolve().parents[2]
Answer = tuple[str, str, str, str, str, str]
RunGate = Callable[..., pytest.RunResult]

READY: Answer = ("IG911", "service-ready", "health", "api", "passed", "healthy after 0.5 s")
STAYED: Answer = ("IG912", "service-stayed-healthy", "health", "api", "passed", "")


@pytest.fixture(params=["in process", "-n0", "-n2", "-n4 each"])
def distribution(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """The ways in which tests are handed out; every test of the edge holds in all of them."""
    return {
        "in process": ("-p", "no:xdist"),
        "-n0": ("-n0",),
        "-n2": ("-n2",),
        "-n4 each": ("-n4", "--dist", "each"),
    }[request.param]


@pytest.fixture
def run_gate(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> RunGate:
    """Run pytest in a subprocess with a gate that receives these answers.

    ``slow_s``: how long it takes to open, to prove again and to close. ``in_order``: without pytest-randomly.
    """

    def run(
        *arguments: str,
        early: Sequence[Answer] = (READY,),
        late: Sequence[Answer] = (STAYED,),
        static: bool = False,
        slow_s: float = 0.0,
        in_order: bool = True,
    ) -> pytest.RunResult:
        answers = {"early": early, "late": late, "static": static, "slow_s": slow_s}
        monkeypatch.setenv("FAKE_GATE", json.dumps(answers))
        monkeypatch.setenv("PYTHONPATH", str(ROOT))
        monkeypatch.setenv("PYTEST_ADDOPTS", NOT_SHUFFLED if in_order else "")
        return pytester.runpytest_subprocess("-p", "tests.acceptance.fake_gate", *arguments, timeout=120)

    return run
